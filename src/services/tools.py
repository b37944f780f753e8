"""Tools: one action at a provider, checked whole before any call, and each run written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from src.connectors.base import BaseConnector, RunsTools
from src.connectors.manager import ConnectorManager
from src.connectors.manifest import Capability
from src.connectors.registry import LoadedConnector
from src.connectors.tools import PagedArguments, Tool, ToolArguments
from src.core.errors import (
    AppError,
    ErrorCode,
    NotFound,
    UnsupportedCapability,
    ValidationFailed,
)
from src.models.audit import AuditAction, Outcome
from src.models.principal import Caller
from src.models.unified import Page
from src.services.audit import Audit
from src.services.browse import Listing
from src.services.calls import Calls, Opened, Result
from src.services.connections import accept, require_owner
from src.services.cursors import Cursors
from src.services.paging import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRun:
    """Which tool, with which connection, and with what."""

    connector_id: str
    tool: str
    connection_id: str
    arguments: Mapping[str, Any]


class Tools:
    """Lists and runs the tools of connectors."""

    def __init__(
        self, manager: ConnectorManager, calls: Calls, cursors: Cursors, audit: Audit
    ) -> None:
        self._manager = manager
        self._calls = calls
        self._cursors = cursors
        self._audit = audit

    async def list(self, caller: Caller, connector_id: str) -> tuple[Tool, ...]:
        """The tools of a connector that the tenant may use.

        Raises:
            NotFound: There is no such connector.
            UnsupportedCapability: It has no tools.
            ConnectorNotConfigured: It is switched off.
        """
        loaded = _loaded_with_tools(self._manager, connector_id)
        await self._calls.enabled(caller, connector_id)
        return loaded.manifest.tools

    async def run(self, caller: Caller, run: ToolRun) -> Result[Any] | Listing[Any]:
        """Run a tool once; what it changes is never tried again by itself.

        Raises:
            NotFound: No such connector, tool or connection.
            UnsupportedCapability: The connector has no tools.
            ValidationFailed: The arguments are not the tool's, or the connection is another's.
            Forbidden: It changes something with a connection that is not the caller's own.
            InsufficientScope: The grant surely lacks a scope; nothing was called.
            AppError: Whatever else the provider's answer means.
        """
        tool = _loaded_with_tools(self._manager, run.connector_id).manifest.tool(run.tool)
        if tool is None:
            raise NotFound("There is no such tool.")
        arguments = accept("arguments", tool.arguments, msgspec.json.encode(run.arguments))
        given = arguments.model_dump(exclude={"cursor"})
        question = Question(self._cursors, "tool", caller, run.connection_id, run.tool, given)
        arguments = _resumed(arguments, question)
        opened = await self._calls.open(
            caller, run.connector_id, run.connection_id, fresh=not tool.read_only
        )
        try:
            result = await self._run(caller, opened, tool, arguments)
        except BaseException as error:
            await self._note(caller, opened, tool, error)
            raise
        await self._note(caller, opened, tool, None)
        return _told(result, tool, question)

    async def _run(
        self, caller: Caller, opened: Opened, tool: Tool, arguments: ToolArguments
    ) -> Result[Any]:
        if not tool.read_only:
            require_owner(caller, opened.connection)
        opened.connector.need_scopes(*tool.scopes)
        return await self._calls.run(
            caller, opened, lambda: _ran(tool, opened.connector, arguments)
        )

    async def _note(
        self, caller: Caller, opened: Opened, tool: Tool, error: BaseException | None
    ) -> None:
        """Write down that a tool ran; what it was given and what it gave stay out of it."""
        code = error.code if isinstance(error, AppError) else ErrorCode.INTERNAL_ERROR
        await self._audit.record(
            caller,
            AuditAction.TOOL_RUN,
            opened.connection.id,
            outcome=Outcome.FAILURE if error else Outcome.SUCCESS,
            connectorId=opened.connection.connector_id,
            tool=tool.name,
            code=code.value if error else None,
        )


def _resumed(arguments: ToolArguments, question: Question) -> ToolArguments:
    """The arguments with the provider's own token in place of our cursor."""
    if not isinstance(arguments, PagedArguments) or arguments.cursor is None:
        return arguments
    return arguments.model_copy(update={"cursor": question.position(arguments.cursor)})


async def _ran(tool: Tool, connector: BaseConnector, arguments: ToolArguments) -> Any:
    """What the tool answers; what it says of an argument is said of where the caller wrote it.

    Raises:
        ValidationFailed: An argument is not what the tool takes.
    """
    try:
        return await tool.run(connector, arguments)
    except ValidationFailed as error:
        errors = [(each["field"], each["message"]) for each in error.details["errors"]]
        known = type(arguments).model_fields
        raise ValidationFailed(
            [
                (f"arguments.{field}" if field.partition(".")[0] in known else field, message)
                for field, message in errors
            ]
        ) from error


def _told(result: Result[Any], tool: Tool, question: Question) -> Result[Any] | Listing[Any]:
    page = result.value
    if not isinstance(page, Page):
        return result
    cursor = question.cursor(page.next_token) if tool.has_pages else None
    # What nobody can ask for is kept back.
    is_cut = page.truncated or (page.next_token is not None and cursor is None)
    return Listing(page.items, cursor, is_cut, result.rate_limit)


def _loaded_with_tools(manager: ConnectorManager, connector_id: str) -> LoadedConnector:
    loaded = manager.registry.find(connector_id)
    if not issubclass(loaded.connector_class, RunsTools):
        raise UnsupportedCapability(
            f"{loaded.manifest.name} has no tools.", details={"capability": Capability.TOOLS.value}
        )
    return loaded
