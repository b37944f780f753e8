"""Lists in the order of change, read by the time of their last row.

Each page asks anew for what was changed at the time of the last row before it, or later. What is
changed meanwhile moves to the end and is met there, and what is deleted moves nothing out of
sight. Only where a whole page is of one time the number of the page leads on.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from src.connectors.rest.ahead import Sheet
from src.connectors.rest.errors import unreadable
from src.core.errors import InvalidCursor
from src.models.unified import Page

T = TypeVar("T")


class _Place(Struct, frozen=True, array_like=True):
    since: str
    page: int = 1


async def by_change(
    read: Callable[[str, int], Awaitable[Sheet[T]]], since: str, token: str | None
) -> AsyncGenerator[Page[T], None]:
    """All pages from a token on; what the page before has given, and is the same, is left out.

    Args:
        read: From a time, which counts itself, and the number of a page behind it to that page;
            ``Sheet.ids`` are the times of its rows.
        since: The time to begin at.
        token: Where to go on, out of a page's ``next_token``.

    Raises:
        AppError: Whatever the provider does.
    """
    place: _Place | None = _Place(since) if token is None else _read(token)
    before: Sequence[T] = ()
    while place is not None:
        sheet = await read(place.since, place.page)
        place = _behind(place, sheet)
        following = None if place is None else msgspec.json.encode(place).decode()
        fresh = tuple(one for one in sheet.items if one not in before)
        yield Page(items=fresh, next_token=following, truncated=sheet.truncated)
        before = sheet.items


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
        return _Place(place.since, place.page + 1)
    return _Place(sheet.ids[-1])
