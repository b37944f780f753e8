"""What is kept of a stream beside its records."""

from __future__ import annotations

from src.models.base import Model, Timestamp


class RecordHead(Model):
    """The end of a stream. Whoever writes to it writes here first, so there is one at a time."""

    connection_id: str
    stream: str
    seq: int = 0
    """The highest one given: records are numbered in the order of their changes."""
    sweep: int = 0
    """The number of the latest full run."""
    live: int = 0
    """How many records are not gone."""
    now: Timestamp
    """When it was last written to, by the database's clock; it never goes back."""
