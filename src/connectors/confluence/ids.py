"""Our ids of Confluence's things: a kind and Confluence's number, which survives moves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Self, cast

from src.core.errors import ValidationFailed

Kind = Literal["page", "blogpost", "folder", "whiteboard", "database", "embed"]
CommentKind = Literal["footer", "inline"]

TYPES: dict[Kind, str] = {
    "page": "page",
    "blogpost": "blog_post",
    "folder": "folder",
    "whiteboard": "whiteboard",
    "database": "database",
    "embed": "embed",
}
"""From Confluence's words to the types of items."""

COLLECTIONS: dict[Kind, str] = {
    "page": "pages",
    "blogpost": "blogposts",
    "folder": "folders",
    "whiteboard": "whiteboards",
    "database": "databases",
    "embed": "embeds",
}
"""The first part of the address of one."""

_SPACE = re.compile(r"space:([0-9]{1,19})")
_ITEM = re.compile(rf"({'|'.join(TYPES)}):([0-9]{{1,19}})")
_COMMENT = re.compile(r"(footer|inline):([0-9]{1,19})")


def space_id(number: int | str | None) -> str:
    """The container id of a space.

    Raises:
        ValueError: Confluence does not say which.
    """
    if number is None:
        raise ValueError("no space")
    return f"space:{number}"


def parse_space(text: str, field: str) -> str:
    """The number in a space's id.

    Raises:
        ValidationFailed: It is no space's id.
    """
    match = _SPACE.fullmatch(text)
    if match is None:
        raise ValidationFailed([(field, "must be the id of a space (space:…)")])
    return match[1]


def is_space(text: str) -> bool:
    """Whether an id is a space's."""
    return _SPACE.fullmatch(text) is not None


def parent_of(number: str | None, kind: str | None) -> str | None:
    """The id of what something lies below; None at the top."""
    return f"{kind or 'page'}:{number}" if number else None


@dataclass(frozen=True, slots=True)
class ItemRef:
    """Something in a space."""

    kind: Kind
    number: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.number}"

    @property
    def at(self) -> dict[str, str]:
        """Where it is: ``/wiki/api/v2/{collection}/{number}``."""
        return {"collection": COLLECTIONS[self.kind], "number": self.number}

    @property
    def is_written(self) -> bool:
        """Whether it has a body and comments."""
        return self.kind in {"page", "blogpost"}

    @classmethod
    def parse(cls, text: str, field: str = "itemId") -> Self:
        """Read an item id.

        Raises:
            ValidationFailed: It is none.
        """
        match = _ITEM.fullmatch(text)
        if match is None:
            raise ValidationFailed([(field, "must be an id that the items route gave")])
        return cls(cast("Kind", match[1]), match[2])


@dataclass(frozen=True, slots=True)
class CommentRef:
    """A comment."""

    kind: CommentKind
    number: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.number}"

    @classmethod
    def parse(cls, text: str, field: str) -> Self:
        """Read a comment id.

        Raises:
            ValidationFailed: It is none.
        """
        match = _COMMENT.fullmatch(text)
        if match is None:
            raise ValidationFailed([(field, "must be an id that the comments route gave")])
        return cls("footer" if match[1] == "footer" else "inline", match[2])
