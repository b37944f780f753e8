"""What pages and comments say, as Markdown."""

from __future__ import annotations

import msgspec

from src.connectors.atlassian.adf import to_markdown
from src.connectors.confluence.schemas import Text
from src.connectors.confluence.storage import from_storage

BODY_FORMAT = "atlas_doc_format"
"""What is asked for: unlike storage it names the people whom a page mentions."""


def to_body(text: Text | None) -> str:
    """A text in whichever representation it came.

    Raises:
        ValueError: A document that is no JSON.
    """
    if text is None:
        return ""
    if text.atlas_doc_format is not None and text.atlas_doc_format.value:
        # A text that holds JSON, where Jira has the document itself.
        try:
            return to_markdown(msgspec.json.decode(text.atlas_doc_format.value))
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError("a document is no JSON") from error
    if text.storage is not None and text.storage.value:
        return to_markdown(from_storage(text.storage.value))
    return ""
