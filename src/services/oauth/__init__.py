"""The OAuth connect flow: a start that keeps a state, and the callback that uses it up.

What is checked against RFC 9700 stands in ``docs/security.md``.
"""
