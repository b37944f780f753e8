"""Items of connections that are not to be asked: what their provider has pushed, as stored."""

from __future__ import annotations

import msgspec

from src.connectors.base import refuse_filters
from src.core.errors import InvalidCursor, ProviderNotFound
from src.db.repositories.record_values import StoredRecord, StreamPlace
from src.models.connection import Connection
from src.models.query import ItemQuery
from src.models.unified import Item, Page
from src.services.audit import ScopeOf

_NO_FILTER = "These items are served as they were pushed, in the order in which they changed."


class StoredItems:
    """Serves records as items."""

    def __init__(self, scope_of: ScopeOf) -> None:
        self._scope_of = scope_of

    async def page(self, connection: Connection, stream: str, query: ItemQuery) -> Page[Item]:
        """Items in the order of their last changes, so that none is missed while it is read.

        Raises:
            UnsupportedFilter: The query wants to narrow or sort them.
            InvalidCursor: The token is none of ours.
        """
        refuse_filters(
            query,
            "parent_id",
            "type",
            "state",
            "status",
            "q",
            "updated_since",
            "sort",
            why=_NO_FILTER,
        )
        found = await self._scope_of(connection.tenant_id).records.list(
            StreamPlace(connection.id, stream),
            _number(query.token),
            limit=query.limit + 1,
            includes_deleted=False,
        )
        shown = found[: query.limit]
        items = [_item(record) for record in shown]
        if not query.include_body:
            items = [msgspec.structs.replace(one, body=None, body_format=None) for one in items]
        is_last = len(found) == len(shown)
        return Page(items=tuple(items), next_token=None if is_last else str(shown[-1].seq))

    async def one(self, connection: Connection, stream: str, item_id: str) -> Item:
        """One item with its body.

        Raises:
            ProviderNotFound: The provider has pushed none with this id, or it is gone.
        """
        records = self._scope_of(connection.tenant_id).records
        found = await records.get(StreamPlace(connection.id, stream), item_id)
        if found is None or found.data is None:
            raise ProviderNotFound(
                "The provider has sent no such item.", details={"at": "provider"}
            )
        return _item(found)


def _item(record: StoredRecord) -> Item:
    return msgspec.json.decode(record.data or "", type=Item)


def _number(token: str | None) -> int:
    try:
        return 0 if token is None else int(token)
    except ValueError as error:
        raise InvalidCursor("The list has another form now. Start without a cursor.") from error
