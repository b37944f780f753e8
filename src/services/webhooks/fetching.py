"""What changes lead to: fetched side by side, stored together."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from src.connectors.base import ReceivesWebhooks
from src.connectors.syncing import SyncPage
from src.connectors.webhooks import Change
from src.core.errors import AppError, InternalError, ServiceUnavailable, SkipThis
from src.core.logging import get_logger
from src.models.base import now
from src.models.connection import Connection
from src.models.principal import Caller
from src.services.calls import Calls, Opened
from src.services.record_batches import Batch
from src.services.records import Records

AT_ONCE = 4
"""How many requests of one webhook are under way: a provider's manners, and room for answers."""

MOST_AT_ONCE = 500
"""How many records are stored in one transaction."""

T = TypeVar("T")

log = get_logger(__name__)


class Fetching:
    """Fetches and stores."""

    def __init__(self, calls: Calls, records: Records) -> None:
        self._calls = calls
        self._records = records

    async def fetch(
        self, caller: Caller, opened: Opened, changes: Sequence[Change]
    ) -> dict[Change, AppError]:
        """Follow changes and store what comes; those that must be tried again, and why.

        Raises:
            ServiceUnavailable: The database is away.
        """
        asked_at = now()
        room = asyncio.Semaphore(AT_ONCE)

        async def one(change: Change) -> SyncPage | AppError:
            async with room:
                return await self._follow(caller, opened, change)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = {change: group.create_task(one(change)) for change in changes}
        except ExceptionGroup as away:
            # The first has ended the others: what they bring could not be stored either.
            raise away.exceptions[0] from None
        found = {change: task.result() for change, task in tasks.items()}
        pages = [(one, page) for one, page in found.items() if isinstance(page, SyncPage)]
        await self._store(opened.connection, pages, asked_at)
        return {one: error for one, error in found.items() if isinstance(error, AppError)}

    async def _follow(self, caller: Caller, opened: Opened, change: Change) -> SyncPage | AppError:
        connector = opened.connector
        assert isinstance(connector, ReceivesWebhooks)  # noqa: S101  the receiver has seen to it
        try:
            result = await self._calls.run(caller, opened, partial(connector.follow, change))
        except SkipThis as error:
            log.info("record.skipped", stream=change.stream, code=error.code.value)
            return SyncPage()
        except ServiceUnavailable:
            raise
        except AppError as error:
            return error
        except Exception as error:
            # A bug here must not keep back what other deliveries tell of.
            log.exception("record.missed", stream=change.stream, error=type(error).__name__)
            return InternalError("Something went wrong on our side.")
        return result.value

    async def _store(
        self,
        connection: Connection,
        pages: Iterable[tuple[Change, SyncPage]],
        asked_at: datetime,
    ) -> None:
        together: dict[tuple[str, str | None], list[SyncPage]] = defaultdict(list)
        for change, page in pages:
            if page.records or page.deleted:
                together[change.stream, page.container_id].append(page)
        for (stream, container_id), each in together.items():
            empty = Batch(container_id=container_id, fetched_at=asked_at)
            records = (record for page in each for record in page.records)
            for some in _in_parts(records):
                await self._records.store(connection, stream, replace(empty, records=some))
            deleted = (name for page in each for name in page.deleted)
            for gone in _in_parts(deleted):
                await self._records.store(connection, stream, replace(empty, deleted=gone))


def _in_parts(all_of_them: Iterable[T]) -> Iterable[list[T]]:
    source = iter(all_of_them)
    while part := list(islice(source, MOST_AT_ONCE)):
        yield part
