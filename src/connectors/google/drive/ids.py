"""Ids of Drive: files and folders, shared drives, and the place of what others share.

``drive:folder:1AbC@0AbC~0-xyz`` is a folder in the shared drive 0AbC; what follows the tilde is the
resource key, without which some files that are shared by link do not open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from src.connectors.google.ids import not_an_id

Kind = Literal["file", "folder", "shortcut", "drive"]

_ID = r"[A-Za-z0-9_-]{1,200}"
_REF = re.compile(
    rf"drive:(?P<kind>file|folder|shortcut|drive):(?P<id>{_ID})(?:@(?P<drive>{_ID}))?(?:~(?P<key>{_ID}))?"
)
_BARE = re.compile(r"[A-Za-z0-9_-]{10,200}")

PATTERNS = {"file": re.compile(_ID), "drive": re.compile(_ID)}

SHARED_WITH_ME = "drive:shared"
"""What others share with the account, which is in no folder of its own."""

ACCOUNT = "drive:account"
"""The part of a run that is the account's own files with what others share: one list, one feed."""

ROOT = "root"
"""Drive's alias of the top folder of My Drive."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A file, a folder, a shortcut, or a shared drive."""

    kind: Kind
    id: str
    drive: str | None = None
    key: str | None = None

    def __str__(self) -> str:
        drive = f"@{self.drive}" if self.drive else ""
        return f"drive:{self.kind}:{self.id}{drive}{f'~{self.key}' if self.key else ''}"

    @property
    def headers(self) -> dict[str, str]:
        """What opens a file that is shared by link."""
        return {"X-Goog-Drive-Resource-Keys": f"{self.id}/{self.key}"} if self.key else {}

    @property
    def drive_id(self) -> str | None:
        """The shared drive that it is, or is in."""
        return self.id if self.kind == "drive" else self.drive

    def comment(self, comment_id: str) -> str:
        """The id of a comment on this file, or of an answer to one."""
        return f"{self}:comment:{comment_id}"


def every_id(file_id: str, drives: Iterable[str] = ()) -> list[str]:
    """The ids that a file may have had, where Drive tells no more than its own of it."""
    kinds: tuple[Kind, ...] = ("file", "shortcut", "folder")
    plain = [str(Ref(kind, file_id)) for kind in kinds]
    return [*plain, *(str(Ref("folder", file_id, drive)) for drive in drives)]


def parse(value: str, field: str) -> Ref:
    """Any of them.

    Raises:
        ValidationFailed: It is no id of Drive.
    """
    match = _REF.fullmatch(value)
    if match is None:
        raise not_an_id(field)
    kind: Kind = match["kind"]  # type: ignore[assignment]  # the pattern knows no other
    return Ref(kind, match["id"], match["drive"], match["key"])


def parse_item(value: str, field: str = "itemId") -> Ref:
    """A file, a folder or a shortcut.

    Raises:
        ValidationFailed: It is none.
    """
    ref = parse(value, field)
    if ref.kind == "drive":
        raise not_an_id(field)
    return ref


def parse_container(value: str, field: str) -> Ref | None:
    """A folder or a shared drive; None for what is shared with the account.

    Raises:
        ValidationFailed: It is none of these.
    """
    if value == SHARED_WITH_ME:
        return None
    ref = parse(value, field)
    if ref.kind not in {"folder", "drive"}:
        raise not_an_id(field)
    return ref


def named(value: str, field: str) -> Ref:
    """A file by our id, or by Google's own as it stands in an address.

    Raises:
        ValidationFailed: It is neither.
    """
    return Ref("file", value) if _BARE.fullmatch(value) else parse_item(value, field)
