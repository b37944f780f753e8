"""Deleting what a full run has not met, unless that is suspiciously much."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import partial

from src.db.repositories.record_values import StreamPlace
from src.services.records import Records
from src.services.sync.fetching import FETCHED_AT_ONCE, fetch
from src.services.sync.fuse import blows
from src.services.sync.holding import Holding, Source, Stand
from src.services.sync.progress import EVERYTHING, Step

CONFIRMED_ONE_BY_ONE = 20
"""So few are asked for, each, before they are taken for gone."""
SWEPT_AT_ONCE = 500
LOOKED_AT_ONCE = 10_000


class Sweeping:
    """The end of a full run."""

    def __init__(self, holding: Holding, source: Source, records: Records) -> None:
        self._holding = holding
        self._source = source
        self._records = records
        job = holding.job
        self._place = StreamPlace(job.connection_id, job.stream)

    async def carry_on(self) -> Stand:
        """Find what is gone, and delete it, or let somebody confirm."""
        job = self._holding.job
        if not job.sweep or EVERYTHING in job.unread:
            return Stand.DONE
        last, live = await self.extent()
        count, first = 0, list[str]()
        async for ids in self._unmet(last):
            count += len(ids)
            first += ids[: CONFIRMED_ONE_BY_ONE - len(first)]
            if stand := self._holding.interruption(has_moved=False):
                # What was looked at is nothing that a next slice could use.
                return stand
        if not job.is_confirmed and blows(count, live):
            await self._holding.write({"would_delete": count})
            return Stand.HELD
        if count <= CONFIRMED_ONE_BY_ONE:
            return await self._sweep_few(first)
        return await self._sweep_many(last)

    async def extent(self) -> tuple[int, int]:
        """The last change of the stream, and how many records are live."""
        heads = await self._holding.scope.records.heads(self._place.connection_id)
        return next(
            ((head.seq, head.live) for head in heads if head.stream == self._place.stream), (0, 0)
        )

    async def _unmet(self, last: int) -> AsyncGenerator[list[str], None]:
        """Live records that the run has not met, span by span."""
        job = self._holding.job
        for after in range(0, last, LOOKED_AT_ONCE):
            yield await self._holding.scope.records.unmet(
                self._place,
                job.sweep,
                (after, min(after + LOOKED_AT_ONCE, last)),
                only_in=job.container_ids,
                but_in=job.unread,
            )

    async def _sweep_many(self, last: int) -> Stand:
        async for ids in self._unmet(last):
            for at in range(0, len(ids), SWEPT_AT_ONCE):
                await self._delete(ids[at : at + SWEPT_AT_ONCE])
                if stand := self._holding.interruption():
                    return stand
        return Stand.DONE

    async def _sweep_few(self, record_ids: Sequence[str]) -> Stand:
        """Delete each after the provider has been asked for it.

        One that is not listed, and may not be read, is as good as gone.
        """
        for at in range(0, len(record_ids), FETCHED_AT_ONCE):
            ids = record_ids[at : at + FETCHED_AT_ONCE]
            fetched = await fetch(self._source, ids)
            found = {id_: one for id_, one in fetched.versions.items() if one.data is not None}
            if found:
                await self._holding.keep(
                    Step(),
                    partial(self._records.keep, self._source.connection, self._place.stream, found),
                )
            await self._delete([id_ for id_ in ids if id_ not in found])
            if stand := self._holding.interruption():
                return stand
        return Stand.DONE

    async def _delete(self, record_ids: Sequence[str]) -> None:
        if record_ids:
            await self._holding.keep(
                Step(),
                partial(
                    self._records.sweep,
                    self._source.connection,
                    self._place.stream,
                    record_ids,
                    sweep=self._holding.job.sweep,
                ),
            )
