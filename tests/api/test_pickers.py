"""A front end that knows no connector: every picker of every tool, down to something to pick.

All that it uses is `x-resource-picker` in a tool's schema and `resources/{type}`, as
docs/resource-picker.md tells.
"""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of
from tests.api.sandboxes import C, Sandboxes, sandboxes
from tests.conftest import GitHub, StartService

PAGE = 3
"""Few enough that lists have several pages."""
MOST_PAGES = 20
MOST_OPENED = 25
NODE = {
    "id",
    "name",
    "type",
    "mimeType",
    "parentId",
    "hasChildren",
    "selectable",
    "iconUrl",
    "url",
}


@dataclass
class FrontEnd:
    """Draws pickers of one connection."""

    client: httpx.AsyncClient
    connector_id: str
    connection_id: str
    seen: set[tuple[str, str]] = field(default_factory=set)
    known: dict[str, str] = field(default_factory=dict)
    """What was picked by the same questions, which other tools ask, too."""

    async def ask(self, picker: Any, parent_id: str | None = None, **more: str) -> httpx.Response:
        params = {"connectionId": self.connection_id, "limit": str(PAGE), **more}
        if parent_id is not None:
            params["parentId"] = parent_id
        if filters := picker.get("filter"):
            params["filters"] = httpx.Request("POST", "http://x", json=filters).content.decode()
        kind = picker["resource_type"]
        url = f"{C}/{self.connector_id}/resources/{kind}"
        return await self.client.get(url, params=params)

    async def list(self, picker: Any, parent_id: str | None = None) -> list[Any]:
        """A list page by page, until there is something to pick or to open; none comes twice."""
        found: list[Any] = []
        more: dict[str, str] = {}
        for number in range(MOST_PAGES):
            page = data_of(await self.ask(picker, parent_id, **more))
            assert len(page["items"]) <= PAGE
            found += page["items"]
            is_enough = any(one["selectable"] or one["hasChildren"] for one in found)
            if not page["hasMore"] or (is_enough and number):
                break
            more = {"cursor": page["nextCursor"]}
        for one in found:
            assert set(one) == NODE
            assert one["type"] == picker["resource_type"]
            assert one["name"].strip()
        ids = [one["id"] for one in found]
        assert len(ids) == len(set(ids))
        return found

    async def walk(self, picker: Any, top: str | None) -> tuple[Any, str | None]:
        """The first thing to pick, and what was opened to see it; wide before deep."""
        open_ones: list[str | None] = [top]
        for number, parent_id in enumerate(open_ones):
            assert number < MOST_OPENED, f"{picker} leads nowhere"
            found = await self.list(picker, parent_id)
            for one in found:
                if one["selectable"]:
                    return one, parent_id
            open_ones += [one["id"] for one in found if one["hasChildren"]]
        raise AssertionError(f"{picker} below {top} holds nothing to pick")

    async def breadcrumb(self, picker: Any, parent_id: str | None) -> None:
        """The way to a list from the top, without a gap."""
        page = data_of(await self.ask(picker, parent_id, include="parents"))
        way = page["parents"]
        if parent_id is None:
            assert way == []
            return
        assert way[-1]["id"] == parent_id
        assert way[0]["parentId"] is None
        above = [one["id"] for one in way]
        assert [one["parentId"] for one in way[1:]] == above[:-1]
        assert all(set(one) == NODE for one in way)

    async def search(self, picker: Any, parent_id: str | None, wanted: Any) -> None:
        """Its own name finds it, unless the provider cannot search here; nothing is injected."""
        first, last = wanted["name"].split()[0], wanted["name"].split()[-1]
        answer = await self.ask(picker, parent_id, q=max(first, last, key=len))
        if answer.status_code == 422:
            error_of(answer, 422, "unsupported_filter")
            return
        self.seen.add(("searched", picker["resource_type"]))
        data_of(answer)
        nothing = data_of(await self.ask(picker, parent_id, q="zzqx-there-is-no-such-thing"))
        assert nothing["items"] == []

    async def pick(self, schema: Any, name: str, picked: dict[str, str]) -> str:
        """Pick a field of a form, after those that it depends on."""
        if name in picked:
            return picked[name]
        picker = schema["properties"][name]["x-resource-picker"]
        above = picker.get("depends_on")
        top = None
        if above is not None and "x-resource-picker" in schema["properties"][above]:
            top = await self.pick(schema, above, picked)
        question = f"{picker['resource_type']} {picker.get('filter')} {top}"
        if question not in self.known:
            one, parent_id = await self.walk(picker, top)
            await self.breadcrumb(picker, parent_id)
            await self.search(picker, parent_id, one)
            self.seen.add(("picked", picker["resource_type"]))
            self.known[question] = one["id"]
        picked[name] = self.known[question]
        return picked[name]


@pytest.fixture
async def all_of_them(start: StartService, github: GitHub) -> AsyncIterator[Sandboxes]:
    async with sandboxes(start, github) as found:
        yield found


def pickers(schema: Any) -> list[str]:
    return [name for name, one in schema["properties"].items() if "x-resource-picker" in one]


async def test_every_picker_of_every_tool_leads_to_something_to_pick(
    all_of_them: Sandboxes,
) -> None:
    walked: dict[str, set[tuple[str, str]]] = {}
    for entry in await all_of_them.with_tools():
        tools = [tool["name"] for tool in entry["tools"]]
        connection_id = await all_of_them.connect(entry, tools=tools, scopes=entry["scopes"])
        front_end = FrontEnd(all_of_them.client, entry["id"], connection_id)
        for tool in entry["tools"]:
            schema, picked = tool["inputSchema"], {}
            for name in pickers(schema):
                picker = schema["properties"][name]["x-resource-picker"]
                assert picker["resource_type"] in entry["resourceTypes"]
                await front_end.pick(schema, name, picked)
        walked[entry["id"]] = front_end.seen
    named = {
        (entry["id"], tool["inputSchema"]["properties"][name]["x-resource-picker"]["resource_type"])
        for entry in await all_of_them.with_tools()
        for tool in entry["tools"]
        for name in pickers(tool["inputSchema"])
    }
    assert named
    assert named == {
        (one, kind) for one, seen in walked.items() for what, kind in seen if what == "picked"
    }


async def test_what_a_picker_asks_for_wrongly_is_told(all_of_them: Sandboxes) -> None:
    for entry in await all_of_them.with_tools():
        connection_id = await all_of_them.connect(entry)
        front_end = FrontEnd(all_of_them.client, entry["id"], connection_id)
        for kind in entry["resourceTypes"]:
            picker = {"resource_type": kind}
            unknown = await front_end.ask({**picker, "filter": {"nothing": 1}})
            error_of(unknown, 422, "validation_error")
            edited = await front_end.ask(picker, cursor="edited")
            assert edited.status_code in {400, 422}
        nowhere = await front_end.ask({"resource_type": f"{entry['id']}_nothing"})
        error_of(nowhere, 404, "not_found")


async def test_another_tenant_cannot_draw_a_picker(all_of_them: Sandboxes) -> None:
    (entry, *_) = await all_of_them.with_tools()
    connection_id = await all_of_them.connect(entry)
    params = {"connectionId": connection_id}
    url = f"{C}/{entry['id']}/resources/{entry['resourceTypes'][0]}"
    other = {"X-Tenant-Id": "globex"}
    error_of(await all_of_them.client.get(url, params=params, headers=other), 404, "not_found")


DOCUMENT = Path(__file__).parents[2] / "docs" / "resource-picker.md"
EXAMPLE = re.compile(r"```http\nGET (\S+)\n```\n+```json\n(.*?)\n```", re.DOTALL)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


async def test_the_worked_example_is_what_the_sandbox_answers(all_of_them: Sandboxes) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    calls = EXAMPLE.findall(text)
    (name,) = {call.split("/")[3] for call, _ in calls}
    (entry,) = [one for one in await all_of_them.with_tools() if one["id"] == name]
    connection_id = await all_of_them.connect(entry, scopes=entry["scopes"])
    cursor = ""
    for call, told in calls:
        url = call.replace("con_…", connection_id).replace("<cursor>", cursor)
        page = without_nulls(data_of(await all_of_them.client.get(url)))
        if "nextCursor" in page:
            cursor, page["nextCursor"] = page["nextCursor"], "<cursor>"
        assert page == json.loads(told), call
    (schema,) = [
        tool["inputSchema"] for tool in entry["tools"] if tool["name"] == "supabase_select"
    ]
    shown = json.loads(re.findall(r"```json\n(.*?)\n```", text, re.DOTALL)[0])
    assert shown == {name: without_nulls(schema["properties"][name]) for name in shown}
