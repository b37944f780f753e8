"""Where an incremental run begins, for providers that are asked for what has changed since.

The next run begins a little before this one did: clocks differ, and what a provider commits or
indexes late has a time that has passed by then.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from src.connectors.manifest import UpdatedSince
from src.connectors.syncing import SyncQuery
from src.models.base import to_milliseconds

OVERLAP = timedelta(minutes=5)


def since(query: SyncQuery) -> datetime | None:
    """From when on a run asks for changes; None = it reads everything."""
    checkpoint = query.checkpoint
    return checkpoint.updated_since if isinstance(checkpoint, UpdatedSince) else None


def next_checkpoint(query: SyncQuery) -> UpdatedSince:
    """Where the run behind this one begins; never before this one's own beginning."""
    begin = to_milliseconds(query.started_at - OVERLAP)
    before = since(query)
    return UpdatedSince(updated_since=begin if before is None else max(begin, before))
