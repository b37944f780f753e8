"""Records one by one, by their ids."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from src.connectors.syncing import Unit
from src.core.errors import SkipThis
from src.models.base import now
from src.services.record_batches import Batch, Version, latest, versions
from src.services.sync.holding import Source
from src.services.sync.progress import Missed

FETCHED_AT_ONCE = 4


@dataclass(slots=True)
class Fetched:
    """What came of it."""

    found: list[Unit] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    versions: dict[str, Version] = field(default_factory=dict)
    """What was found, and what is gone, ready to be stored."""


async def fetch(source: Source, record_ids: Sequence[str]) -> Fetched:
    """Ask the provider for each of a few records.

    Raises:
        AppError: Whatever the provider does, but for what concerns one record alone.
    """
    asked_at = now()
    answers = await asyncio.gather(
        *(_fetch_one(source, record_id) for record_id in record_ids), return_exceptions=True
    )
    fetched = Fetched()
    for record_id, answer in zip(record_ids, answers, strict=True):
        if isinstance(answer, SkipThis):
            missed = Missed(record_id, source.stream.kind, answer.code.value, answer.message)
            fetched.missed.append(missed)
        elif isinstance(answer, BaseException):
            raise answer
        elif answer is None:
            fetched.gone.append(record_id)
        else:
            fetched.found.append(answer)
    batch = Batch(records=fetched.found, deleted=fetched.gone, fetched_at=asked_at)
    fetched.versions = latest(versions(batch))
    return fetched


async def _fetch_one(source: Source, record_id: str) -> Unit | None:
    return await source.call(lambda: source.connector.fetch(source.stream.name, record_id))
