"""Lists in the order of change, read by the time of their last row.

Each page asks anew for what was changed at the time of the last row before it, or later. What is
changed meanwhile moves to the end and is met there, and what is deleted moves nothing out of
sight. Only where a whole page is of one time the number of the page leads on: there a row that
leaves moves those behind it forward, onto a page that was read. So behind each such page the one
before it is read again, and given again where its last row does not stand where it stood.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from src.connectors.rest.ahead import Sheet
from src.connectors.rest.errors import unreadable
from src.connectors.rest.places import Mark, too_fast
from src.core.errors import InvalidCursor
from src.models.unified import Page

T = TypeVar("T")
_MOST_RESTARTS = 20
"""So often a time is begun anew because its rows have moved by more than a page."""


class _Place(Struct, frozen=True, array_like=True):
    since: str
    page: int = 1
    before: Mark | None = None
    """The page in front of it, where that is of the same time."""

    def written(self) -> str:
        return msgspec.json.encode(self).decode()


async def by_change(
    read: Callable[[str, int], Awaitable[Sheet[T]]], since: str, token: str | None
) -> AsyncGenerator[Page[T], None]:
    """All pages from a token on; what the page before has given, and is the same, is left out.

    Args:
        read: From a time, which counts itself, and the number of a page behind it to that page;
            ``Sheet.ids`` are the times of its rows, ``Sheet.keys`` what these are known by. Without
            keys a row may be missed where more than a page is of one time.
        since: The time to begin at.
        token: Where to go on, out of a page's ``next_token``.

    Raises:
        ProviderUnavailable: The list changes so fast that it cannot be read.
        AppError: Whatever the provider does.
    """
    place: _Place | None = _Place(since) if token is None else _read(token)
    before: Sequence[T] = ()
    restarts = 0
    while place is not None:
        sheet = await read(place.since, place.page)
        following, moved, mark = _behind(place, sheet), None, place.before
        if mark is not None:
            # Behind it, so that whatever had moved before its reading is seen here.
            former = await read(place.since, place.page - 1)
            if not mark.is_near(former.keys):
                restarts += 1
                if restarts > _MOST_RESTARTS:
                    raise too_fast()
                place, before = _Place(place.since), ()
                continue
            moved = None if mark.stands(former.keys) else former
        yield _page(sheet, before, following if moved is None else place)
        if moved is not None:
            yield _page(moved, before, following)
        place, before = following, sheet.items


def _page(sheet: Sheet[T], before: Sequence[T], following: _Place | None) -> Page[T]:
    return Page(
        items=tuple(one for one in sheet.items if one not in before),
        next_token=None if following is None else following.written(),
        truncated=sheet.truncated,
        asked_at=sheet.asked_at,
    )


def reached(token: str | None, since: str) -> str:
    """How far a token has come: the time of the last row before it."""
    return since if token is None else _read(token).since


def _read(token: str) -> _Place:
    try:
        return msgspec.json.decode(token, type=_Place)
    except msgspec.DecodeError as error:
        raise InvalidCursor("The list has another form now. Start without a cursor.") from error


def _behind(place: _Place, sheet: Sheet[T]) -> _Place | None:
    if sheet.following is None:
        return None
    if not sheet.ids or sheet.ids[-1] < place.since:
        raise unreadable("a list is not in the order of change")
    if sheet.ids[-1] == place.since:
        return _Place(place.since, place.page + 1, Mark.of(sheet.keys))
    return _Place(sheet.ids[-1])
