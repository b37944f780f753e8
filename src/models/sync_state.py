"""How far a stream of a connection has been read."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from src.models.base import Model, Timestamp


class SyncState(Model):
    """One stream's checkpoint; ``version`` counts its writes, so that nobody overwrites unseen."""

    connection_id: str
    stream: str
    checkpoint: Any
    version: int
    updated_at: Timestamp
    last_run_at: Timestamp | None = None
    last_status: str | None = None
    counts: dict[str, int] = Field(default_factory=dict)
