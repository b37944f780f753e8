"""Query strings of the browse routes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from src.api.schemas.base import ConnectionId, Moment, Name, PageQuery, ProviderId, Query, Text
from src.api.schemas.base import included as words
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery, Sort
from src.services.browse import Picking

RAW_ONLY = r"^raw$"
PARENTS_ONLY = r"^parents$"
BODY_OR_RAW = r"^(body|raw)(,(body|raw))?$"

Filters = Annotated[str, StringConstraints(min_length=2, max_length=4096)]

_RAW = "`raw` adds the provider's own payload."


class ContainersQuery(PageQuery):
    """What `containers` takes."""

    connection_id: ConnectionId = Field(description="A connection of this connector.")
    parent_id: ProviderId | None = Field(
        default=None, description="A container; absent or `root` = the top."
    )
    type: Name | None = None
    q: Text | None = Field(default=None, description="What to search for; never query syntax.")
    include: str | None = Field(default=None, pattern=RAW_ONLY, description=_RAW)

    def to_query(self) -> ContainerQuery:
        """The question to the connector."""
        return ContainerQuery(
            limit=self.limit,
            include_raw="raw" in words(self.include),
            parent_id=None if self.parent_id == "root" else self.parent_id,
            type=self.type,
            q=self.q,
        )


class ItemsQuery(PageQuery):
    """What `items` takes. A filter that the provider cannot honour is refused, never ignored."""

    connection_id: ConnectionId = Field(description="A connection of this connector.")
    container_id: ProviderId = Field(description="An id that `containers` gave.")
    parent_id: ProviderId | None = None
    type: Text | None = Field(default=None, description="The `type` of items.")
    state: Literal["open", "closed"] | None = None
    status: Text | None = Field(default=None, description="The provider's own word.")
    q: Text | None = Field(default=None, description="What to search for; never query syntax.")
    updated_since: Moment | None = Field(default=None, description="RFC 3339.")
    sort: Sort | None = Field(default=None, description="Without it, the provider's order.")
    include: str | None = Field(
        default=None, pattern=BODY_OR_RAW, description=f"`body` adds bodies. {_RAW}"
    )

    def to_query(self) -> ItemQuery:
        """The question to the connector."""
        return ItemQuery(
            limit=self.limit,
            include_raw="raw" in words(self.include),
            include_body="body" in words(self.include),
            container_id=self.container_id,
            parent_id=self.parent_id,
            type=self.type,
            state=self.state,
            status=self.status,
            q=self.q,
            updated_since=self.updated_since,
            sort=self.sort,
        )


class ItemQueryString(Query):
    """What a single item takes; it always has its body."""

    connection_id: ConnectionId = Field(description="A connection of this connector.")
    include: str | None = Field(default=None, pattern=RAW_ONLY, description=_RAW)

    def to_query(self, item_id: str) -> OneItemQuery:
        """The question to the connector."""
        return OneItemQuery(item_id=item_id, include_raw="raw" in words(self.include))


class ResourcesQuery(PageQuery):
    """What `resources` takes."""

    connection_id: ConnectionId = Field(description="A connection of this connector.")
    parent_id: ProviderId | None = Field(
        default=None, description="What to look into; absent or `root` = the top."
    )
    q: Text | None = Field(default=None, description="What to search for; never query syntax.")
    filters: Filters | None = Field(
        default=None, description="A JSON object of the filters that the resource type knows."
    )
    include: str | None = Field(
        default=None,
        pattern=PARENTS_ONLY,
        description="`parents` adds the way from the top to `parentId`.",
    )

    def to_picking(self, resource_type: str) -> Picking:
        """The question to the service."""
        return Picking(
            type=resource_type,
            limit=self.limit,
            parent_id=None if self.parent_id == "root" else self.parent_id,
            q=self.q,
            filters=self.filters,
            with_parents="parents" in words(self.include),
        )


class CommentsQuery(PageQuery):
    """What `comments` takes."""

    connection_id: ConnectionId = Field(description="A connection of this connector.")
    item_id: ProviderId = Field(description="An id that `items` gave.")
    include: str | None = Field(default=None, pattern=RAW_ONLY, description=_RAW)

    def to_query(self) -> CommentQuery:
        """The question to the connector."""
        return CommentQuery(
            limit=self.limit, include_raw="raw" in words(self.include), item_id=self.item_id
        )
