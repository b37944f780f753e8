"""How far a stream of a connection has been read."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from src.models.base import Model, Timestamp


class SyncState(Model):
    """One stream's checkpoint; ``version`` counts its writes, so that nobody overwrites unseen."""

    connection_id: str
    stream: str
    checkpoint: Any = None
    """None = nothing has been read to its end yet."""
    container_ids: tuple[str, ...] | None = None
    """Which containers the checkpoint speaks of; None = all."""
    version: int
    updated_at: Timestamp
    last_run_at: Timestamp | None = None
    last_status: str | None = None
    counts: dict[str, int] = Field(default_factory=dict)

    def covers(self, container_ids: tuple[str, ...] | None) -> bool:
        """Whether a run of these containers can begin at the checkpoint."""
        if self.checkpoint is None:
            return False
        if self.container_ids is None or container_ids is None:
            return self.container_ids is None
        return set(container_ids) <= set(self.container_ids)
