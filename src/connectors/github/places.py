"""Ids of branches, directories and files: whole in themselves, and of characters that may be ids.

A directory's id holds its tree, so that opening it is one call. Where a path is too long for an id,
the tree or the blob stands for it alone.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from src.connectors.github.ids import parse_repository, repository_id
from src.core.errors import ValidationFailed

HEAD = "HEAD"
_LONGEST = 512
_SHA = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
_TEXT = r"[A-Za-z0-9_-]*"
_BRANCH = re.compile(rf"([0-9]{{1,19}}):branch:({_TEXT})")
_DIRECTORY = re.compile(rf"([0-9]{{1,19}}):dir:({_SHA}):({_TEXT})")
_TREE = re.compile(rf"([0-9]{{1,19}}):tree:({_SHA}):([0-9a-f]{{12}})")
_FILE = re.compile(rf"([0-9]{{1,19}}):file:({_TEXT})")
_BLOB = re.compile(rf"([0-9]{{1,19}}):blob:({_SHA}):[0-9a-f]{{12}}:({_TEXT})")

_NO_PATH = re.compile(r"(?:^|/)\.{0,2}(?:/|$)|[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""A segment that is none, or a character that no path of ours may hold."""


def _packed(*parts: str) -> str:
    return urlsafe_b64encode("\0".join(parts).encode()).decode().rstrip("=")


def _unpacked(text: str, parts: int, field: str) -> list[str]:
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("\0")
    except ValueError:
        found = []
    if len(found) != parts:
        raise ValidationFailed([(field, "must be an id that the resources route gave")])
    return found


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory at a branch; ``ref`` is empty for the default one, ``path`` for the root."""

    repository: str
    ref: str = ""
    path: str | None = ""
    """None where it was too long for an id."""
    tree: str | None = None
    """Its tree; None = that of the branch."""
    mark: str = ""
    """What tells it from a twin with the same tree, where the path cannot."""

    @property
    def id(self) -> str:
        """As ``parse`` takes it."""
        if self.tree is None:
            return (
                branch_id(self.repository, self.ref) if self.ref else repository_id(self.repository)
            )
        if self.path is not None:
            whole = f"{self.repository}:dir:{self.tree}:{_packed(self.ref, self.path)}"
            if len(whole) <= _LONGEST:
                return whole
        mark = self.mark or _digest(self.ref, self.path or "")
        return f"{self.repository}:tree:{self.tree}:{mark}"

    def below(self, path: str, tree: str) -> Directory:
        """A directory in this one."""
        mark = _digest(self.mark, path) if self.path is None else ""
        return Directory(self.repository, self.ref, self.join(path), tree, mark)

    def join(self, path: str) -> str | None:
        """The whole path of what is in this directory."""
        if self.path is None:
            return None
        return f"{self.path}/{path}" if self.path else path

    def file(self, path: str, sha: str) -> str:
        """The id of a file in this one."""
        whole = self.join(path)
        if whole is not None:
            text = f"{self.repository}:file:{_packed(self.ref, whole)}"
            if len(text) <= _LONGEST:
                return text
        name = _packed(path.rpartition("/")[2])
        mark = _digest(self.ref, whole or f"{self.mark}/{path}")
        return f"{self.repository}:blob:{sha}:{mark}:{name}"

    @classmethod
    def parse(cls, text: str, field: str) -> Directory:
        """Read the id of a repository, a branch or a directory.

        Raises:
            ValidationFailed: It is none.
        """
        if match := _DIRECTORY.fullmatch(text):
            ref, path = _unpacked(match[3], 2, field)
            return cls(match[1], ref, path, match[2])
        if match := _TREE.fullmatch(text):
            return cls(match[1], "", None, match[2], match[3])
        if match := _BRANCH.fullmatch(text):
            return cls(match[1], _unpacked(match[2], 1, field)[0])
        return cls(parse_repository(text, field))


@dataclass(frozen=True, slots=True)
class File:
    """A file: by branch and path, or where that was too long for an id by its blob."""

    name: str
    ref: str = ""
    path: str | None = None
    blob: str | None = None


def branch_id(repository: int | str, name: str) -> str:
    """The id of a branch."""
    return f"{repository}:branch:{_packed(name)}"


def branch_name(text: str, repository: str, field: str) -> str:
    """The name of a branch of this repository, from its id or as it is.

    No name of a branch holds a colon, so that the two cannot be mistaken.

    Raises:
        ValidationFailed: It is an id of another repository's.
    """
    match = _BRANCH.fullmatch(text)
    if match is None:
        return text
    _need_same(match[1], repository, field)
    return _unpacked(match[2], 1, field)[0]


def file_of(text: str, repository: str, field: str) -> File:
    """A file of this repository, from its id or its path.

    Raises:
        ValidationFailed: It is an id of another repository's, or no path.
    """
    if match := _FILE.fullmatch(text):
        _need_same(match[1], repository, field)
        ref, path = _unpacked(match[2], 2, field)
        return File(path.rpartition("/")[2], ref, path)
    if match := _BLOB.fullmatch(text):
        _need_same(match[1], repository, field)
        return File(_unpacked(match[3], 1, field)[0], blob=match[2])
    if _NO_PATH.search(text):
        why = "must be a path from the root of the repository, such as docs/guide.md"
        raise ValidationFailed([(field, why)])
    return File(text.rpartition("/")[2], path=text)


def _need_same(found: str, repository: str, field: str) -> None:
    if found != repository:
        raise ValidationFailed([(field, "is in another repository")])
