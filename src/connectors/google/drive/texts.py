"""The text of a file: Google's own are exported, others are read if they are text.

Source: developers.google.com/workspace/drive/api/guides/manage-downloads.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Literal

from src.connectors.google.drive.ids import Ref
from src.connectors.google.drive.kinds import EXPORTS, SPREADSHEET, format_of, is_text
from src.connectors.google.drive.schemas import File
from src.connectors.rest.client import RestClient
from src.core.errors import ProviderForbidden
from src.models.unified import BodyFormat

Missing = Literal["notText", "tooLarge", "notAllowed", "targetGone", "pageTooLarge"]
"""Why a body is empty."""

LARGEST_TEXT = 1024 * 1024
"""Of files that are not Google's own, in bytes; exports end at 10 MB by themselves."""

_ANYTHING = {"Accept": "*/*"}
_TOO_LARGE = frozenset({"exportSizeLimitExceeded"})
_NOT_ALLOWED = frozenset(
    {
        "cannotDownloadFile",
        "cannotDownloadAbusiveFile",
        "cannotExportFile",
        "fileNotDownloadable",
        "fileNotExportable",
    }
)
_PICTURE = re.compile(r"^\[image\d+\]: <data:[^>\n]*>[ \t]*\n?", re.MULTILINE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """What can be read of a file."""

    body: str = ""
    format: BodyFormat = "text"
    missing: Missing | None = None
    covers: Literal["firstSheet"] | None = None
    """The part of the file that the body is."""


async def text_of(rest: RestClient, file: File, ref: Ref) -> Text:
    """The text of a file, or why there is none."""
    if file.capabilities is not None and not file.capabilities.can_download:
        return Text(missing="notAllowed")
    try:
        if file.mime_type in EXPORTS:
            return await _exported(rest, file, ref)
        return await _downloaded(rest, file, ref)
    except ProviderForbidden as error:
        # The limits of an export, and owners who forbid copies, show only when it is asked for;
        # the file itself is there all the same.
        reason = error.details.get("reason")
        if reason in _TOO_LARGE:
            return Text(missing="tooLarge")
        if reason in _NOT_ALLOWED:
            return Text(missing="notAllowed")
        raise


async def _exported(rest: RestClient, file: File, ref: Ref) -> Text:
    mime_type, body_format = EXPORTS[file.mime_type]
    answer = await rest.call(
        "GET",
        "/drive/v3/files/{file}/export",
        params={"mimeType": mime_type},
        headers={**_ANYTHING, **ref.headers},
        file=file.id,
    )
    body = decoded(answer.content)
    if body_format == "markdown":
        # Pictures stand at the end, whole, in base64.
        body = _PICTURE.sub("", body)
    # A table of comma separated values has no place for a second sheet.
    is_sheet = file.mime_type == SPREADSHEET
    return Text(body, body_format, covers="firstSheet" if is_sheet else None)


async def _downloaded(rest: RestClient, file: File, ref: Ref) -> Text:
    if not is_text(file.mime_type):
        return Text(missing="notText")
    if int(file.size or 0) > LARGEST_TEXT:
        return Text(missing="tooLarge")
    answer = await rest.call(
        "GET",
        "/drive/v3/files/{file}",
        params={"alt": "media", "supportsAllDrives": "true"},
        headers={**_ANYTHING, **ref.headers},
        file=file.id,
    )
    return Text(decoded(answer.content), format_of(file.mime_type))


def decoded(content: bytes) -> str:
    """Bytes as text: by their mark, else as UTF-8, else as what old programs write."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
