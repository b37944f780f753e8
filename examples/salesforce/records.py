"""Records of an object, read by queries over the fields that its describe names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from src.connectors.base import refuse_filters
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.paginators import SinglePage
from src.core.errors import ProviderNotFound, UnsupportedFilter, ValidationFailed
from src.models.base import rfc3339
from src.models.query import CommentQuery, ItemQuery, PageQuery, ResourceQuery, Sort
from src.models.unified import Comment, Item, Page, Resource

from . import soql
from .ids import RecordId
from .keyset import Keyset
from .mapping import to_comment, to_item, to_record
from .schemas import ObjectDescribe, QueryResult, Row
from .shapes import Shape, shape_of

CASE = "Case"
_COMMENT_FIELDS = (
    "Id",
    "CommentBody",
    "IsPublished",
    "CreatedDate",
    "SystemModstamp",
    "CreatedById",
    "CreatedBy.Name",
)

T = TypeVar("T", bound=msgspec.Struct)


class Records:
    """Reads records; ``home`` is the org's own address, for links."""

    def __init__(self, rest: RestClient, home: str | None) -> None:
        self.rest = rest
        self._home = home

    async def shape(self, name: str, field: str = "containerId") -> Shape:
        """What can be read of an object.

        Raises:
            ProviderNotFound: There is no such object, or this user does not see it.
            ValidationFailed: Its name is written otherwise.
        """
        told = await self.rest.get("/sobjects/{object}/describe", ObjectDescribe, object=name)
        if told.name != name:
            # Salesforce does not mind the case of letters; our ids are compared by others, too.
            raise ValidationFailed([(field, f"is written {told.name}")])
        if not told.queryable:
            raise ProviderNotFound(f"{told.name} cannot be queried.", details={"at": "provider"})
        return shape_of(told)

    async def page(self, query: ItemQuery) -> Page[Item]:
        """Records of an object, those changed last first unless the caller wants otherwise."""
        refuse_filters(query, "parent_id", "type", why="the records of an object are one flat list")
        shape = await self.shape(query.container_id)
        if query.sort is not None and shape.moment is None:
            raise UnsupportedFilter(
                "sort", f"{shape.object} does not say when a record was changed"
            )
        whole = query.include_body
        paging = Keyset(
            fields=shape.whole if whole else shape.brief,
            source=shape.object,
            conditions=_conditions(shape, query),
            moment=shape.moment,
            falls=query.sort is not Sort.UPDATED_ASCENDING and shape.moment is not None,
        )
        return await self._rows(
            paging, query, lambda row: to_item(row, shape, self._home, whole=whole)
        )

    async def one(self, record: RecordId, *, include_raw: bool = False) -> Item:
        """A record with its body.

        Raises:
            ProviderNotFound: It is gone, or hidden.
        """
        shape = await self.shape(record.object, "itemId")
        page = await self.rest.page(
            List("/query", dict[str, Any], SinglePage(), wrapped_in=QueryResult),
            lambda row: to_item(row, shape, self._home, whole=True),
            PageQuery(limit=1, include_raw=include_raw),
            params={"q": _single(record, shape.whole)},
        )
        if not page.items:
            raise _gone()
        return page.items[0]

    async def pick(self, query: ResourceQuery) -> Page[Resource]:
        """Records of an object, for a picker."""
        shape = await self.shape(query.parent_id or "", "parentId")
        paging = Keyset(
            fields=shape.brief,
            source=shape.object,
            conditions=[] if query.q is None else [_titled(shape, query.q)],
            moment=shape.moment,
            falls=shape.moment is not None,
        )
        return await self._rows(paging, query, lambda row: to_record(row, shape, self._home))

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """Comments of a case, the oldest first; records of other objects have none."""
        record = RecordId.parse(query.item_id, "itemId")
        page: Page[Comment] = Page(items=())
        if record.object == CASE:
            of_case = [f"ParentId = {soql.literal(record.id)}"]
            paging = Keyset(_COMMENT_FIELDS, "CaseComment", of_case, "CreatedDate")
            page = await self._rows(paging, query, lambda row: to_comment(row, record))
        if not page.items and query.token is None:
            # A query says nothing of a record that is gone.
            await self._require(record)
        return page

    async def _require(self, record: RecordId) -> None:
        asked = {"q": _single(record, ("Id",))}
        found = await self.rest.get("/query", QueryResult[dict[str, Any]], params=asked)
        if not found.records:
            raise _gone()

    async def _rows(self, paging: Keyset, query: PageQuery, mapping: Callable[[Row], T]) -> Page[T]:
        listing = List("/query", dict[str, Any], paging, wrapped_in=QueryResult)
        return await self.rest.page(listing, mapping, query)


def _single(record: RecordId, fields: Sequence[str]) -> str:
    """The query for one record."""
    return soql.select(fields, record.object, [f"Id = {soql.literal(record.id)}"], (), 1)


def _gone() -> ProviderNotFound:
    return ProviderNotFound(
        "Salesforce does not have this record, or hides it.", details={"at": "provider"}
    )


def _conditions(shape: Shape, query: ItemQuery) -> list[str]:
    """The filters of a query.

    Raises:
        UnsupportedFilter: The object has no such field.
    """
    found: list[str] = []
    if query.state is not None:
        closed = _needed(shape.closed, "state", shape)
        found.append(f"{closed} = {'true' if query.state == 'closed' else 'false'}")
    if query.status is not None:
        found.append(f"{_needed(shape.status, 'status', shape)} = {soql.literal(query.status)}")
    if query.updated_since is not None:
        changed = _needed(shape.moment, "updatedSince", shape)
        found.append(f"{changed} >= {soql.moment(rfc3339(query.updated_since))}")
    if query.q is not None:
        found.append(_titled(shape, query.q))
    return found


def _titled(shape: Shape, text: str) -> str:
    title = _needed(shape.title if shape.is_searchable else None, "q", shape)
    return f"{title} LIKE {soql.containing(text)}"


def _needed(field: str | None, asked: str, shape: Shape) -> str:
    if field is None:
        raise UnsupportedFilter(asked, f"{shape.object} has no field for it")
    return soql.name(field)
