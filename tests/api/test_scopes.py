"""Scopes of every connector and tool: what is asked for, what is lacking, and when it is told."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from src.connectors.manifest import AuthKind
from src.connectors.registry import load
from tests.api.answers import data_of, error_of, wrong_fields
from tests.api.sandboxes import C, Sandboxes, sandboxes
from tests.conftest import GitHub, StartService


@pytest.fixture
async def all_of_them(start: StartService, github: GitHub) -> AsyncIterator[Sandboxes]:
    async with sandboxes(start, github) as found:
        yield found


def always(connector_id: str) -> tuple[list[str], str]:
    """What the connector asks for whatever is named, and what stands between scopes."""
    manifest = load(connector_id, f"src.connectors.{connector_id}.connector").manifest
    (method,) = [one for one in manifest.auth_methods if one.kind is AuthKind.OAUTH2]
    assert method.oauth2 is not None
    return list(manifest.scopes.always), method.oauth2.scope_separator


async def needs(found: Sandboxes, entry: Any, **params: str) -> Any:
    return data_of(await found.client.get(f"{C}/{entry['id']}/scopes", params=params))


def asked_for(started: Any, separator: str) -> list[str]:
    query = parse_qs(urlsplit(started["authUrl"]).query)
    return [part for text in query.get("scope", []) for part in text.split(separator) if part]


def sample(schema: Any, whole: Any) -> Any:
    """A value that a schema takes, if its form alone decides."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], whole)
    kinds = {
        "object": lambda: arguments(schema, whole) or {"name": "x"},
        "array": lambda: [sample(schema.get("items", {}), whole)],
        "integer": lambda: schema.get("minimum", 1),
        "boolean": lambda: True,
    }
    text = "x" * max(1, schema.get("minLength", 1))
    made = kinds.get(schema.get("type", ""), lambda: text)()
    return schema.get("const", schema.get("enum", [made])[0])


def arguments(schema: Any, whole: Any) -> dict[str, Any]:
    """All that must be there."""
    properties = schema.get("properties", {})
    return {name: sample(properties[name], whole) for name in schema.get("required", [])}


async def test_connecting_for_tools_asks_for_exactly_their_scopes(all_of_them: Sandboxes) -> None:
    entries = await all_of_them.with_tools()
    assert entries
    for entry in entries:
        base, separator = always(entry["id"])
        for tool in entry["tools"]:
            told = await needs(all_of_them, entry, tools=tool["name"])
            assert told["requiredScopes"] == tool["requiredScopes"]
            assert (told["grantedScopes"], told["missingScopes"]) == (None, None)
            started = await all_of_them.start(entry, tools=[tool["name"]])
            scopes = asked_for(started, separator)
            assert scopes == list(dict.fromkeys([*base, *tool["requiredScopes"]])), tool["name"]
        every = ",".join(tool["name"] for tool in entry["tools"])
        together = {scope for tool in entry["tools"] for scope in tool["requiredScopes"]}
        assert set((await needs(all_of_them, entry, tools=every))["requiredScopes"]) == together
        usual = await needs(all_of_them, entry)
        assert usual["requiredScopes"] == entry["scopes"]
        unknown = await all_of_them.client.get(
            f"{C}/{entry['id']}/scopes", params={"tools": f"{every},{entry['id']}_nothing"}
        )
        assert wrong_fields(unknown) == ["tools"]


async def test_a_connection_tells_of_every_capability_and_tool_what_it_lacks(
    all_of_them: Sandboxes,
) -> None:
    """With the scopes of the tool that needs the least, the others are told before any 403."""
    refused: dict[str, list[int]] = {}
    for entry in await all_of_them.with_tools():
        least = min(entry["tools"], key=lambda tool: len(tool["requiredScopes"]))
        connection_id = await all_of_them.connect(entry, tools=[least["name"]])
        connection = data_of(await all_of_them.client.get(f"/api/connections/{connection_id}"))
        told = connection["capabilities"]
        names = [tool["name"] for tool in entry["tools"]]
        assert set(told) == {*entry["capabilities"], *names}
        assert told[least["name"]] == "ok"
        all_of_them.network.clear()
        for name in names:
            compared = await needs(all_of_them, entry, tools=name, connectionId=connection_id)
            assert compared["grantedScopes"] == connection["grantedScopes"]
            lacking = [] if told[name] == "ok" else told[name]["missingScopes"]
            assert compared["missingScopes"] == lacking
            assert (compared["reauthorizeUrl"] is None) == (not lacking)
            if not lacking:
                continue
            (schema,) = [one["inputSchema"] for one in entry["tools"] if one["name"] == name]
            run = {"connectionId": connection_id, "arguments": arguments(schema, schema)}
            answer = await all_of_them.client.post(f"{C}/{entry['id']}/tools/{name}", json=run)
            refused.setdefault(entry["id"], []).append(answer.status_code)
            if answer.status_code == 403:
                error = error_of(answer, 403, "insufficient_scope")
                assert error["details"]["missingScopes"] == lacking
        assert all_of_them.network == []
    # Some arguments are of a form that a schema cannot tell (422); nothing is ever run.
    assert refused
    for connector_id, statuses in refused.items():
        assert 403 in statuses, connector_id
        assert set(statuses) <= {403, 422}, connector_id
