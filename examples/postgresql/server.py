"""A real server, by asyncpg: read-only transactions, bounded in time and in size."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec
from asyncpg import Connection

from src.connectors.rest.errors import unreadable
from src.core.errors import ProviderNotFound

from . import statements
from .database import Database
from .quoting import containing
from .schemas import (
    AccountRow,
    Cells,
    Column,
    ColumnRow,
    Listed,
    NameRow,
    Relation,
    RelationRow,
    Rows,
    Selection,
)

MOST_BYTES = 4 * 1024 * 1024
"""Of one page: what comes behind belongs to the next."""
_MOST_AHEAD = 100
_MOST_CHARACTERS_AHEAD = 5 * 512 * 1024
"""Under way at once. Each may be four bytes, and with a page they stay below what ends a line."""

R = TypeVar("R")


class Server(Database):
    """One connection, for one call."""

    def __init__(self, connection: Connection, seconds: float) -> None:
        self.connection = connection
        self._manners = statements.MANNERS.format(milliseconds=max(int(seconds * 1000), 1))

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[Connection, None]:
        """A transaction that can change nothing, whatever is asked in it."""
        async with self.connection.transaction(readonly=True):
            await self.connection.execute(self._manners)
            yield self.connection

    async def _all(self, statement: str, *parameters: Any) -> list[Any]:
        async with self._reading() as connection:
            found: list[Any] = await connection.fetch(statement, *parameters)
            return found

    async def account(self) -> AccountRow:
        """Who is connected."""
        (row,) = await self._all(statements.ACCOUNT)
        return _read(dict(row), AccountRow)

    async def databases(self, wish: Listed) -> Sequence[NameRow]:
        """The databases that the role may connect to."""
        return _named(await self._all(statements.DATABASES, *_listed(wish)))

    async def schemas(self, wish: Listed) -> Sequence[NameRow]:
        """The schemas that the role may use."""
        return _named(await self._all(statements.SCHEMAS, *_listed(wish)))

    async def relations(self, schema: str, wish: Listed) -> Sequence[RelationRow]:
        """What has rows in a schema."""
        found = await self._all(statements.RELATIONS, *_listed(wish), schema)
        if not found and not await self._all(statements.IS_SCHEMA, schema):
            raise _gone("schema")
        return [_read(dict(row), RelationRow) for row in found]

    async def relation(self, schema: str, name: str) -> Relation:
        """A table with the columns that the role may read."""
        answer = await self._all(statements.RELATION, schema, name)
        found = [_read(dict(row), ColumnRow) for row in answer]
        if not found:
            raise _gone("table")
        # A key that may not be read in full tells nothing apart.
        is_whole = all(row.is_readable for row in found if row.key is not None)
        columns = tuple(_column(row, has_key=is_whole) for row in found if row.is_readable)
        return Relation(schema, name, found[0].kind, columns)

    async def rows(self, relation: Relation, selection: Selection) -> Rows:
        """Rows as they come, until there are enough of them, or they are enough together."""
        statement, parameters = statements.rows(relation, selection)
        most = max(1, _MOST_CHARACTERS_AHEAD // (selection.cell * max(len(relation.columns), 1)))
        keys = len(relation.key)
        found: list[Cells] = []
        room = MOST_BYTES
        async with self._reading() as connection:
            # No more is under way at once than a page may hold.
            ahead = min(most, _MOST_AHEAD)
            async for row in connection.cursor(statement, *parameters, prefetch=ahead):
                if len(found) == selection.limit or (found and room <= 0):
                    return Rows(tuple(found), has_more=True)
                values = tuple(row.values())
                cells = _read({"key": values[:keys], "values": values[keys:]}, Cells)
                if len(values) != keys + len(relation.columns):
                    raise unreadable("a row has other columns than were asked for")
                room -= sum(len(value.encode()) for value in values if value is not None)
                found.append(cells)
        return Rows(tuple(found), has_more=False)


def _listed(wish: Listed) -> tuple[str | None, str | None, int]:
    return wish.behind, containing(wish.q) if wish.q is not None else None, wish.limit


def _read(row: object, kind: type[R]) -> R:
    """A row as what was asked for: whoever calls itself PostgreSQL may answer anything."""
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        raise unreadable(str(error)) from error


def _named(rows: Sequence[Any]) -> list[NameRow]:
    return [_read(dict(row), NameRow) for row in rows]


def _column(row: ColumnRow, *, has_key: bool) -> Column:
    return Column(
        name=row.name,
        type=row.type,
        cast=row.cast,
        base=row.base,
        category=row.category,
        is_plain=row.is_plain,
        key=row.key if has_key else None,
        description=row.description,
    )


def _gone(what: str) -> ProviderNotFound:
    return ProviderNotFound(
        f"There is no such {what}, or the role may not see it.", details={"at": "provider"}
    )
