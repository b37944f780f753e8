"""Confluence's storage format, read into the document tree that ``atlassian.adf`` writes.

Storage is XHTML with elements of Atlassian's own (``ac:``, ``ri:``), CDATA and HTML's entities. An
HTML parser nests what follows into every self-closed ``<ri:user …/>`` and ends CDATA at its first
``>``; converters from HTML drop the macros. An XML parser reads it as it is meant once it is told
of a DTD that it need not fetch (ADR 0022).
"""

from src.connectors.confluence.storage.reader import from_storage

__all__ = ["from_storage"]
