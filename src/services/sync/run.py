"""A run of a stream, from where it stands to where its slice ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from pydantic import ValidationError

from src.connectors.manifest import Deletions
from src.connectors.syncing import CheckpointExpired, SyncQuery
from src.core.errors import ProviderTimeout
from src.db.repositories.record_values import StreamPlace
from src.models.base import now
from src.models.job import Counts, Job, SyncMode
from src.services.record_batches import latest
from src.services.records import Records
from src.services.sync.fetching import FETCHED_AT_ONCE, fetch
from src.services.sync.fuse import blows
from src.services.sync.holding import Holding, Source, Stand
from src.services.sync.progress import Step, step_of
from src.services.sync.reading import Pages, ReadPage, fill
from src.services.sync.sweeping import Sweeping

LOOK_SECONDS = 1.0
"""How soon it is noticed, while no page comes, that the slice is to end."""

MOST_UNMENDED = 1000
"""Former failures that are looked for among what is read; a full run mends all others, too."""


class Run:
    """What a slice does with its job."""

    def __init__(self, holding: Holding, source: Source, records: Records) -> None:
        self._holding = holding
        self._source = source
        self._records = records
        self._unmended: set[str] = set()
        self._sweeping = Sweeping(holding, source, records)

    async def carry_on(self) -> Stand:
        """Go on until the run, or the slice, is over.

        Raises:
            LeaseLost: Another works on it now.
            AppError: Whatever the provider does.
        """
        if not self._has_begun():
            await self._begin()
        self._unmended = await self._holding.scope.job_failures.unmended(
            self._holding.job.connection_id, self._holding.job.stream, limit=MOST_UNMENDED
        )
        try:
            for step in (self._fetch_failed, self._read, self._sweeping.carry_on):
                if (stand := await step()) is not Stand.DONE:
                    return stand
        except CheckpointExpired:
            # Only a run that began with one can lose it; another would go round in circles.
            if self._holding.job.checkpoint is None:
                raise
            await self._begin_full({"position": None, "plan": None, "next_checkpoint": None})
            return Stand.CUT
        return Stand.DONE

    def _has_begun(self) -> bool:
        job = self._holding.job
        return job.progress.pages > 0 or job.has_read_all or job.record_ids is not None

    async def _begin(self) -> None:
        """Decide where the run begins."""
        job, stream = self._holding.job, self._source.stream
        state = await self._holding.scope.sync_states.get(job.connection_id, job.stream)
        seen = {"checkpoint_version": state.version if state else 0}
        goes_on = job.mode is SyncMode.INCREMENTAL and stream.incremental
        if goes_on and state and state.checkpoint is not None and state.covers(job.container_ids):
            await self._holding.write({**seen, "checkpoint": state.checkpoint})
        else:
            await self._begin_full(seen)

    async def _begin_full(self, update: Mapping[str, Any]) -> None:
        full = {**update, "mode": SyncMode.FULL, "checkpoint": None}
        if self._source.stream.deletions is Deletions.NEVER:
            await self._holding.write(full)
            return
        await self._holding.write_sweep(
            partial(self._records.begin_sweep, self._source.connection, self._source.stream.name),
            full,
        )

    async def _fetch_failed(self) -> Stand:
        """Try again, one by one, what another run could not read."""
        while record_ids := _untried(self._holding.job)[:FETCHED_AT_ONCE]:
            fetched = await fetch(self._source, record_ids)
            missed = {one.id for one in fetched.missed}
            await self._holding.keep(
                Step(
                    pages=1,
                    records=len(fetched.found),
                    missed=fetched.missed,
                    mended=frozenset(record_ids[:FETCHED_AT_ONCE]) - missed,
                ),
                partial(
                    self._records.keep,
                    self._source.connection,
                    self._source.stream.name,
                    fetched.versions,
                ),
                {"retried": record_ids[-1]},
            )
            if stand := self._holding.interruption():
                return stand
        return Stand.DONE

    async def _read(self) -> Stand:
        """Read the stream from where the run stands."""
        holding, job = self._holding, self._holding.job
        if job.has_read_all:
            return Stand.DONE
        if job.record_ids is None or job.container_ids:
            pages, began_at = Pages(), self._place()
            async with self._reading(pages) as reading:
                while (taken := await pages.take(LOOK_SECONDS)) is not None:
                    if taken and not await self._store(taken):
                        return Stand.HELD
                    # What leads nowhere would be read again by the next slice, and the one after.
                    has_moved = self._place() != began_at
                    if not (taken or has_moved) and holding.turn.is_far_over:
                        raise ProviderTimeout("The provider has given no page in a long time.")
                    if stand := holding.interruption(has_moved=has_moved):
                        await self._store_ready(pages, reading)
                        return stand
                await reading
        await holding.write({"has_read_all": True})
        return holding.interruption() or Stand.DONE

    def _place(self) -> tuple[object, ...]:
        """Where the run stands."""
        return self._holding.job.position, self._holding.job.plan

    async def _store_ready(self, pages: Pages, reading: asyncio.Task[None]) -> None:
        """What was read at the end of a slice need not be read again, if there is time."""
        reading.cancel()
        while not self._holding.turn.stop.is_set() and (ready := await pages.take(0)):
            if not await self._store(ready):
                # The next slice comes to the same page.
                return

    @asynccontextmanager
    async def _reading(self, pages: Pages) -> AsyncGenerator[asyncio.Task[None], None]:
        query = self._query()

        async def read() -> None:
            try:
                await self._source.call(lambda: fill(pages, self._source.connector.sync(query)))
            finally:
                await pages.end()

        task = asyncio.create_task(read())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _query(self) -> SyncQuery:
        job = self._holding.job
        model = self._source.stream.checkpoint
        try:
            checkpoint = None if job.checkpoint is None else model.model_validate(job.checkpoint)
        except ValidationError as error:
            # It was made by another version of the connector.
            raise CheckpointExpired from error
        return SyncQuery(
            stream=job.stream,
            started_at=job.started_at or now(),
            checkpoint=checkpoint,
            container_ids=job.container_ids,
            plan=job.plan,
            position=job.position,
        )

    async def _store(self, taken: Sequence[ReadPage]) -> bool:
        """Keep what was read, with its position; False = it deletes so much that nothing is kept.

        Once somebody has confirmed, the same is read again.
        """
        step = step_of(taken, self._source.stream)
        read = latest(version for page in taken for version in page.versions)
        unread = [one.id for one in step.missed if one.is_there and one.id not in read]
        gone = [id_ for id_, version in read.items() if version.data is None]
        if await self._blows_fuse(gone):
            return False
        store = partial(
            self._records.keep,
            self._source.connection,
            self._source.stream.name,
            read,
            unread=unread,
            alone_at=None if unread else _added_alone(self._holding.job.counts),
        )
        await self._holding.keep(
            replace(step, mended=frozenset(self._unmended & read.keys())), store
        )
        return True

    async def _blows_fuse(self, told: Sequence[str]) -> bool:
        """Whether the provider tells of so many deletions that somebody is to confirm them."""
        job = self._holding.job
        if not told or job.is_confirmed:
            return False
        place = StreamPlace(job.connection_id, job.stream)
        known = await self._holding.scope.records.known(place, told)
        gone = job.counts.deleted + sum(one.is_live for one in known.values())
        _, live = await self._sweeping.extent()
        if not blows(gone, job.counts.deleted + live):
            return False
        await self._holding.write({"would_delete": gone})
        return True


def _untried(job: Job) -> tuple[str, ...]:
    """What is left to be tried again."""
    record_ids = job.record_ids or ()
    return (
        record_ids[record_ids.index(job.retried) + 1 :] if job.retried in record_ids else record_ids
    )


def _added_alone(counts: Counts) -> int | None:
    """How many records a run has added, if it has met none that was there."""
    return None if counts.updated or counts.unchanged or counts.deleted else counts.added
