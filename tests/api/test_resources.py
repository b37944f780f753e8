"""Resources: what forms let their users pick."""

from typing import Any

import httpx
import pytest

from tests.api.answers import PAGE_KEYS, data_of, error_of, items_of, wrong_fields
from tests.api.desk import NARROW, READER, WRITER, Desk
from tests.conftest import Service

GLOBEX = {"X-Tenant-Id": "globex"}
KEYS = {
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


async def test_the_top_is_listed_in_the_one_form(desk: Desk) -> None:
    connection_id = await desk.connect()
    first, second = items_of(await desk.pick("desk_queue", connection_id))
    assert set(first) == KEYS
    assert (first["id"], first["name"], first["type"]) == ("1", "Queue 1", "desk_queue")
    assert (second["hasChildren"], second["selectable"]) == (True, True)
    assert items_of(await desk.pick("desk_queue", connection_id, parentId="root")) == [
        first,
        second,
    ]
    assert items_of(await desk.pick("desk_queue", connection_id, q="e 2")) == [second]


async def test_what_is_below_is_paged_and_a_cursor_is_bound(desk: Desk) -> None:
    connection_id = await desk.connect()
    below = {"parentId": "1", "limit": "25"}
    page = data_of(await desk.pick("desk_ticket", connection_id, **below))
    seen = [one["id"] for one in page["items"]]
    cursor = page["nextCursor"]
    while page["hasMore"]:
        answer = await desk.pick("desk_ticket", connection_id, **below, cursor=page["nextCursor"])
        page = data_of(answer)
        seen += [one["id"] for one in page["items"]]
    assert len(set(seen)) == len(seen) == 60
    desk.forget()
    for changed in ({"parentId": "2"}, {"filters": '{"state":"open"}'}, {"include": "parents"}):
        query = {**below, **changed, "cursor": cursor}
        error_of(await desk.pick("desk_ticket", connection_id, **query), 400, "invalid_cursor")
    assert desk.asked() == []


async def test_filters_are_the_types_own(desk: Desk) -> None:
    connection_id = await desk.connect()
    found = items_of(
        await desk.pick("desk_ticket", connection_id, parentId="2", filters='{"state":"open"}')
    )
    assert [one["name"] for one in found] == ["Ticket 1", "Ticket 3"]


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ('{"state":"lost"}', "filters.state"),
        ('{"colour":"red"}', "filters.colour"),
        ("[1]", "filters"),
        ('{"state":', "filters"),
        ("{}{}", "filters"),
        ("7" * 5000, "filters"),
    ],
)
async def test_a_wrong_filter_is_named_before_any_call(
    desk: Desk, filters: str, field: str
) -> None:
    connection_id = await desk.connect()
    desk.forget()
    answer = await desk.pick("desk_ticket", connection_id, parentId="1", filters=filters)
    assert wrong_fields(answer) == [field]
    assert desk.asked() == []


async def test_the_way_from_the_top_comes_when_it_is_asked_for(desk: Desk) -> None:
    connection_id = await desk.connect()
    query = {"parentId": "2", "include": "parents"}
    page = data_of(await desk.pick("desk_ticket", connection_id, **query))
    assert set(page) == PAGE_KEYS | {"parents"}
    (parent,) = page["parents"]
    assert (set(parent), parent["id"]) == (KEYS, "2")
    top = data_of(await desk.pick("desk_queue", connection_id, include="parents"))
    assert top["parents"] == []
    plain = data_of(await desk.pick("desk_ticket", connection_id, parentId="2"))
    assert set(plain) == PAGE_KEYS


async def test_what_is_wrong_is_told_without_a_call(desk: Desk) -> None:
    connection_id = await desk.connect()
    desk.forget()
    error_of(await desk.pick("desk_moon", connection_id), 404, "not_found")
    assert wrong_fields(await desk.pick("desk_ticket", connection_id)) == ["parentId"]
    bad = await desk.pick("desk_queue", connection_id, parentId="../1")
    assert wrong_fields(bad) == ["parentId"]
    assert wrong_fields(await desk.pick("desk_queue", connection_id, include="raw")) == ["include"]
    assert desk.asked() == []


async def test_the_scopes_of_the_type_are_checked_before_the_call(desk: Desk) -> None:
    connection_id = await desk.connect(NARROW)
    desk.forget()
    answer = await desk.pick("desk_ticket", connection_id, parentId="1")
    details = error_of(answer, 403, "insufficient_scope")["details"]
    assert details["missingScopes"] == ["read"]
    assert desk.asked() == []
    assert len(items_of(await desk.pick("desk_queue", connection_id))) == 2


async def test_a_connection_of_others_is_not_there(desk: Desk) -> None:
    of_ada = await desk.connect(READER, userId="ada")
    shared = await desk.connect(WRITER)
    desk.forget()

    async def ask(connection_id: str, **headers: str) -> httpx.Response:
        query: Any = {"connectionId": connection_id}
        path = "/api/connectors/desk/resources/desk_queue"
        return await desk.client.get(path, params=query, headers=headers)

    error_of(await ask(shared, **GLOBEX), 404, "not_found")
    error_of(await ask(of_ada, **{"X-User-Id": "bob"}), 404, "not_found")
    assert desk.asked() == []
    assert len(items_of(await ask(shared, **{"X-User-Id": "bob"}))) == 2


async def test_a_connector_without_pickers_says_so(notes_service: Service) -> None:
    client: httpx.AsyncClient = notes_service.client
    body = {"apiKey": "k", "apiSecret": "s", "method": "pair", "config": {"site": "x"}}
    made = data_of(await client.post("/api/connectors/notes/connect/callback", json=body), 201)
    answer = await client.get(
        "/api/connectors/notes/resources/notes_book",
        params={"connectionId": made["connectionId"]},
    )
    details = error_of(answer, 422, "unsupported_capability")["details"]
    assert details == {"capability": "resources"}
