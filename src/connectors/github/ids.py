"""Our ids of GitHub's things. They use the repository's number, which survives a rename."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, Self, cast

from src.core.errors import ValidationFailed

ItemKind = Literal["issue", "pull"]
CommentKind = Literal["comment", "review-comment", "review"]

_ORGANIZATION = re.compile(r"org:([A-Za-z0-9_-]{1,100})")
_INSTALLATION = re.compile(r"inst:([0-9]{1,19})")
_REPOSITORY = re.compile(r"repo:([0-9]{1,19})")
_ITEM = re.compile(r"([0-9]{1,19}):(issue|pull):([0-9]{1,10})")
_COMMENT = re.compile(r"([0-9]{1,19}):(comment|review-comment|review):([0-9]{1,19})")


def organization_id(login: str) -> str:
    """The container id of an organisation."""
    return f"org:{login}"


def installation_id(number: int | str) -> str:
    """The container id of an installation of a GitHub App."""
    return f"inst:{number}"


def parse_installation(text: str) -> str | None:
    """The number in an installation's id; None for ids of other things."""
    match = _INSTALLATION.fullmatch(text)
    return match[1] if match else None


def repository_id(number: int | str) -> str:
    """The container id of a repository."""
    return f"repo:{number}"


def parse_organization(text: str) -> str | None:
    """The login in an organisation's id; None for ids of other things."""
    match = _ORGANIZATION.fullmatch(text)
    return match[1] if match else None


def parse_repository(text: str, field: str) -> str:
    """The number in a repository's id.

    Raises:
        ValidationFailed: It is no repository's id.
    """
    match = _REPOSITORY.fullmatch(text)
    if match is None:
        raise ValidationFailed([(field, "must be the id of a repository (repo:…)")])
    return match[1]


def item_id(repository: int | str, kind: ItemKind, number: int) -> str:
    """The id of an issue or a pull request."""
    return f"{repository}:{kind}:{number}"


@dataclass(frozen=True, slots=True)
class ItemRef:
    """An issue or a pull request: repository number, kind, number."""

    repository: str
    kind: ItemKind
    number: int

    def __str__(self) -> str:
        return item_id(self.repository, self.kind, self.number)

    @property
    def at(self) -> dict[str, Any]:
        """The values of a path."""
        return {"repository": self.repository, "number": self.number}

    @classmethod
    def parse(cls, text: str, field: str = "itemId") -> Self:
        """Read an item id.

        Raises:
            ValidationFailed: It is none.
        """
        match = _ITEM.fullmatch(text)
        if match is None:
            raise ValidationFailed([(field, "must be an id that the items route gave")])
        return cls(match[1], "issue" if match[2] == "issue" else "pull", int(match[3]))

    def comment(self, number: int) -> str:
        """The id of a comment in the conversation."""
        return f"{self.repository}:comment:{number}"

    def review_comment(self, number: int) -> str:
        """The id of a comment on the diff."""
        return f"{self.repository}:review-comment:{number}"

    def review(self, number: int) -> str:
        """The id of a review."""
        return f"{self.repository}:review:{number}"


@dataclass(frozen=True, slots=True)
class CommentRef:
    """A comment of any kind: repository number, kind, number."""

    repository: str
    kind: CommentKind
    number: int

    @classmethod
    def parse(cls, text: str, field: str = "recordId") -> Self:
        """Read a comment's id.

        Raises:
            ValidationFailed: It is none.
        """
        match = _COMMENT.fullmatch(text)
        if match is None:
            raise ValidationFailed([(field, "must be the id of a comment")])
        return cls(match[1], cast("CommentKind", match[2]), int(match[3]))
