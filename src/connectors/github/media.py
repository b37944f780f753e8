"""Media types of files by their names, the same on every machine."""

from __future__ import annotations

from mimetypes import MimeTypes

DIRECTORY = "inode/directory"
SYMLINK = "inode/symlink"
SUBMODULE = "application/x-git-submodule"
UNKNOWN = "application/octet-stream"
_KNOWN = MimeTypes(filenames=())
_CODE = {
    ".md": "text/markdown",
    ".rb": "text/x-ruby",
    ".rs": "text/x-rust",
    ".go": "text/x-go",
    ".toml": "application/toml",
    ".ts": "text/x-typescript",
    ".tsx": "text/x-typescript",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


def media_type(name: str) -> str | None:
    """What a file's name says of its content; None when it says nothing."""
    dot = name.rfind(".")
    return (
        _CODE.get(name[dot:].lower()) or _KNOWN.guess_type(f"x{name[dot:]}" if dot > 0 else "x")[0]
    )
