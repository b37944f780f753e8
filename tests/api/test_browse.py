"""Browsing over HTTP: parameters, filters, ids, and what ``include`` adds."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.conftest import REPOSITORY, GitHub, Service, connect

BASE = "/api/connectors/github"
Get = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def get(client: httpx.AsyncClient, connection_id: str) -> Get:
    """Ask a browse route of the connection; what is given wins."""

    async def ask(route: str, **params: Any) -> httpx.Response:
        needed: dict[str, str] = {"connectionId": connection_id}
        needed |= {"items": {"containerId": REPOSITORY}}.get(route, {})
        needed |= {"comments": {"itemId": "1296269:issue:42"}}.get(route, {})
        return await client.get(f"{BASE}/{route}", params={**needed, **params})

    return ask


LISTS = ("containers", "items", "comments")
OTHER_CONNECTOR = "/api/connectors/notes"


@pytest.mark.parametrize(
    "limit",
    [
        "0",
        "101",
        "-1",
        "x",
        "1.0",
        " 5",
        "5 ",
        "",
        "1e1",
        "\N{ARABIC-INDIC DIGIT FIVE}",
        "0x5",
        "+5",
        "9" * 5000,
    ],
)
async def test_a_bad_limit_is_named(get: Get, github: GitHub, limit: str) -> None:
    await github.forget()
    for route in LISTS:
        assert wrong_fields(await get(route, limit=limit)) == ["limit"]
    assert await github.requests() == {}


@pytest.mark.parametrize("route", LISTS)
@pytest.mark.parametrize("limit", ["1", "100"])
async def test_a_page_holds_no_more_than_its_limit(get: Get, route: str, limit: str) -> None:
    assert 1 <= len(items_of(await get(route, limit=limit))) <= int(limit)


@pytest.mark.parametrize(
    ("route", "params", "field"),
    [
        ("containers", {"connectionId": "con_1"}, "connectionId"),
        ("containers", {"connectionId": ""}, "connectionId"),
        ("items", {"containerId": ""}, "containerId"),
        ("items", {"containerId": "a/b"}, "containerId"),
        ("items", {"containerId": "../x"}, "containerId"),
        ("items", {"containerId": "repo:1\n"}, "containerId"),
        ("items", {"containerId": "x" * 513}, "containerId"),
        ("items", {"containerId": "repo:x"}, "containerId"),
        ("items", {"state": "all"}, "state"),
        ("items", {"state": "OPEN"}, "state"),
        ("items", {"sort": "createdAt"}, "sort"),
        ("items", {"sort": "--updatedAt"}, "sort"),
        ("items", {"updatedSince": "yesterday"}, "updatedSince"),
        ("items", {"updatedSince": "2026-01-31"}, "updatedSince"),
        ("items", {"updatedSince": "1769860800"}, "updatedSince"),
        ("items", {"updatedSince": "2026-01-31T12:00:00"}, "updatedSince"),
        ("items", {"updatedSince": "0001-01-01T00:00:00+23:59"}, "updatedSince"),
        ("items", {"q": ""}, "q"),
        ("items", {"q": "a\x00"}, "q"),
        ("items", {"q": "x" * 257}, "q"),
        ("items", {"include": "comments"}, "include"),
        ("items", {"include": "body, raw"}, "include"),
        ("items", {"include": ""}, "include"),
        ("containers", {"include": "body"}, "include"),
        ("containers", {"parentId": "a b"}, "parentId"),
        ("containers", {"parentId": "board:1"}, "parentId"),
        ("containers", {"type": "../x"}, "type"),
        ("comments", {"itemId": "x"}, "itemId"),
        ("comments", {"itemId": ""}, "itemId"),
        ("comments", {"include": "body"}, "include"),
        ("comments", {"q": "x"}, "q"),
        ("containers", {"state": "open"}, "state"),
    ],
)
async def test_a_bad_parameter_is_named_before_any_call(
    get: Get, github: GitHub, route: str, params: dict[str, str], field: str
) -> None:
    await github.forget()
    assert wrong_fields(await get(route, **params)) == [field]
    assert await github.requests() == {}


@pytest.mark.parametrize(
    ("route", "missing"),
    [("containers", "connectionId"), ("items", "containerId"), ("comments", "itemId")],
)
async def test_a_missing_parameter_is_named(
    client: httpx.AsyncClient, connection_id: str, route: str, missing: str
) -> None:
    params = {} if missing == "connectionId" else {"connectionId": connection_id}
    answer = await client.get(f"{BASE}/{route}", params=params)
    assert wrong_fields(answer) == [missing]


@pytest.mark.parametrize(
    ("route", "params", "field"),
    [
        ("items", {"status": "triage"}, "status"),
        ("items", {"parentId": "1296269:issue:7", "q": "theme"}, "q"),
        ("items", {"type": "discussion"}, "type"),
        ("containers", {"type": "gist"}, "type"),
        ("containers", {"type": "organization", "q": "octo"}, "q"),
    ],
)
async def test_a_filter_that_github_cannot_honour_is_refused(
    get: Get, github: GitHub, route: str, params: dict[str, str], field: str
) -> None:
    await github.forget()
    error = error_of(await get(route, **params), 422, "unsupported_filter")
    assert [problem["field"] for problem in error["details"]["errors"]] == [field]
    assert await github.requests() == {}


async def test_items_are_narrowed_by_every_filter(get: Get) -> None:
    async def found(**params: str) -> list[dict[str, Any]]:
        return items_of(await get("items", limit="100", **params))

    assert {item["type"] for item in await found()} == {"issue", "pull_request"}
    for kind in ("issue", "pull_request"):
        assert {item["type"] for item in await found(type=kind)} == {kind}
    for state in ("open", "closed"):
        assert {item["state"] for item in await found(state=state)} == {state}
    newest = [item["updatedAt"] for item in await found(sort="-updatedAt")]
    assert newest == sorted(newest, reverse=True)
    oldest = [item["updatedAt"] for item in await found(sort="updatedAt")]
    assert oldest == sorted(oldest)
    since = newest[20]
    assert {item["updatedAt"] >= since for item in await found(updatedSince=since)} == {True}
    title = (await found())[0]["title"]
    word = max((part for part in title.split() if part.isalnum()), key=len)
    matching = await found(q=word, type="issue")
    assert matching
    assert {item["containerId"] for item in matching} == {REPOSITORY}


async def test_containers_are_found_below_their_parent_and_by_name(get: Get) -> None:
    async def found(**params: str) -> list[str]:
        return [entry["id"] for entry in items_of(await get("containers", **params))]

    assert await found(parentId="root") == await found()
    assert await found(type="organization") == ["org:octo-org", "org:tentacle-labs"]
    assert await found(parentId="org:tentacle-labs") == ["repo:1296275"]
    assert await found(q="octocat/Hello-World") == [REPOSITORY]
    assert await found(q="octocat/No-Such-Thing") == []
    assert REPOSITORY in await found(q="hello")
    assert await found(parentId=REPOSITORY) == []


@pytest.mark.parametrize(
    ("route", "include", "has"),
    [
        ("containers", None, {"raw": False}),
        ("containers", "raw", {"raw": True}),
        ("items", None, {"raw": False, "body": False}),
        ("items", "body", {"raw": False, "body": True}),
        ("items", "raw", {"raw": True, "body": False}),
        ("items", "body,raw", {"raw": True, "body": True}),
        ("items", "raw,body", {"raw": True, "body": True}),
        ("items/1296269:issue:42", None, {"raw": False, "body": True}),
        ("items/1296269:issue:42", "raw", {"raw": True, "body": True}),
        ("comments", None, {"raw": False}),
        ("comments", "raw", {"raw": True}),
    ],
)
async def test_include_adds_what_it_says(
    get: Get, route: str, include: str | None, has: dict[str, bool]
) -> None:
    data = data_of(await get(route, **({"include": include} if include else {})))
    entries = data.get("items", [data])
    for name, present in has.items():
        assert any(entry.get(name) for entry in entries) is present


HOSTILE = [
    "..",
    "../secret",
    "..%2Fuser",
    "%2e%2e%2fuser",
    "a%2Fb",
    "%2F",
    "1296269:issue:42/../../../user",
]
STRANGE = [
    "%00",
    "a%0Ab",
    "%7F",
    "%20",
    "größe",
    "%F0%9F%98%80",
    "x" * 600,
    "a%3Fb",
    "%23",
    "%25",
    "*",
    "a,b",
]


@pytest.mark.parametrize("item_id", HOSTILE)
async def test_an_item_id_that_looks_like_a_path_leads_nowhere(
    client: httpx.AsyncClient, connection_id: str, github: GitHub, item_id: str
) -> None:
    await github.forget()
    url = httpx.URL(f"http://localhost{BASE}/items/{item_id}?connectionId={connection_id}")
    answer = await client.get(url)
    assert answer.status_code in {404, 422}
    assert answer.json()["ok"] is False
    assert await github.requests() == {}


@pytest.mark.parametrize("item_id", STRANGE)
async def test_an_item_id_outside_the_pattern_is_named(
    client: httpx.AsyncClient, connection_id: str, github: GitHub, item_id: str
) -> None:
    await github.forget()
    answer = await client.get(f"{BASE}/items/{item_id}?connectionId={connection_id}")
    assert wrong_fields(answer) == ["itemId"]
    assert await github.requests() == {}


@pytest.mark.parametrize(
    "item_id",
    ["1", ":", "1:issue", "1:issue:", "1:issue:1:1", "1:wiki:1", "x:issue:1", "~", "-1:issue:1"],
)
async def test_an_item_id_that_github_never_gave_is_named(
    client: httpx.AsyncClient, connection_id: str, github: GitHub, item_id: str
) -> None:
    await github.forget()
    answer = await client.get(f"{BASE}/items/{item_id}?connectionId={connection_id}")
    assert wrong_fields(answer) == ["itemId"]
    assert await github.requests() == {}


@pytest.mark.parametrize("route", [*LISTS, "items/1296269:issue:42"])
async def test_a_connection_must_be_connected(
    client: httpx.AsyncClient, get: Get, connection_id: str, github: GitHub, route: str
) -> None:
    await client.delete(f"/api/connections/{connection_id}")
    body = {"connectorId": "github", "authMethod": "pat"}
    pending = data_of(await client.post("/api/connections", json=body), 201)
    await github.forget()
    for connection, status in ((connection_id, "disconnected"), (pending["id"], "pending")):
        error = error_of(await get(route, connectionId=connection), 409, "connection_not_ready")
        assert error["details"] == {"status": status, "reauthorizeUrl": None}
    assert await github.requests() == {}


@pytest.mark.parametrize(
    "path", ["containers", "items?containerId=b1", "comments?itemId=n1", "items/n1"]
)
async def test_a_connection_of_another_connector_is_named(
    notes_service: Service, path: str
) -> None:
    client = notes_service.client
    params = httpx.URL(path).params.set("connectionId", await connect(client))
    answer = await client.get(f"{OTHER_CONNECTOR}/{path.partition('?')[0]}", params=params)
    assert wrong_fields(answer) == ["connectionId"]
