"""The audit log over HTTP."""

import re
from datetime import datetime, timedelta

import httpx
import pytest

from tests.api.answers import TIME, data_of, error_of, items_of, wrong_fields
from tests.conftest import connect

URL = "/api/audit-logs"


async def test_an_entry_tells_who_did_what_to_what(client: httpx.AsyncClient) -> None:
    client.headers["X-Request-Id"] = "the-connect"
    connection_id = await connect(client)
    (entry,) = items_of(await client.get(URL))
    assert re.fullmatch(r"aud_[0-9a-f]{24}", entry.pop("id"))
    assert TIME.fullmatch(entry.pop("at"))
    assert entry == {
        "actor": "open",
        "via": "open",
        "action": "connection.connected",
        "target": connection_id,
        "outcome": "success",
        "requestId": "the-connect",
        "ip": "127.0.0.1",
        "details": {"connectorId": "github", "method": "pat", "account": "1"},
    }


async def test_entries_are_narrowed_by_filters(client: httpx.AsyncClient) -> None:
    first = await connect(client, userId="ada")
    second = await connect(client, "ghp_sandbox_hubot")
    path = f"/api/connections/{first}"
    await client.patch(path, json={"alias": "x"}, headers={"X-User-Id": "ada"})

    async def found(**params: str) -> list[tuple[str, str]]:
        entries = items_of(await client.get(URL, params=params))
        return [(entry["action"], entry["target"]) for entry in entries]

    updated = ("connection.updated", first)
    connected = [("connection.connected", second), ("connection.connected", first)]
    assert await found() == [updated, *connected]
    assert await found(action="connection.connected") == connected
    assert await found(actor="ada") == [updated]
    assert await found(connectionId=second) == connected[:1]
    assert await found(action="connection.updated", connectionId=second) == []


async def test_the_span_includes_its_start_and_not_its_end(client: httpx.AsyncClient) -> None:
    await connect(client)
    (entry,) = items_of(await client.get(URL))
    at = datetime.fromisoformat(entry["at"])
    step = timedelta(milliseconds=1)

    async def count(**params: datetime) -> int:
        given = {name.strip("_"): moment.isoformat() for name, moment in params.items()}
        return len(items_of(await client.get(URL, params=given)))

    assert await count(from_=at, to=at + step) == 1
    assert await count(from_=at + step) == 0
    assert await count(to=at) == 0


async def test_pages_hold_each_entry_once_and_the_newest_first(client: httpx.AsyncClient) -> None:
    for number in range(5):
        data_of(await client.patch("/api/connectors/github", json={"enabled": bool(number % 2)}))
    everything = [entry["id"] for entry in items_of(await client.get(URL))]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = data_of(await client.get(URL, params=params))
        seen += [entry["id"] for entry in page["items"]]
        cursor = page["nextCursor"]
    assert seen == everything
    assert len(set(seen)) == 5


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"action": "all"}, "action"),
        ({"actor": ""}, "actor"),
        ({"connectionId": "con_1"}, "connectionId"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-01-31"}, "from"),
        ({"from": "1769860800"}, "from"),
        ({"to": "2026-01-31T12:00:00"}, "to"),
        ({"to": "0001-01-01T00:00:00+23:59"}, "to"),
        ({"to": "2026-02-30T00:00:00Z"}, "to"),
        ({"from_": "2026-01-31T12:00:00Z"}, "from_"),
        ({"limit": "0"}, "limit"),
    ],
)
async def test_a_bad_filter_is_named(
    client: httpx.AsyncClient, params: dict[str, str], field: str
) -> None:
    assert wrong_fields(await client.get(URL, params=params)) == [field]


async def test_a_cursor_answers_only_its_own_question(client: httpx.AsyncClient) -> None:
    for enabled in (True, False, True):
        await client.patch("/api/connectors/github", json={"enabled": enabled})
    cursor = data_of(await client.get(URL, params={"limit": 1}))["nextCursor"]
    for more in ({"limit": "2"}, {"limit": "1", "actor": "open"}):
        answer = await client.get(URL, params={**more, "cursor": cursor})
        error_of(answer, 400, "invalid_cursor")
