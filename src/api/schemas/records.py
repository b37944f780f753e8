"""Query string of the records route."""

from __future__ import annotations

from pydantic import Field

from src.api.schemas.base import Cursor, Flag, Limit, Moment, Name, Query
from src.services.record_reading import RecordsQuery as Question


class RecordsQuery(Query):
    """What `records` takes."""

    stream: Name | None = Field(
        default=None, description="One stream; absent = all, one after the other."
    )
    limit: Limit = Field(default=50, description="Records per page at the most.")
    cursor: Cursor | None = Field(
        default=None,
        description="`nextCursor` of the page before. It does not expire; `stream` and "
        "`includeDeleted` must be the same.",
    )
    modified_after: Moment | None = Field(
        default=None,
        description="RFC 3339. Where to begin without a cursor; with one it says nothing.",
    )
    include_deleted: Flag = Field(
        default=False, description="Also records that are gone, to delete them in a copy."
    )

    def to_query(self) -> Question:
        """The question to the service."""
        return Question(
            stream=self.stream,
            cursor=self.cursor,
            modified_after=self.modified_after,
            includes_deleted=self.include_deleted,
            limit=self.limit,
        )
