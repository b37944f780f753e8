"""Where a run stands in a list that moves: pages by number, and rows by which they are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from src.core.errors import InvalidCursor, ProviderUnavailable


class Mark(Struct, frozen=True, array_like=True):
    """Rows by which a page is known again."""

    index: int
    last: str
    middle: str

    @classmethod
    def of(cls, ids: Sequence[str]) -> Mark | None:
        """The mark of a page; None for an empty one."""
        return cls(len(ids) - 1, ids[-1], ids[len(ids) // 2]) if ids else None

    def stands(self, now: Sequence[str]) -> bool:
        """Whether the last row is where it was."""
        return self.index < len(now) and now[self.index] == self.last

    def is_near(self, now: Sequence[str]) -> bool:
        """Whether the list has moved by less than a page."""
        return not {self.last, self.middle}.isdisjoint(now)


class Place(Struct, frozen=True, array_like=True):
    """Where to go on: at a page's number, with the mark of the page before, or at a token."""

    page: int = 1
    before: Mark | None = None
    token: str | None = None

    @classmethod
    def read(cls, token: str | None) -> Place:
        """The place that a token names; None = the beginning.

        Raises:
            InvalidCursor: It is none of ours.
        """
        if token is None:
            return cls()
        try:
            return msgspec.json.decode(token, type=cls)
        except msgspec.DecodeError as error:
            raise InvalidCursor("The list has another form now. Start without a cursor.") from error

    def written(self) -> str:
        """The token of the place."""
        return msgspec.json.encode(self).decode()


@dataclass(slots=True)
class Window:
    """Pages that were read together, and what the last of them was then."""

    first: int
    last: int
    mark: Mark | None
    begin: Place
    repairs: int = 0
    is_asked: bool = False

    def stands(self, now: Sequence[str]) -> bool:
        """Whether the last row is where it was."""
        return not now if self.mark is None else self.mark.stands(now)

    def is_near(self, now: Sequence[str]) -> bool:
        """Whether the list has moved by less than a page."""
        return self.mark is not None and self.mark.is_near(now)


def too_fast() -> ProviderUnavailable:
    """What to raise where a list does not rest for long enough to be read."""
    return ProviderUnavailable(
        "The list changes faster than it can be read.", details={"at": "provider"}
    )
