"""What tools must be: data that forms can be drawn from, and runs that are sent once."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import msgspec
from pydantic import BaseModel, ValidationError

from src.connectors.base import BaseConnector, PicksResources, RunsTools
from src.connectors.manifest import Manifest
from src.connectors.tools import Tool, ToolArguments
from src.core.errors import AppError
from src.models.unified import Page
from src.testing.bench import Bench, expect, refuse

Samples = Mapping[str, Mapping[str, Any]]
"""For each tool arguments that the sandbox takes."""

Verb = Callable[[], Awaitable[object]]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_PICKER = "x-resource-picker"


def check_tools(bench: Bench, samples: Samples) -> None:
    """Everything about tools that can be seen without a call."""
    manifest = bench.loaded.manifest
    has_tools = issubclass(bench.loaded.connector_class, RunsTools)
    expect(
        has_tools == bool(manifest.tools),
        "manifest.tools and the class disagree: a connector with tools derives from RunsTools, and"
        " one that does names them in manifest.tools",
    )
    for tool in manifest.tools:
        _check_tool(bench, tool)
        arguments_of(tool, samples)
    lost = sorted(set(samples) - {tool.name for tool in manifest.tools})
    expect(not lost, f"tools names {lost}, which manifest.tools does not have")


def arguments_of(tool: Tool, samples: Samples) -> ToolArguments:
    """The sample arguments of a tool, read as the service reads them."""
    if tool.name not in samples:
        refuse(f"tools has no arguments for {tool.name}: name some that the sandbox takes")
    try:
        content = msgspec.json.encode(samples[tool.name])
        return tool.arguments.model_validate_json(content, strict=True)
    except ValidationError as error:
        refuse(f"tools: {tool.name} does not take its sample arguments: {error}")


def runs(connector: RunsTools, samples: Samples) -> dict[str, Verb]:
    """Each tool with its sample arguments, ready to be run once."""

    def running(tool: Tool) -> Verb:
        return lambda: tool.run(connector, arguments_of(tool, samples))

    return {f"tool {tool.name}": running(tool) for tool in connector.manifest.tools}


async def check_runs(bench: Bench, samples: Samples, beyond: Collection[str] = ()) -> None:
    """Each tool answers what can be told, with pages only where they can be asked for."""
    for tool in bench.loaded.manifest.tools:
        if tool.name in beyond:
            continue
        value = await tool.run(bench.connector(), arguments_of(tool, samples))
        is_page = isinstance(value, Page)
        expect(
            is_page or isinstance(value, msgspec.Struct | BaseModel | Mapping),
            f"{tool.name} answers a {type(value).__name__}: answer a model of ours, a struct, a"
            " mapping, or a Page of these",
        )
        expect(
            not is_page or value.next_token is None or tool.has_pages,
            f"{tool.name} has a further page that nobody can ask for: derive its arguments from"
            " PagedArguments",
        )


async def check_sent_once(bench: Bench, samples: Samples, beyond: Collection[str] = ()) -> None:
    """What changes something is sent once, also when nobody knows whether it arrived."""
    for tool in bench.loaded.manifest.tools:
        if tool.read_only or tool.name in beyond:
            continue
        faults = [{"kind": "server_error", "status": 503, "method": each} for each in CHANGES]
        await bench.faults(*faults)
        connector = bench.connector()
        try:
            await tool.run(connector, arguments_of(tool, samples))
        except AppError:
            sent = [one for one in bench.wires.requests if one.method in CHANGES]
            expect(
                len(sent) == 1,
                f"{tool.name} sent {len(sent)} changes after a 503: a change may have been made"
                " though the answer was lost, so send it once and let the error pass",
            )
        else:
            refuse(
                f"{tool.name} hides a failure of its change, or is read_only and does not say so"
            )
    await bench.fault()


def _check_tool(bench: Bench, tool: Tool) -> None:
    manifest = bench.loaded.manifest
    expect(_NAME.fullmatch(tool.name), f"tool {tool.name!r}: use lower case and underscores")
    expect(tool.description.strip(), f"{tool.name} has no description: an agent chooses by it")
    unknown = sorted(set(tool.scopes) - manifest.scopes.known)
    expect(
        not unknown,
        f"{tool.name} needs {unknown}, which manifest.scopes does not know: write them into"
        " ScopeRules.optional",
    )
    schema = tool.input_schema()
    expect(
        schema.get("type") == "object" and schema.get("additionalProperties") is False,
        f"{tool.name}: its arguments must be an object that takes no unknown keys; derive them from"
        " ToolArguments",
    )
    properties: dict[str, Any] = schema.get("properties", {})
    for name, one in properties.items():
        expect(_NAME.fullmatch(name), f"{tool.name}.{name}: use lower case and underscores")
        expect(
            str(one.get("description", "")).strip(),
            f"{tool.name}.{name} has no description: a form shows it, an agent reads it",
        )
        if _PICKER in one:
            where = f"{tool.name}.{name}"
            _check_picker(bench.loaded.connector_class, manifest, where, one[_PICKER])
            _check_depends(where, name, one[_PICKER], properties, manifest)


def _check_picker(
    connector_class: type[BaseConnector], manifest: Manifest, where: str, picker: dict[str, Any]
) -> None:
    kind = manifest.resource_type(picker["resource_type"])
    if kind is None:
        refuse(f"{where} picks {picker['resource_type']!r}, which manifest.resource_types lacks")
    expect(issubclass(connector_class, PicksResources), f"{where}: derive from PicksResources")
    try:
        kind.filters.model_validate_json(msgspec.json.encode(picker.get("filter", {})), strict=True)
    except ValidationError as error:
        refuse(f"{where}: its filter is not one of {kind.name}: {error}")


def _check_depends(
    where: str, name: str, picker: dict[str, Any], properties: dict[str, Any], manifest: Manifest
) -> None:
    field = picker.get("depends_on")
    kind = manifest.resource_type(picker["resource_type"])
    expect(
        field is None or (field in properties and field != name),
        f"{where} depends on {field!r}, which is no other argument of the tool",
    )
    expect(
        field is not None or kind is None or not kind.needs_parent,
        f"{where} picks from {picker['resource_type']}, which needs a parent: say with depends_on"
        " which argument it is",
    )
