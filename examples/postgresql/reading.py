"""Rows as items: page by page behind a key, whoever asks for them."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from src.connectors.rest.errors import unreadable
from src.core.errors import InvalidCursor, UnsupportedCapability
from src.models.unified import Item

from .config import Settings
from .database import Database
from .ids import Database as DatabaseId
from .ids import Schema, Table, wrong
from .mapping import cell_of, raw_of, row_to_item
from .schemas import Cells, Relation, Selection


class Behind(Struct, frozen=True, array_like=True):
    """Where a list of rows goes on: behind this key."""

    key: tuple[str, ...]

    def token(self) -> str:
        """As a text without any address, whatever the values are."""
        return urlsafe_b64encode(msgspec.json.encode(self)).decode()

    @classmethod
    def read(cls, token: str | None) -> tuple[str, ...] | None:
        """The key in a token of ours.

        Raises:
            InvalidCursor: It is none.
        """
        if token is None:
            return None
        try:
            return msgspec.json.decode(urlsafe_b64decode(token), type=cls).key
        except (msgspec.DecodeError, ValueError) as error:
            raise InvalidCursor("The list has another form now. Start without a cursor.") from error


def table_of(text: str, field: str = "containerId") -> Table:
    """The table that an id names.

    Raises:
        UnsupportedCapability: It names what holds tables.
        ValidationFailed: It names nothing of the kind.
    """
    table = Table.parse(text)
    if table is not None:
        return table
    if DatabaseId.parse(text) or Schema.parse(text):
        raise UnsupportedCapability(
            "Only tables have rows: a database holds schemas, and a schema holds tables.",
            details={"capability": "items"},
        )
    raise wrong(field, "a table")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How rows are to be read."""

    limit: int
    token: str | None = None
    q: str | None = None
    searched: tuple[str, ...] = ()
    since: str | None = None
    updated: str | None = None
    body: bool = False
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A page of rows; ``lost`` = some have a key that makes no id."""

    items: tuple[Item, ...]
    next_token: str | None
    lost: bool


class RowReader:
    """Reads the rows of one table."""

    def __init__(self, table: Table, relation: Relation, settings: Settings) -> None:
        """Prepare it.

        Raises:
            UnsupportedCapability: Nothing tells its rows apart.
        """
        if not relation.key:
            raise UnsupportedCapability(
                "Nothing tells the rows of this table apart: it needs a primary key, or a unique"
                " one without NULL, that the role may read.",
                details={"capability": "items"},
            )
        if not all(column.is_plain for column in relation.key):
            raise UnsupportedCapability(
                "The key of this table is of a type that is not PostgreSQL's own.",
                details={"capability": "items"},
            )
        self._table = table
        self._relation = relation
        self._settings = settings

    async def page(self, database: Database, wish: Wish) -> Read:
        """Rows behind the token, in the order of the key.

        Raises:
            InvalidCursor: The table has another key now.
        """
        behind = Behind.read(wish.token)
        if behind is not None and len(behind) != len(self._relation.key):
            raise InvalidCursor("The table has another key now. Start without a cursor.")
        selection = Selection(
            limit=wish.limit,
            cell=cell_of(self._relation),
            behind=behind,
            q=wish.q,
            searched=wish.searched,
            since=wish.since,
            updated=wish.updated,
        )
        found = await database.rows(self._relation, selection)
        if len(found.rows) > wish.limit or (found.has_more and not found.rows):
            raise unreadable("a page of another size than was asked for")
        last = found.rows[-1].key if found.rows else None
        if last is not None and last == behind:
            raise unreadable("the provider repeats a page")
        items = self._items(found.rows, selection.cell, body=wish.body, raw=wish.raw)
        return Read(
            tuple(item for item in items if item is not None),
            Behind(last).token() if found.has_more and last is not None else None,
            None in items,
        )

    async def one(
        self, database: Database, key: tuple[str, ...], *, single: bool, raw: bool = False
    ) -> Item | None:
        """The row with a key; None = there is none. ``single`` ones may be larger than in lists."""
        if len(key) != len(self._relation.key):
            return None
        selection = Selection(limit=1, cell=cell_of(self._relation, single=single), at=key)
        found = await database.rows(self._relation, selection)
        return next(iter(self._items(found.rows, selection.cell, body=True, raw=raw)), None)

    def _items(
        self, rows: Sequence[Cells], cell: int, *, body: bool, raw: bool
    ) -> list[Item | None]:
        items = []
        for cells in rows:
            item = row_to_item(cells, self._table, self._relation, self._settings, cell, body=body)
            if item is not None and raw:
                item = msgspec.structs.replace(item, raw=raw_of(cells, self._relation))
            items.append(item)
        return items
