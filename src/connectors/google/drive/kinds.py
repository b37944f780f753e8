"""What files are: by their media types, of which Google's own have no bytes but exports.

Source: developers.google.com/workspace/drive/api/guides/mime-types and …/ref-export-formats.
"""

from __future__ import annotations

from src.models.unified import BodyFormat

GOOGLE = "application/vnd.google-apps."
FOLDER = f"{GOOGLE}folder"
SHORTCUT = f"{GOOGLE}shortcut"
DOCUMENT = f"{GOOGLE}document"
SPREADSHEET = f"{GOOGLE}spreadsheet"
PRESENTATION = f"{GOOGLE}presentation"
SCRIPT = f"{GOOGLE}script"

TYPES = {
    "document": DOCUMENT,
    "drawing": f"{GOOGLE}drawing",
    "folder": FOLDER,
    "form": f"{GOOGLE}form",
    "map": f"{GOOGLE}map",
    "presentation": PRESENTATION,
    "script": SCRIPT,
    "shortcut": SHORTCUT,
    "site": f"{GOOGLE}site",
    "spreadsheet": SPREADSHEET,
}
"""Types of items that are Google's own; everything else is a ``file``."""

EXPORTS: dict[str, tuple[str, BodyFormat]] = {
    DOCUMENT: ("text/markdown", "markdown"),
    SPREADSHEET: ("text/csv", "text"),
    PRESENTATION: ("text/plain", "text"),
    SCRIPT: (f"{GOOGLE}script+json", "text"),
}
"""As what a text is exported, and what it is for us."""

_TEXTUAL = frozenset(
    {
        "application/ecmascript",
        "application/javascript",
        "application/json",
        "application/sql",
        "application/toml",
        "application/x-httpd-php",
        "application/x-javascript",
        "application/x-ndjson",
        "application/x-sh",
        "application/x-tex",
        "application/x-yaml",
        "application/xml",
        "application/yaml",
    }
)


def type_of(mime_type: str) -> str:
    """The type of an item."""
    if not mime_type.startswith(GOOGLE):
        return "file"
    # Files of other apps have types such as drive-sdk.796396377186.
    kind = mime_type.removeprefix(GOOGLE).partition(".")[0]
    return kind if kind in TYPES else "file"


def is_text(mime_type: str) -> bool:
    """Whether the bytes of a file can be read by a person."""
    plain = mime_type.partition(";")[0].strip().lower()
    return plain.startswith("text/") or plain in _TEXTUAL or plain.endswith(("+json", "+xml"))


def format_of(mime_type: str) -> BodyFormat:
    """What the text of a file is written in."""
    plain = mime_type.partition(";")[0].strip().lower()
    if plain == "text/html":
        return "html"
    return "markdown" if plain in {"text/markdown", "text/x-markdown"} else "text"
