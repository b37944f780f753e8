"""The main walk: connect, containers, items, one item, comments."""

import httpx

from tests.conftest import REPOSITORY


async def test_a_tenant_browses_a_connected_account(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    params = {"connectionId": connection_id}
    top = (await client.get("/api/connectors/github/containers", params=params)).json()["data"]
    assert [entry["type"] for entry in top["items"]] == ["organization", "organization"]
    assert top["hasMore"]

    rest = await client.get(
        "/api/connectors/github/containers", params={**params, "cursor": top["nextCursor"]}
    )
    repositories = {entry["name"]: entry["id"] for entry in rest.json()["data"]["items"]}
    assert repositories["octocat/Hello-World"] == REPOSITORY

    items = await client.get(
        "/api/connectors/github/items", params={**params, "containerId": REPOSITORY, "limit": 2}
    )
    item_id = items.json()["data"]["items"][0]["id"]
    item = await client.get(f"/api/connectors/github/items/{item_id}", params=params)
    assert item.json()["data"]["id"] == item_id
    assert item.json()["data"]["bodyFormat"] == "markdown"

    comments = await client.get(
        "/api/connectors/github/comments", params={**params, "itemId": "1296269:issue:42"}
    )
    assert len(comments.json()["data"]["items"]) == 50
    assert comments.headers["X-Provider-RateLimit-Limit"] == "5000"
