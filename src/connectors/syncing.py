"""Reading streams: what a run asks of a connector, and what it gives page by page.

A run goes over its *parts*, the containers that it reads; several are read side by side, and the
pages of each stay in their order. What a page leaves behind is its ``position``: a run that is
broken off goes on from there, in another process if need be, and reads nothing twice but what was
not yet stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from pydantic import BaseModel

from src.core.errors import AppError, SkipThis
from src.models.base import now
from src.models.record import RecordKind
from src.models.unified import Comment, Container, Item

Unit = Container | Item | Comment
"""What a record's data is."""


class CheckpointExpired(Exception):
    """What has changed since the checkpoint cannot be had any more: the run must be a full one.

    Not an error for anybody to see: whoever runs the stream begins again without the checkpoint.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncQuery:
    """One run of a stream, or what is left of it."""

    stream: str
    started_at: datetime
    """When the run began, which may be slices ago: the next checkpoint must not be later."""
    checkpoint: BaseModel | None = None
    """Of the stream's model: only what has changed since. None = everything."""
    container_ids: tuple[str, ...] | None = None
    """Only what lies in these. None = all that the account lists."""
    plan: tuple[str, ...] | None = None
    """The parts that the run had found at its beginning."""
    position: str | None = None
    """Where it was broken off; None = at its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A record, or a whole container, that this run cannot read."""

    id: str
    kind: RecordKind
    error: AppError


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPage:
    """What was read at once, and where the run stands behind it."""

    records: Sequence[Unit] = ()
    container_id: str | None = None
    """The part that all of it belongs to; None = it is of several, or of none."""
    deleted: Sequence[str] = ()
    """Ids of records that the provider says are gone."""
    unread: Sequence[Unread] = ()
    position: str | None = None
    """None keeps the one before."""
    plan: tuple[str, ...] | None = None
    """The parts of the run, told once before they are read."""
    checkpoint: BaseModel | None = None
    """Where the next run begins if this one comes to its end; the last one told counts."""
    total: int | None = None
    """How many records the run will have read, where the provider tells."""
    truncated: bool = False
    """The provider keeps back part of the list."""
    asked_at: datetime | None = None
    """A moment before the provider was asked for it (``Page.asked_at``): what a webhook has brought
    since is not overwritten. None = whoever runs the stream asked when the page before was taken.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPage:
    """A page of one part; ``next_token`` None = it is the last."""

    records: Sequence[Unit] = ()
    next_token: str | None = None
    deleted: Sequence[str] = ()
    unread: Sequence[Unread] = ()
    truncated: bool = False
    total: int | None = None
    asked_at: datetime | None = None
    """As of a ``SyncPage``; None = not before the page in front of it was given."""


Parts = Callable[[], Awaitable[Sequence[str]]]
ReadPart = Callable[[str, str | None], AsyncGenerator[PartPage, None]]
"""From a part and a token (None = its beginning) to its pages from there on, in order, to the one
without a next token."""


class _Stand(msgspec.Struct):
    """Where a run stands: parts before ``next`` were opened, those in ``open`` are not done."""

    next: int = 0
    open: dict[str, str | None] = {}


async def over_parts(
    query: SyncQuery, parts: Parts, read: ReadPart, *, at_once: int = 4
) -> AsyncGenerator[SyncPage, None]:
    """All pages of all parts; a part that cannot be read is told, and the others go on.

    Each part is read one page ahead of whoever takes the pages.

    Args:
        query: The run.
        parts: Finds the parts, at the beginning of a run that names none.
        read: Reads one part.
        at_once: How many parts are read side by side: the provider's manners.

    Raises:
        AppError: Whatever ends the run for now.
    """
    stand = _Stand() if query.position is None else msgspec.json.decode(query.position, type=_Stand)
    plan = query.plan
    if plan is None:
        plan = query.container_ids if query.container_ids is not None else tuple(await parts())
        yield SyncPage(plan=plan, position=_written(stand))
    async with aclosing(_side_by_side(plan, stand, read, at_once)) as pages:
        async for index, page in pages:
            _advance(stand, index, page)
            yield _page_of(plan[index], page, _written(stand))


def _written(stand: _Stand) -> str:
    return msgspec.json.encode(stand).decode()


def _advance(stand: _Stand, index: int, page: PartPage) -> None:
    """The stand behind a page that is about to be given."""
    for opened in range(stand.next, index + 1):
        stand.open[str(opened)] = None
    stand.next = max(stand.next, index + 1)
    if page.next_token is None:
        stand.open.pop(str(index), None)
    else:
        stand.open[str(index)] = page.next_token


def _page_of(part: str, page: PartPage, position: str) -> SyncPage:
    return SyncPage(
        records=page.records,
        container_id=part,
        deleted=page.deleted,
        unread=page.unread,
        position=position,
        total=page.total,
        truncated=page.truncated,
        asked_at=page.asked_at,
    )


async def _side_by_side(
    plan: Sequence[str], stand: _Stand, read: ReadPart, at_once: int
) -> AsyncGenerator[tuple[int, PartPage], None]:
    """Pages of several parts as they come, each with the index of its part."""
    waiting = iter(
        [
            *((int(index), token) for index, token in stand.open.items()),
            *((index, None) for index in range(stand.next, len(plan))),
        ]
    )
    room = asyncio.Semaphore(at_once)
    ready: asyncio.Queue[tuple[int, PartPage] | None] = asyncio.Queue()

    async def work() -> None:
        for index, token in waiting:
            async with aclosing(_tolerant(plan[index], token, read)) as pages:
                asked_at = now()
                async for page in pages:
                    given = page if page.asked_at else replace(page, asked_at=asked_at)
                    await room.acquire()
                    ready.put_nowait((index, given))
                    asked_at = now()

    async def produce() -> None:
        workers = [asyncio.create_task(work()) for _ in range(min(at_once, len(plan)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            ready.put_nowait(None)

    producing = asyncio.create_task(produce())
    try:
        while (given := await ready.get()) is not None:
            room.release()
            yield given
        await producing
    finally:
        producing.cancel()
        await asyncio.gather(producing, return_exceptions=True)


async def _tolerant(part: str, token: str | None, read: ReadPart) -> AsyncGenerator[PartPage, None]:
    """A part's pages; one that is gone or forbidden ends with a page that says so."""
    try:
        async with aclosing(read(part, token)) as pages:
            async for page in pages:
                yield page
    except SkipThis as error:
        yield PartPage(unread=[Unread(id=part, kind=RecordKind.CONTAINER, error=error)])
