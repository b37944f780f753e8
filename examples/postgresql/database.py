"""What can be asked of a database that is connected: a real one, or the imitation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from .schemas import AccountRow, Listed, NameRow, Relation, RelationRow, Rows, Selection


class Database(ABC):
    """One connection to one database, for as long as a call lasts."""

    @abstractmethod
    async def account(self) -> AccountRow:
        """Who is connected."""

    @abstractmethod
    async def databases(self, wish: Listed) -> Sequence[NameRow]:
        """The databases of the server that the role may connect to, by name."""

    @abstractmethod
    async def schemas(self, wish: Listed) -> Sequence[NameRow]:
        """The schemas that the role may use, by name; none of the server's own."""

    @abstractmethod
    async def relations(self, schema: str, wish: Listed) -> Sequence[RelationRow]:
        """What has rows in a schema, by name.

        Raises:
            ProviderNotFound: There is no such schema.
        """

    @abstractmethod
    async def relation(self, schema: str, name: str) -> Relation:
        """A table with its columns.

        Raises:
            ProviderNotFound: There is no such table.
        """

    @abstractmethod
    async def rows(self, relation: Relation, selection: Selection) -> Rows:
        """Rows in the order of the key; fewer than the limit where they are large."""
