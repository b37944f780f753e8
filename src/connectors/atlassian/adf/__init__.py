"""Atlassian's rich text, the Atlassian Document Format: to Markdown, to plain text, and back.

Documents are what a JSON decoder makes: dicts, lists, texts. Nothing here raises for a document
that is malformed, of unknown nodes, or nested without end; its text is kept.
"""

from src.connectors.atlassian.adf.markdown import to_markdown
from src.connectors.atlassian.adf.text import from_text, to_text

__all__ = ["from_text", "to_markdown", "to_text"]
