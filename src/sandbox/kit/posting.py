"""How an imitation delivers what it has to tell."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

Post: TypeAlias = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""Sends headers and a body to an address; the status of the answer, 0 when there was none.

Whoever runs the imitation hands it in.
"""
