"""A search read from the oldest issue on, so that nothing is lost while issues change.

Each page asks for what comes at the minute of the last issue before it, or later: an issue that is
changed meanwhile moves to the end and is met there, and one that is deleted shifts no other out of
sight. Only where a whole page is of one minute Jira's own paging leads on.

Queries know minutes, and so does the place: what was given of its minute is remembered.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct

from src.connectors.jira import jql
from src.core.errors import InvalidCursor, ProviderUnavailable
from src.models.unified import Page

_MINUTE = 60
_MOST_SHIFTS = 20
"""So often a minute is read anew because issues before it have gone; a run that goes on later may
do so again."""


class Dated(Protocol):
    """What an issue is read as."""

    @property
    def id(self) -> str:
        """Its number."""

    @property
    def created_at(self) -> str | None:
        """When it was made."""

    @property
    def updated_at(self) -> str | None:
        """When it was changed."""


T = TypeVar("T", bound=Dated)
Find = Callable[[str, str | None], Awaitable[Page[T]]]
"""From a query and Jira's own token to a page of what it finds."""


class _Place(Struct, frozen=True, array_like=True):
    since: int | None = None
    given: tuple[str, ...] = ()
    """What has come of the minute ``since``."""
    inner: str | None = None
    last: str | None = None

    @classmethod
    def read(cls, token: str) -> _Place:
        try:
            return msgspec.json.decode(token, type=cls)
        except msgspec.DecodeError as error:
            raise InvalidCursor("The list has another form now. Start without a cursor.") from error

    def token(self) -> str:
        return msgspec.json.encode(self).decode()


@dataclass(frozen=True, slots=True)
class Ascending(Generic[T]):
    """One such search."""

    find: Find[T]
    conditions: tuple[str, ...]
    by: jql.Moment
    since: datetime | None = None
    overlaps: bool = False
    """Whether a further page of Jira's begins with the last issue of the one before."""

    async def pages(self, token: str | None) -> AsyncGenerator[Page[T], None]:
        """Pages from a token on.

        Raises:
            ProviderUnavailable: The list changes so fast that it cannot be read.
            AppError: Whatever the provider does.
        """
        place: _Place | None = _Place.read(token) if token else self._begin()
        shifts = 0
        while place is not None:
            query = jql.ascending(self.conditions, self.by, place.since)
            page = await self.find(query, place.inner)
            if self._is_shifted(place, page):
                shifts += 1
                if shifts > _MOST_SHIFTS:
                    raise _too_fast()
                place = _Place(place.since, place.given)
                continue
            known = {*place.given, place.last}
            fresh = tuple(row for row in page.items if row.id not in known)
            place = self._behind(place, page)
            following = place.token() if place else None
            yield Page(
                items=fresh,
                next_token=following,
                truncated=page.truncated,
                asked_at=page.asked_at,
            )

    def _begin(self) -> _Place:
        return _Place(None if self.since is None else _minute(jql.milliseconds(self.since)))

    def _is_shifted(self, place: _Place, page: Page[T]) -> bool:
        if not self.overlaps or place.last is None:
            return False
        return not page.items or page.items[0].id != place.last

    def _behind(self, place: _Place, page: Page[T]) -> _Place | None:
        if page.next_token is None:
            return None
        last = page.items[-1] if page.items else None
        minute = self._minute_of(last)
        if last is None or minute is None or minute <= (place.since or 0):
            reached = last.id if last else place.last
            return _Place(place.since, place.given, page.next_token, reached)
        given = tuple(row.id for row in page.items if self._minute_of(row) == minute)
        return _Place(minute, given)

    def _minute_of(self, row: T | None) -> int | None:
        if row is None:
            return None
        text = row.created_at if self.by == "created" else row.updated_at
        if text is None:
            return None
        return _minute(jql.milliseconds(datetime.fromisoformat(text)))


def _too_fast() -> ProviderUnavailable:
    return ProviderUnavailable(
        "The list changes faster than it can be read.", details={"at": "provider"}
    )


def _minute(milliseconds: int) -> int:
    return milliseconds // (_MINUTE * 1_000) * _MINUTE * 1_000
