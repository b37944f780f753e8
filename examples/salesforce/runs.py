"""Runs over records: object by object, in the order of change, batch by batch.

A query gives a first batch and a locator of what is left, which stands for two days and is one of
ten that a user may have. A run may outlive it, so each place holds the last row, too: where the
locator is gone, a query for the rows behind that row goes on. What is deleted is told by a log that
reaches back 15 days. Sources: developer.salesforce.com, REST API guide, "Query", "Query Options
Header", "sObject Get Deleted"; help.salesforce.com, "INVALID_QUERY_LOCATOR".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from src.connectors import overlap
from src.connectors.rest.client import RestClient
from src.connectors.rest.decoding import map_rows
from src.connectors.rest.errors import unreadable
from src.connectors.rest.values import timestamp, whole_seconds
from src.connectors.syncing import CheckpointExpired, PartPage, SyncPage, SyncQuery, over_parts
from src.core.errors import InvalidCursor, ProviderRejected
from src.models.base import rfc3339
from src.models.unified import Item

from . import soql
from .ids import LOCATOR, RecordId
from .keyset import Place
from .mapping import to_item
from .records import Records
from .refusals import TOO_LONG_AGO
from .schemas import Deleted, QueryResult
from .shapes import Shape

BATCH = 200
"""Rows at once: the least that Salesforce takes, since whole records may be large."""
AT_ONCE = 3
"""Objects side by side, each with a locator."""
LOG_REACHES = timedelta(days=14)
"""How far back deletions are asked for; the log has a day more."""


class _Stand(Struct, frozen=True, array_like=True):
    """Where a run stands in an object: behind a row, with what is left under a locator."""

    place: Place | None = None
    locator: str | None = None


class RecordRun:
    """The records of one org."""

    def __init__(self, rest: RestClient, records: Records, home: str | None) -> None:
        self.rest = rest
        self._batches = rest.saying({"Sforce-Query-Options": f"batchSize={BATCH}"})
        self._records = records
        self._home = home

    async def pages(
        self, query: SyncQuery, objects: tuple[str, ...]
    ) -> AsyncGenerator[SyncPage, None]:
        """The run.

        Raises:
            CheckpointExpired: Deletions since the last run cannot be had any more.
        """
        since = overlap.since(query)
        if since is not None and query.started_at - since > LOG_REACHES:
            raise CheckpointExpired
        yield SyncPage(checkpoint=overlap.next_checkpoint(query))
        wanted = query.container_ids if query.container_ids is not None else objects
        whole = replace(query, container_ids=wanted)
        read = partial(self._object, since, query.started_at)
        async with aclosing(over_parts(whole, _none, read, at_once=AT_ONCE)) as pages:
            async for page in pages:
                yield page

    async def _object(
        self, since: datetime | None, until: datetime, name: str, token: str | None
    ) -> AsyncGenerator[PartPage, None]:
        shape = await self._records.shape(name, "containerIds")
        stand = _Stand() if token is None else _read(token)
        if token is None and since is not None:
            # Before the records: one that was deleted and restored is among both.
            gone = await self._deleted(shape, since, until)
            if gone:
                yield PartPage(deleted=gone, next_token=_written(stand))
        while True:
            result, asked = await self._batch(shape, since, stand)
            items = self._items(result, shape)
            following = _behind(result, shape, stand.place, asked)
            yield PartPage(
                records=items,
                next_token=None if following is None else _written(following),
                total=result.total_size if stand.place is None else None,
            )
            if following is None:
                return
            stand = following

    async def _batch(
        self, shape: Shape, since: datetime | None, stand: _Stand
    ) -> tuple[QueryResult[dict[str, Any]], str | None]:
        """A batch, and the locator that has led to it, if it was one."""
        kind = QueryResult[dict[str, Any]]
        if stand.locator is not None:
            try:
                locator = stand.locator
                return await self._batches.get("/query/{locator}", kind, locator=locator), locator
            except InvalidCursor:
                # It is older than two days, or ten newer ones have taken its place.
                pass
        query = _query(shape, since, stand.place)
        return await self._batches.get("/query", kind, params={"q": query}), None

    def _items(self, result: QueryResult[dict[str, Any]], shape: Shape) -> tuple[Item, ...]:
        return map_rows(
            result.records,
            dict,
            lambda row: to_item(row, shape, self._home, whole=True),
            raw=False,
        )

    async def _deleted(self, shape: Shape, since: datetime, until: datetime) -> list[str]:
        """Ids of what was deleted; the log counts in whole minutes.

        Raises:
            CheckpointExpired: It does not reach back so far.
        """
        begin = since.replace(second=0, microsecond=0)
        end = until.replace(second=0, microsecond=0) + timedelta(minutes=1)
        params = {"start": whole_seconds(begin), "end": whole_seconds(end)}
        try:
            log = await self.rest.get(
                "/sobjects/{object}/deleted/", Deleted, params=params, object=shape.object
            )
        except ProviderRejected as error:
            # Salesforce's word for a log that has been cut meanwhile.
            if error.details.get("reason") != TOO_LONG_AGO:
                raise
            raise CheckpointExpired from error
        begins = timestamp(log.earliest_date_available)
        if begins is not None and begins > rfc3339(begin):
            raise CheckpointExpired
        return [str(RecordId(shape.object, one.id)) for one in log.deleted_records]


async def _none() -> list[str]:
    """No parts are looked for: the settings name them."""
    return []


def _query(shape: Shape, since: datetime | None, place: Place | None) -> str:
    conditions = []
    moment = shape.moment
    if place is not None:
        conditions.append(place.behind(moment, falls=False))
    elif since is not None and moment is not None:
        conditions.append(f"{soql.name(moment)} >= {soql.moment(rfc3339(since))}")
    order = [(one, False) for one in (moment, "Id") if one is not None]
    return soql.select(shape.whole, shape.object, conditions, order)


def _behind(
    result: QueryResult[dict[str, Any]], shape: Shape, place: Place | None, asked: str | None
) -> _Stand | None:
    """Where the run stands behind a batch that ``asked`` has led to; None = at the end."""
    if result.done:
        return None
    locator = (result.next_records_url or "").rpartition("/")[2]
    if LOCATOR.fullmatch(locator) is None or locator == asked:
        raise unreadable("a batch names no other one behind it")
    rows = result.records
    try:
        return _Stand(Place.of(rows[-1], shape.moment) if rows else place, locator)
    except KeyError as error:
        raise unreadable("a record comes without its id or time") from error


def _read(token: str) -> _Stand:
    try:
        return msgspec.json.decode(token, type=_Stand)
    except msgspec.DecodeError as error:
        raise InvalidCursor("The list has another form now. Start without a cursor.") from error


def _written(stand: _Stand) -> str:
    return msgspec.json.encode(stand).decode()
