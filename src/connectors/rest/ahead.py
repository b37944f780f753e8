"""Lists that are read by page number, several pages ahead, while they change.

A list in the order of creation grows at its end only, but a deletion moves all that lies behind it
one place forward: what began a page then ends the page before, and whoever had read that one, and
comes to the next, never meets it. So the last page of each window is read first, then the others,
and after the window behind it has been read it is looked at again. If its last row stands where it
stood, nothing before it has moved in all that time, and nothing has slipped past. If not, the
window is read once more, with the page before it, where rows of it may have moved to.

A place in the list remembers that row, too, so that a run which goes on after a day sees whether
the list has moved in the meantime.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from src.connectors.rest.errors import unreadable
from src.connectors.rest.places import Mark, Place, Window, too_fast
from src.models.unified import Page

T = TypeVar("T")
_MOST_REPAIRS = 20
_MOST_RESTARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet(Generic[T]):
    """One page as it was read."""

    items: Sequence[T] = ()
    ids: Sequence[str]
    """Of all of its rows, in their order, also of those that became no item."""
    following: str | None
    """The provider's token of the next page; None = this is the last."""
    last: int | None = None
    """The number of the last page; None = the provider names none, and only ``following`` leads
    on."""
    truncated: bool = False
    asked_at: datetime | None = None
    """A moment before it was asked for, ``Page.asked_at``."""
    keys: Sequence[str] = ()
    """What its rows are known by, where ``ids`` are the times of their change."""


class Sheets(Protocol[T]):
    """A list whose pages have numbers, in the order of creation."""

    async def read(self, number: int) -> Sheet[T]:
        """A page by its number."""
        ...

    async def look(self, number: int) -> Sheet[T]:
        """The same without items: what stands there now."""
        ...

    async def follow(self, token: str) -> Sheet[T]:
        """A page by the token of the one before."""
        ...


@dataclass(frozen=True, slots=True)
class _Head(Generic[T]):
    """The last page of a window, which is read before the others."""

    first: int
    number: int
    sheet: Sheet[T]


@dataclass(frozen=True, slots=True)
class _Flight(Generic[T]):
    """A window that is being read: its head is there, the others and the next head are coming."""

    head: _Head[T]
    rest: Sequence[asyncio.Task[Sheet[T]]]
    next_number: int | None
    next_head: asyncio.Task[Sheet[T]] | None


_Look = tuple[Window, asyncio.Task[Sheet[T]]]


class _MovedAwayError(Exception):
    """The list has moved by more than a page."""


async def read_ahead(
    sheets: Sheets[T], token: str | None, *, at_once: int = 8
) -> AsyncGenerator[Page[T], None]:
    """All pages from a token on, in their order; rows may come twice, and none is lost.

    Args:
        sheets: The list.
        token: Where to go on, out of a page's ``next_token``; None = at its beginning.
        at_once: How many requests may be under way.

    Raises:
        ProviderUnavailable: The list changes so fast that it cannot be read.
        AppError: Whatever the provider does.
    """
    place = Place.read(token)
    for _ in range(_MOST_RESTARTS):
        try:
            async with aclosing(_Reading(sheets, place, at_once).pages()) as pages:
                async for page in pages:
                    yield page
        except _MovedAwayError:
            place = Place()
        else:
            return
    raise too_fast()


class _Reading(Generic[T]):
    """One pass over a list."""

    def __init__(self, sheets: Sheets[T], place: Place, at_once: int) -> None:
        self._sheets = sheets
        self._turn = asyncio.Semaphore(at_once)
        # Beside the pages of a window goes a look back.
        self._width = max(1, at_once - 1)
        self._place = place
        self._is_over = False
        self._tasks: set[asyncio.Task[Sheet[T]]] = set()
        self._looks: list[_Look[T]] = []
        self._open: deque[Window] = deque()
        """Windows in which something may have slipped past, as far as is known yet."""
        if place.before is not None:
            self._open.append(Window(place.page - 1, place.page - 1, place.before, place))

    async def pages(self) -> AsyncGenerator[Page[T], None]:
        """Every page; what is the last is known behind it, unless it is the only one."""
        try:
            async with aclosing(self._all()) as sheets:
                async for sheet in sheets:
                    place = self._open[0].begin if self._open else self._place
                    following = None if self._is_over else place.written()
                    items = tuple(sheet.items)
                    yield Page(
                        items=items,
                        next_token=following,
                        truncated=sheet.truncated,
                        asked_at=sheet.asked_at,
                    )
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if not self._is_over:
            yield Page(items=())

    async def _all(self) -> AsyncGenerator[Sheet[T], None]:
        token = self._place.token
        async with aclosing(self._linked(token) if token else self._numbered()) as sheets:
            async for sheet in sheets:
                yield sheet

    async def _numbered(self) -> AsyncGenerator[Sheet[T], None]:
        number = self._place.page
        first = await self._sheets.read(number)
        self._is_over = first.following is None and not self._open
        self._open.append(Window(number, number, Mark.of(first.ids), self._place))
        yield first
        if self._is_over:
            return
        is_linked = first.following is not None and first.last is None
        rest = self._linked(first.following or "") if is_linked else self._rest(first)
        async with aclosing(rest) as sheets:
            async for sheet in sheets:
                yield sheet

    async def _rest(self, first: Sheet[T]) -> AsyncGenerator[Sheet[T], None]:
        """What lies behind the first page that was read."""
        if first.following is not None:
            async with aclosing(self._windows(self._place.page + 1, first.last or 0)) as sheets:
                async for sheet in sheets:
                    yield sheet
        async with aclosing(self._settle_all()) as sheets:
            async for sheet in sheets:
                yield sheet

    async def _linked(self, token: str) -> AsyncGenerator[Sheet[T], None]:
        """Page by page: a provider that names no numbers pages by keys, which do not move."""
        self._open.clear()
        following: str | None = token
        while following is not None:
            sheet = await self._sheets.follow(following)
            if sheet.following == following:
                raise unreadable("the provider repeats a page")
            following = sheet.following
            self._place = Place(token=following) if following else self._place
            yield sheet

    async def _windows(self, first: int, last: int) -> AsyncGenerator[Sheet[T], None]:
        """Window after window; while one is taken, the next is being read."""
        number = self._end_of(first, last)
        head = _Head(first, number, await self._start(self._sheets.read, number))
        flights = deque([self._flight(head)])
        while flights:
            await self._refill(flights)
            flight = flights.popleft()
            sheets = [*[await task for task in flight.rest], flight.head.sheet]
            self._note(flight.head)
            looks, self._looks = self._looks, self._look_back()
            for sheet in sheets:
                yield sheet
            async with aclosing(
                self._settle_looked(looks if flights else [*looks, *self._looks])
            ) as again:
                async for sheet in again:
                    yield sheet
            if not flights and flight.next_head is not None:
                # What had come before its error has been given.
                await flight.next_head

    def _end_of(self, first: int, last: int) -> int:
        return max(first, min(first + self._width - 1, last))

    def _start(
        self, call: Callable[[int], Awaitable[Sheet[T]]], number: int
    ) -> asyncio.Task[Sheet[T]]:
        async def in_turn() -> Sheet[T]:
            async with self._turn:
                return await call(number)

        task = asyncio.create_task(in_turn())
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Sheet[T]]) -> None:
        # One that failed is kept until the end, where somebody looks at its error.
        if not task.cancelled() and task.exception() is None:
            self._tasks.discard(task)

    def _flight(self, head: _Head[T]) -> _Flight[T]:
        number = None
        if head.sheet.following is not None:
            first = head.number + 1
            number = self._end_of(first, head.sheet.last or first)
        # Whoever is started first has its turn first: the pages of the next window wait for it.
        next_head = None if number is None else self._start(self._sheets.read, number)
        rest = [self._start(self._sheets.read, each) for each in range(head.first, head.number)]
        return _Flight(head, rest, number, next_head)

    async def _refill(self, flights: deque[_Flight[T]]) -> None:
        """Have another window on its way behind the one that is taken next."""
        latest = flights[-1]
        if len(flights) > 1 or latest.next_head is None or latest.next_number is None:
            return
        await asyncio.wait([latest.next_head])
        if latest.next_head.exception() is None:
            sheet = latest.next_head.result()
            head = _Head(latest.head.number + 1, latest.next_number, sheet)
            flights.append(self._flight(head))

    def _note(self, head: _Head[T]) -> None:
        before = self._open[-1].mark if self._open else None
        mark = Mark.of(head.sheet.ids)
        self._open.append(Window(head.first, head.number, mark, Place(head.first, before)))

    def _look_back(self) -> list[_Look[T]]:
        """Look at the oldest window that was not looked at since the one behind it was read."""
        for window in list(self._open)[:-1]:
            if not window.is_asked:
                window.is_asked = True
                return [(window, self._start(self._sheets.look, window.last))]
        return []

    async def _settle_looked(self, looks: Sequence[_Look[T]]) -> AsyncGenerator[Sheet[T], None]:
        for window, look in looks:
            async with aclosing(self._settle(window, (await look).ids)) as sheets:
                async for sheet in sheets:
                    yield sheet

    async def _settle_all(self) -> AsyncGenerator[Sheet[T], None]:
        """Look at what was not looked at since it was read, until nothing moves."""
        end = self._open[-1]
        while end.mark is None and end.last > end.first:
            # The list has become shorter than it was said to be.
            end.last -= 1
            async with aclosing(self._again(end)) as sheets:
                async for sheet in sheets:
                    yield sheet
        if end.first == end.last:
            # Within one page nothing can slip past, and there is none behind it.
            self._open.pop()
        while self._open:
            windows = list(self._open)
            looks = [(one, self._start(self._sheets.look, one.last)) for one in windows]
            async with aclosing(self._settle_looked(looks)) as sheets:
                async for sheet in sheets:
                    yield sheet

    async def _settle(self, window: Window, now: Sequence[str]) -> AsyncGenerator[Sheet[T], None]:
        """Be done with a window that has not moved, and read one again that has."""
        if window.stands(now):
            self._open.remove(window)
            return
        if not window.is_near(now):
            raise _MovedAwayError
        async with aclosing(self._again(window)) as sheets:
            async for sheet in sheets:
                yield sheet

    async def _again(self, window: Window) -> AsyncGenerator[Sheet[T], None]:
        window.repairs += 1
        if window.repairs > _MOST_REPAIRS:
            raise too_fast()
        last = await self._start(self._sheets.read, window.last)
        window.mark = Mark.of(last.ids)
        window.is_asked = False
        numbers = range(max(1, window.first - 1), window.last)
        for task in [self._start(self._sheets.read, number) for number in numbers]:
            yield await task
        yield last
