"""What is kept of a provider's content: one record for each container, item or comment."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Raw, Struct

from src.models.unified import Time


class RecordKind(StrEnum):
    """Which of the unified nouns a record's data is."""

    CONTAINER = "container"
    ITEM = "item"
    COMMENT = "comment"


class RecordAction(StrEnum):
    """What the last change of a record was."""

    ADDED = "added"
    UPDATED = "updated"
    DELETED = "deleted"


class Record(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """A record as callers get it; ``id`` is the provider's, ``data`` is absent once it is gone."""

    id: str
    stream: str
    kind: RecordKind
    data: Raw | None
    first_seen_at: Time
    last_modified_at: Time
    last_action: RecordAction
    deleted_at: Time | None = None


class RecordCounts(Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of a batch, or of a run."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    failed: int = 0

    def __add__(self, other: RecordCounts) -> RecordCounts:
        """Both together."""
        return RecordCounts(
            added=self.added + other.added,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
            deleted=self.deleted + other.deleted,
            failed=self.failed + other.failed,
        )
