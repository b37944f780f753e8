"""What the browse routes ask a connector for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

from src.models.unified import State


class Sort(StrEnum):
    """The orders that a caller may ask for; without one the provider's own order holds."""

    UPDATED_ASCENDING = "updatedAt"
    UPDATED_DESCENDING = "-updatedAt"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQuery:
    """How much to fetch, and from where: ``token`` is the provider's own, out of our cursor."""

    limit: int = 50
    token: str | None = None
    include_raw: bool = False
    """The caller wants the provider's own rows, too; ``rest.page`` sees to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerQuery(PageQuery):
    """Containers below ``parent_id`` (None = top)."""

    parent_id: str | None = None
    type: str | None = None
    """Only containers of this type."""
    q: str | None = None
    """Words to search for: data, never query syntax."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemQuery(PageQuery):
    """Items of one container."""

    container_id: str
    parent_id: str | None = None
    """Only items below this one."""
    type: str | None = None
    state: State | None = None
    status: str | None = None
    """The provider's own word."""
    q: str | None = None
    """Words to search for: data, never query syntax; it must not leave the container."""
    updated_since: datetime | None = None
    sort: Sort | None = None
    """None = the provider's own order."""
    include_body: bool = False
    """The caller wants bodies in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneItemQuery:
    """A single item, always with its body."""

    item_id: str
    include_raw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentQuery(PageQuery):
    """The comments of one item, in the provider's order."""

    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceQuery(PageQuery):
    """What a picker lists: things of one type, below ``parent_id`` (None = top).

    ``filters`` is the model that the manifest names for the type.
    """

    type: str
    parent_id: str | None = None
    q: str | None = None
    filters: BaseModel


ItemFilter = Literal["parent_id", "type", "state", "status", "q", "updated_since", "sort"]
ContainerFilter = Literal["parent_id", "type", "q"]
