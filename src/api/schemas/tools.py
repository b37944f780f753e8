"""Bodies of the tool routes."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from src.api.schemas.base import Body, ConnectionId, Reply
from src.connectors.tools import Tool
from src.services.tools import ToolRun


class ToolOut(Reply):
    """One tool; `inputSchema` is JSON Schema, with `x-resource-picker` where one can be picked."""

    name: str
    description: str
    input_schema: dict[str, Any]
    required_scopes: list[str]
    read_only: bool

    @classmethod
    def of(cls, tool: Tool) -> Self:
        """From the manifest."""
        return cls(
            name=tool.name,
            description=tool.description,
            input_schema=tool.input_schema(),
            required_scopes=list(tool.scopes),
            read_only=tool.read_only,
        )


class ToolRunBody(Body):
    """What a tool is run with."""

    connection_id: ConnectionId
    arguments: dict[str, Any] = Field(
        default_factory=dict,
        description="As the tool's `inputSchema` has it: its names are snake_case.",
    )

    def to_run(self, connector_id: str, tool: str) -> ToolRun:
        """What the service takes."""
        return ToolRun(
            connector_id=connector_id,
            tool=tool,
            connection_id=self.connection_id,
            arguments=self.arguments,
        )
