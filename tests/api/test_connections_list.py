"""The list of connections: filters, order, pages."""

from typing import Any

import httpx
import pytest

from src.db.client import Mongo
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.conftest import TOKEN, connect

HUBOT = "ghp_sandbox_hubot"
LIST = "/api/connections"


async def aliases(client: httpx.AsyncClient, **params: Any) -> list[str | None]:
    """The aliases of what the list shows."""
    return [entry["alias"] for entry in items_of(await client.get(LIST, params=params))]


@pytest.fixture
async def seven(client: httpx.AsyncClient) -> list[str]:
    """Seven connections of seven users, the oldest first."""
    return [await connect(client, alias=f"no {n}", userId=f"user{n}") for n in range(7)]


async def test_pages_hold_each_connection_once_and_the_newest_first(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    pages: list[list[str]] = []
    cursor: str | None = None
    while cursor is not None or not pages:
        params = {"limit": "3"} if cursor is None else {"limit": "3", "cursor": cursor}
        page = data_of(await client.get(LIST, params=params))
        pages.append([entry["id"] for entry in page["items"]])
        cursor = page["nextCursor"]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [one for page in pages for one in page] == seven[::-1]


async def test_a_page_that_holds_all_has_no_cursor(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    page = data_of(await client.get(LIST, params={"limit": 7}))
    assert (len(page["items"]), page["nextCursor"], page["hasMore"]) == (7, None, False)


async def test_a_connection_made_meanwhile_moves_no_page(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    cursor = data_of(await client.get(LIST, params={"limit": 3}))["nextCursor"]
    await connect(client, HUBOT)
    rest = await client.get(LIST, params={"limit": 3, "cursor": cursor})
    assert [entry["id"] for entry in items_of(rest)] == seven[3:0:-1]


async def test_each_filter_narrows_the_list(client: httpx.AsyncClient) -> None:
    await connect(client, alias="work")
    gone = await connect(client, HUBOT, alias="gone", userId="ada")
    await client.delete(f"{LIST}/{gone}")
    pending = {"connectorId": "github", "authMethod": "pat", "alias": "waits"}
    data_of(await client.post(LIST, json=pending), 201)
    assert await aliases(client) == ["waits", "gone", "work"]
    assert await aliases(client, activeOnly="true") == ["work"]
    assert await aliases(client, activeOnly="false") == ["waits", "gone", "work"]
    assert await aliases(client, activeOnly="true", status="connected") == ["work"]
    assert await aliases(client, status="disconnected") == ["gone"]
    assert await aliases(client, status="pending") == ["waits"]
    assert await aliases(client, status="expired") == []
    assert await aliases(client, userId="ada") == ["gone"]
    assert await aliases(client, connectorId="github") == ["waits", "gone", "work"]
    assert await aliases(client, connectorId="jira") == []
    assert await aliases(client, q="ON") == ["gone"]
    assert await aliases(client, q="octoCAT") == ["work"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        (".*", ["a.*b"]),
        ("a.", ["a.*b"]),
        ("(", ["x(y"]),
        ("[a-z]", []),
        ("^", []),
        ("$", []),
        ("\\", ["back\\slash"]),
        ("{1,9}", []),
        ("+", []),
        ("ö", ["größe"]),
    ],
)
async def test_the_search_text_is_no_pattern(
    client: httpx.AsyncClient, q: str, found: list[str]
) -> None:
    for n, alias in enumerate(("a.*b", "x(y", "back\\slash", "größe")):
        await connect(client, alias=alias, userId=f"user{n}")
    assert await aliases(client, q=q) == found


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"limit": "1.0"}, "limit"),
        ({"limit": " 5"}, "limit"),
        ({"limit": "5 "}, "limit"),
        ({"limit": "1e1"}, "limit"),
        ({"limit": "\N{ARABIC-INDIC DIGIT FIVE}"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"status": "open"}, "status"),
        ({"status": "CONNECTED"}, "status"),
        ({"activeOnly": "1"}, "activeOnly"),
        ({"activeOnly": "True"}, "activeOnly"),
        ({"activeOnly": ""}, "activeOnly"),
        ({"activeOnly": "true", "status": "pending"}, "query"),
        ({"connectorId": "../x"}, "connectorId"),
        ({"connectorId": "$ne"}, "connectorId"),
        ({"userId": "a b"}, "userId"),
        ({"q": ""}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"q": "x" * 257}, "q"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "x" * 8193}, "cursor"),
        ({"active_only": "true"}, "active_only"),
        ({"status[$ne]": "x"}, "status[$ne]"),
    ],
)
async def test_a_bad_filter_is_named(
    client: httpx.AsyncClient, params: dict[str, str], field: str
) -> None:
    assert wrong_fields(await client.get(LIST, params=params)) == [field]


async def test_a_cursor_answers_only_its_own_question(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    cursor = data_of(await client.get(LIST, params={"limit": 3, "q": "no"}))["nextCursor"]
    good = {"limit": "3", "q": "no", "cursor": cursor}
    assert len(items_of(await client.get(LIST, params=good))) == 3
    edited = cursor[:-8] + ("A" if cursor[-8] != "A" else "B") + cursor[-7:]
    wrong = [
        {**good, "limit": "4"},
        {**good, "q": "n"},
        {**good, "status": "connected"},
        {**good, "cursor": edited},
        {**good, "cursor": cursor[:-4]},
        {**good, "cursor": cursor + "A"},
        {**good, "cursor": "é"},
        {**good, "cursor": "gAAAAA"},
    ]
    for params in wrong:
        error_of(await client.get(LIST, params=params), 400, "invalid_cursor")
    for path in ("/api/audit-logs",):
        answer = await client.get(path, params={"limit": 3, "cursor": cursor})
        error_of(answer, 400, "invalid_cursor")


async def test_naming_the_tenant_again_does_not_spoil_a_cursor(
    client: httpx.AsyncClient, seven: list[str]
) -> None:
    cursor = data_of(await client.get(LIST, params={"limit": 3}))["nextCursor"]
    params = {"limit": "3", "cursor": cursor, "workspaceId": "acme"}
    assert len(items_of(await client.get(LIST, params=params))) == 3


async def test_a_query_hides_no_operator(client: httpx.AsyncClient) -> None:
    await connect(client, TOKEN, alias="one")
    answer = await client.get(f"{LIST}?q=one&userId=$exists")
    assert items_of(answer) == []


async def test_a_connection_whose_connector_has_gone_or_whose_record_is_newer_is_listed(
    client: httpx.AsyncClient, connection_id: str, mongo: Mongo
) -> None:
    changes = {"connectorId": "removed", "fieldOfANewerVersion": {"a": 1}}
    await mongo.database["connections"].update_one({"_id": connection_id}, {"$set": changes})
    (found,) = items_of(await client.get("/api/connections"))
    assert (found["id"], found["connectorId"], found["capabilities"]) == (
        connection_id,
        "removed",
        {},
    )
