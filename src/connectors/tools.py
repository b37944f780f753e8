"""What a connector can do besides browsing: tools, each a model of arguments and a coroutine.

A tool is data of the manifest. Its arguments are snake_case outside, too: agents and forms are
drawn from their JSON Schema.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from src.models.query import PageQuery


class ToolArguments(BaseModel):
    """The base of arguments: no unknown keys, no coercion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PagedArguments(ToolArguments):
    """The base of arguments of a tool that answers a ``Page``."""

    limit: int = Field(default=50, ge=1, le=100, description="Entries per page at the most.")
    cursor: str | None = Field(
        default=None,
        min_length=1,
        max_length=8192,
        description="nextCursor of the page before; all other arguments must be the same.",
    )

    def page(self) -> PageQuery:
        """What a listing of the toolkit takes; ``cursor`` is the provider's own token by now."""
        return PageQuery(limit=self.limit, token=self.cursor)


@dataclass(frozen=True, slots=True)
class Tool:
    """One action.

    ``run`` gets the connector and the checked arguments. What it answers is encoded as it is: one
    of ``models.unified``, a struct, or a mapping; a ``Page`` of these becomes a list.
    """

    name: str
    """Begins with the connector's id, or a prefix of the manifest's: ``github_create_issue``."""
    description: str
    arguments: type[ToolArguments]
    run: Callable[[Any, Any], Awaitable[Any]]
    scopes: tuple[str, ...] = ()
    """All that it needs; the run is refused before any call when the grant surely lacks one."""
    read_only: bool = False

    @property
    def has_pages(self) -> bool:
        """Whether it can be asked for a further page."""
        return issubclass(self.arguments, PagedArguments)

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments, with ``x-resource-picker`` where one can be picked."""
        return _schema_of(self.arguments)


@cache
def _schema_of(arguments: type[ToolArguments]) -> dict[str, Any]:
    return arguments.model_json_schema()


def picked(
    resource_type: str,
    *,
    description: str,
    depends_on: str | None = None,
    filters: Mapping[str, Any] | None = None,
    **more: Any,
) -> Any:
    """A field of arguments whose value is the id of a resource that a picker lists.

    Args:
        resource_type: Which list, by its name in the manifest.
        description: What is picked.
        depends_on: Another field, whose value is the picker's ``parentId``.
        filters: What the picker is asked for besides.
        more: Anything else that pydantic's ``Field`` takes.
    """
    picker: dict[str, Any] = {"resource_type": resource_type}
    if filters:
        picker["filter"] = dict(filters)
    if depends_on is not None:
        picker["depends_on"] = depends_on
    return Field(description=description, json_schema_extra={"x-resource-picker": picker}, **more)
