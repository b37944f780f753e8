"""The imitation, asked over HTTP: for the sandbox and the conformance suite. It knows no SQL.

What this shows of a connector is everything but SQL and asyncpg; those are shown on a real server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from src.connectors.rest.client import RestClient
from src.connectors.rest.decoding import decode

from .database import Database
from .schemas import AccountRow, Listed, NameRow, Relation, RelationRow, Rows, Selection

R = TypeVar("R")


class Imitated(Database):
    """One database of the imitation."""

    def __init__(self, rest: RestClient, database: str) -> None:
        self._rest = rest
        self._database = database

    async def _ask(self, kind: type[R], about: str, **wish: Any) -> R:
        """A question, which changes nothing."""
        asked = {"database": self._database, **wish}
        response = await self._rest.call(
            "POST", "/{about}", json=asked, repeatable=True, about=about
        )
        return decode(response.content, kind)

    async def account(self) -> AccountRow:
        """Who is connected."""
        return await self._ask(AccountRow, "account")

    async def databases(self, wish: Listed) -> Sequence[NameRow]:
        """The databases."""
        return await self._ask(list[NameRow], "databases", wish=wish)

    async def schemas(self, wish: Listed) -> Sequence[NameRow]:
        """The schemas."""
        return await self._ask(list[NameRow], "schemas", wish=wish)

    async def relations(self, schema: str, wish: Listed) -> Sequence[RelationRow]:
        """What has rows in a schema."""
        return await self._ask(list[RelationRow], "relations", schema=schema, wish=wish)

    async def relation(self, schema: str, name: str) -> Relation:
        """A table with its columns."""
        return await self._ask(Relation, "relation", schema=schema, name=name)

    async def rows(self, relation: Relation, selection: Selection) -> Rows:
        """Rows."""
        return await self._ask(Rows, "rows", relation=relation, wish=selection)
