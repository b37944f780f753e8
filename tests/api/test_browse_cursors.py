"""Cursors of the browse routes: good for one question, and for nobody else's."""

from collections.abc import Mapping

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of
from tests.conftest import REPOSITORY, GitHub, connect

ITEMS = "/api/connectors/github/items"
COMMENTS = "/api/connectors/github/comments"
CONTAINERS = "/api/connectors/github/containers"


async def cursor_of(client: httpx.AsyncClient, url: str, params: Mapping[str, str]) -> str:
    """The cursor to the second page."""
    cursor: str = data_of(await client.get(url, params=params))["nextCursor"]
    assert cursor
    return cursor


@pytest.mark.parametrize(
    ("url", "params", "total"),
    [
        (CONTAINERS, {"limit": "2"}, 8),
        (ITEMS, {"containerId": "repo:1296270", "limit": "10"}, 24),
        (COMMENTS, {"itemId": "1296269:pull:101", "limit": "50"}, 165),
    ],
)
async def test_pages_hold_everything_once(
    client: httpx.AsyncClient, connection_id: str, url: str, params: dict[str, str], total: int
) -> None:
    params = {"connectionId": connection_id, **params}
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = data_of(
            await client.get(url, params=params | ({"cursor": cursor} if cursor else {}))
        )
        assert len(page["items"]) <= int(params["limit"])
        seen += [entry["id"] for entry in page["items"]]
        cursor = page["nextCursor"]
        assert page["hasMore"] is (cursor is not None)
    assert len(seen) == len(set(seen)) == total


async def test_a_cursor_tells_nothing(client: httpx.AsyncClient, connection_id: str) -> None:
    params = {"connectionId": connection_id, "containerId": REPOSITORY, "limit": "5"}
    cursor = await cursor_of(client, ITEMS, params)
    again = await cursor_of(client, ITEMS, params)
    assert cursor != again
    for inside in ("http", "page", "repositories", connection_id):
        assert inside not in cursor
    assert cursor.replace("-", "").replace("_", "").isalnum()


async def test_a_cursor_answers_only_its_own_question(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    other = await connect(client, "ghp_sandbox_hubot")
    good = {"connectionId": connection_id, "containerId": REPOSITORY, "limit": "5"}
    cursor = await cursor_of(client, ITEMS, good)
    good["cursor"] = cursor
    await github.forget()
    wrong: list[dict[str, str]] = [
        {"limit": "6"},
        {"containerId": "repo:1296270"},
        {"connectionId": other},
        {"type": "issue"},
        {"state": "open"},
        {"sort": "updatedAt"},
        {"q": "x"},
        {"include": "body"},
        {"include": "raw"},
        {"updatedSince": "2020-01-01T00:00:00Z"},
        {"cursor": cursor[:-1]},
        {"cursor": cursor + "="},
        {"cursor": cursor + "AAAA"},
        {"cursor": cursor[:40] + ("A" if cursor[40] != "A" else "B") + cursor[41:]},
        {"cursor": cursor.swapcase()},
        {"cursor": "https://evil.example/?page=2"},
        {"cursor": "2.page=2"},
        {"cursor": "é\x00"},
    ]
    for more in wrong:
        answer = await client.get(ITEMS, params={**good, **more})
        error_of(answer, 400, "invalid_cursor")
    for url, params in ((COMMENTS, {"itemId": "1296269:issue:42"}), (CONTAINERS, {})):
        asked = {**params, "connectionId": connection_id, "limit": "5", "cursor": cursor}
        error_of(await client.get(url, params=asked), 400, "invalid_cursor")
    assert await github.requests() == {}
    assert len(items_of(await client.get(ITEMS, params=good))) == 5


async def test_the_same_question_in_other_words_keeps_the_cursor(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    good = {
        "connectionId": connection_id,
        "containerId": REPOSITORY,
        "limit": "5",
        "include": "body,raw",
    }
    cursor = await cursor_of(client, ITEMS, good)
    for more in ({"include": "raw,body"}, {"workspaceId": "acme"}, {"limit": "05"}):
        answer = await client.get(ITEMS, params={**good, **more, "cursor": cursor})
        assert len(items_of(answer)) == 5


async def test_a_cursor_does_not_outlive_its_connection(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    params = {"connectionId": connection_id, "containerId": REPOSITORY, "limit": "5"}
    params["cursor"] = await cursor_of(client, ITEMS, params)
    await client.delete(f"/api/connections/{connection_id}")
    error_of(await client.get(ITEMS, params=params), 409, "connection_not_ready")


async def test_a_provider_that_repeats_a_page_is_not_followed_for_ever(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    params = {"connectionId": connection_id, "containerId": REPOSITORY, "limit": "5"}
    await github.fault({"kind": "repeated_page"})
    for _ in range(5):
        answer = await client.get(ITEMS, params=params)
        if answer.status_code != 200:
            break
        params["cursor"] = data_of(answer)["nextCursor"]
    error_of(answer, 502, "provider_error")
