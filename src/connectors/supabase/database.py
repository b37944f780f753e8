"""What a connection reaches: projects of organisations by an account, or one project by its key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from src.connectors.supabase.conditions import Condition, Order
from src.connectors.supabase.ids import Table
from src.models.query import (
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    PageQuery,
)
from src.models.unified import Container, Item, Page

Rows = list[dict[str, Any]]

CONTAINER_TYPES = ("organization", "project", "schema", "table")
TABLE_TYPES = ("table", "view", "materialized_view", "foreign_table")
ROW_TYPE = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selecting:
    """Which rows of a table."""

    table: Table
    columns: tuple[str, ...]
    conditions: tuple[Condition, ...]
    order: tuple[Order, ...]
    page: PageQuery


class Database(ABC):
    """What the two ways have in common."""

    @abstractmethod
    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """What holds tables or rows."""

    @abstractmethod
    async def items(self, query: ItemQuery) -> Page[Item]:
        """Tables of a schema, or rows of a table."""

    @abstractmethod
    async def item(self, query: OneItemQuery) -> Item:
        """One of these."""

    @abstractmethod
    async def select(self, selecting: Selecting) -> Page[Any]:
        """Rows as they are."""

    @abstractmethod
    async def insert(self, table: Table, columns: Sequence[str], rows: Rows) -> Rows:
        """New rows, as they have become."""
