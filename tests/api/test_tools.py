"""Tools: listed with what they take and need, checked before any call, run once, written down."""

from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.callers import LOCKED, bearer, make_key
from tests.api.desk import (
    DESK_URL,
    DROPINS,
    READER,
    SECRET,
    SILENT,
    TOOLS,
    Desk,
)
from tests.conftest import Service, StartService

SEARCH, CREATE = "desk_search_tickets", "desk_create_ticket"
TICKET = {"queue": "1", "title": "It is broken"}
GLOBEX = {"X-Tenant-Id": "globex"}
ADA = {"X-User-Id": "ada"}


async def entries(desk: Desk, tenant: str = "acme") -> list[dict[str, Any]]:
    """The runs that are written down, newest first."""
    query = {"action": "tool.run"}
    answer = await desk.client.get("/api/audit-logs", params=query, headers={"X-Tenant-Id": tenant})
    return items_of(answer)


async def test_tools_are_listed_with_what_they_take_and_need(desk: Desk) -> None:
    search, create = items_of(await desk.client.get(TOOLS))
    assert set(search) == {"name", "description", "inputSchema", "requiredScopes", "readOnly"}
    assert (search["name"], search["readOnly"]) == (SEARCH, True)
    assert (create["name"], create["readOnly"]) == (CREATE, False)
    assert create["requiredScopes"] == ["read", "write"]
    schema = create["inputSchema"]
    assert schema["required"] == ["queue", "title"]
    assert schema["additionalProperties"] is False
    picker = schema["properties"]["after"]["x-resource-picker"]
    assert picker == {"resource_type": "desk_ticket", "depends_on": "queue"}
    detail = data_of(await desk.client.get("/api/connectors/desk"))
    assert detail["tools"] == [search, create]
    assert {"tools", "resources"} <= set(detail["capabilities"])


async def test_a_connector_that_is_switched_off_has_no_tools_for_its_tenant(desk: Desk) -> None:
    connection_id = await desk.connect()
    data_of(await desk.client.patch("/api/connectors/desk", json={"enabled": False}))
    error_of(await desk.client.get(TOOLS), 409, "connector_not_configured")
    error_of(await desk.run(CREATE, connection_id, **TICKET), 409, "connector_not_configured")
    assert len(items_of(await desk.client.get(TOOLS, headers=GLOBEX))) == 2


async def test_a_tool_is_run(desk: Desk) -> None:
    connection_id = await desk.connect()
    made = data_of(await desk.run(CREATE, connection_id, **TICKET))
    assert (made["title"], made["containerId"]) == (TICKET["title"], "1")
    assert len(desk.asked("/tickets")) == 1


async def test_a_list_comes_in_pages_with_our_cursors(desk: Desk) -> None:
    connection_id = await desk.connect()
    question = {"queue": "1", "limit": 50}
    first = data_of(await desk.run(SEARCH, connection_id, **question))
    assert set(first) == {"items", "nextCursor", "hasMore", "truncated"}
    assert (len(first["items"]), first["hasMore"]) == (50, True)
    assert DESK_URL not in str(first["nextCursor"])
    rest = await desk.run(SEARCH, connection_id, **question, cursor=first["nextCursor"])
    assert len(data_of(rest)["items"]) == 10
    assert data_of(rest)["hasMore"] is False


async def test_a_cursor_is_good_for_its_own_question_only(desk: Desk) -> None:
    connection_id = await desk.connect()
    other = await desk.connect(READER, userId="ada")
    first = data_of(await desk.run(SEARCH, connection_id, queue="1"))
    cursor = first["nextCursor"]
    desk.forget()
    for answer in (
        await desk.run(SEARCH, connection_id, queue="2", cursor=cursor),
        await desk.run(SEARCH, connection_id, queue="1", limit=20, cursor=cursor),
        await desk.run(SEARCH, other, queue="1", cursor=cursor),
        await desk.run(SEARCH, connection_id, headers=ADA, queue="1", cursor=cursor),
        await desk.run(SEARCH, connection_id, queue="1", cursor="2.abc"),
    ):
        error_of(answer, 400, "invalid_cursor")
    assert desk.asked() == []


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        ({}, ["arguments.queue", "arguments.title"]),
        ({**TICKET, "due_at": "x"}, ["arguments.due_at"]),
        ({**TICKET, "title": 7}, ["arguments.title"]),
        ({**TICKET, "title": ""}, ["arguments.title"]),
    ],
    ids=["missing", "unknown", "no text", "empty"],
)
async def test_wrong_arguments_are_named_before_any_call(
    desk: Desk, arguments: dict[str, Any], fields: list[str]
) -> None:
    connection_id = await desk.connect()
    desk.forget()
    answer = await desk.run(CREATE, connection_id, **arguments)
    assert wrong_fields(answer) == fields
    assert desk.asked() == []
    assert await entries(desk) == []


async def test_a_scope_that_is_missing_stops_the_run_before_any_call(desk: Desk) -> None:
    connection_id = await desk.connect(READER)
    desk.forget()
    error = error_of(await desk.run(CREATE, connection_id, **TICKET), 403, "insufficient_scope")
    assert error["details"]["missingScopes"] == ["write"]
    assert desk.asked() == []
    items_of(await desk.run(SEARCH, connection_id, queue="1"))
    (done, refused) = await entries(desk)
    assert (refused["outcome"], refused["details"]["code"]) == ("failure", "insufficient_scope")
    assert done["outcome"] == "success"


async def test_a_grant_that_tells_no_scopes_is_tried(desk: Desk) -> None:
    connection_id = await desk.connect(SILENT)
    data_of(await desk.run(CREATE, connection_id, **TICKET))


async def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    connection_id = await desk.connect()
    error_of(await desk.run("desk_fly", connection_id), 404, "not_found")
    answer = await desk.client.post(
        "/api/connectors/nothing/tools/x", json={"connectionId": connection_id}
    )
    error_of(answer, 404, "not_found")
    error_of(await desk.run(SEARCH, connection_id, headers=GLOBEX, queue="1"), 404, "not_found")
    assert await entries(desk, "globex") == []


async def test_a_connector_without_tools_says_so(notes_service: Service) -> None:
    client: httpx.AsyncClient = notes_service.client
    error_of(await client.get("/api/connectors/notes/tools"), 422, "unsupported_capability")
    body = {"connectionId": "con_0123456789abcdef01234567"}
    answer = await client.post("/api/connectors/notes/tools/notes_x", json=body)
    assert error_of(answer, 422, "unsupported_capability")["details"] == {"capability": "tools"}


async def test_a_user_only_reads_with_a_shared_connection(desk: Desk) -> None:
    shared = await desk.connect()
    own = await desk.connect(SECRET, userId="ada")
    items_of(await desk.run(SEARCH, shared, headers=ADA, queue="1"))
    desk.forget()
    error_of(await desk.run(CREATE, shared, headers=ADA, **TICKET), 403, "forbidden")
    assert desk.asked() == []
    data_of(await desk.run(CREATE, own, headers=ADA, **TICKET))
    bob = {"X-User-Id": "bob"}
    error_of(await desk.run(SEARCH, own, headers=bob, queue="1"), 404, "not_found")


async def test_a_key_needs_the_permission_and_an_administrator_may_write(
    desk: Desk, start: StartService
) -> None:
    connection_id = await desk.connect()
    connectors = {"desk": {"api_url": DESK_URL}}
    locked = await start(connectors=connectors, connector_paths=[DROPINS], **LOCKED)
    body = {"connectionId": connection_id, "arguments": TICKET}

    async def run(permissions: list[str], **more: Any) -> httpx.Response:
        key = await make_key(locked.client, permissions=permissions, **more)
        locked.client.headers.pop("X-Tenant-Id", None)
        return await locked.client.post(f"{TOOLS}/{CREATE}", json=body, headers=bearer(key))

    refused = error_of(await run(["browse:read"]), 403, "forbidden")
    assert refused["details"] == {"permission": "tools:execute"}
    data_of(await run(["tools:execute"]))
    error_of(await run(["tools:execute"], userId="ada"), 403, "forbidden")
    data_of(await run(["admin"], userId="ada"))
    foreign = await make_key(locked.client, "globex", permissions=["tools:execute"])
    answer = await locked.client.post(f"{TOOLS}/{CREATE}", json=body, headers=bearer(foreign))
    error_of(answer, 404, "not_found")


async def test_a_revocation_elsewhere_stops_a_change_at_once(
    desk: Desk, start: StartService
) -> None:
    connection_id = await desk.connect()
    other = await start(connectors={"desk": {"api_url": DESK_URL}}, connector_paths=[DROPINS])
    # The first use is noted; from the second on it is held, for a second, by who asked for it.
    for _ in range(2):
        items_of(await desk.run(SEARCH, connection_id, queue="1"))
    data_of(await other.client.delete(f"/api/connections/{connection_id}"))
    desk.forget()
    error_of(await desk.run(CREATE, connection_id, **TICKET), 409, "connection_not_ready")
    assert desk.asked() == []


async def test_every_run_is_written_down_without_what_it_was_given(desk: Desk) -> None:
    connection_id = await desk.connect()
    await desk.run(CREATE, connection_id, **TICKET)
    await desk.run(CREATE, connection_id, queue="404", title="Lost")
    failed, done = await entries(desk)
    assert done["target"] == failed["target"] == connection_id
    assert (done["outcome"], failed["outcome"]) == ("success", "failure")
    assert done["details"] == {"connectorId": "desk", "tool": CREATE}
    assert failed["details"] == {"connectorId": "desk", "tool": CREATE, "code": "not_found"}
    assert await entries(desk, "globex") == []


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "cut"}, 502, "provider_error"),
        ({"kind": "server_error", "status": 503}, 502, "provider_error"),
    ],
    ids=["cut", "503"],
)
async def test_what_may_have_been_done_is_never_tried_again(
    desk: Desk, fault: dict[str, Any], status: int, code: str
) -> None:
    connection_id = await desk.connect()
    await desk.fault(**fault)
    desk.forget()
    error_of(await desk.run(CREATE, connection_id, **TICKET), status, code)
    assert len(desk.asked("/tickets")) == 1
    desk.forget()
    error_of(await desk.run(SEARCH, connection_id, queue="1"), status, code)
    assert len(desk.asked("/tickets")) == 3


async def test_a_named_run_is_done_once(desk: Desk) -> None:
    connection_id = await desk.connect()
    desk.forget()
    named = {"Idempotency-Key": "ticket-1"}
    first = data_of(await desk.run(CREATE, connection_id, headers=named, **TICKET))
    again = await desk.run(CREATE, connection_id, headers=named, **TICKET)
    assert data_of(again) == first
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await desk.run(CREATE, connection_id, headers=named, queue="2", title="x")
    error_of(other, 409, "conflict")
    assert len(desk.asked("/tickets")) == 1
    assert len(await entries(desk)) == 1


async def test_an_answer_that_is_too_large_is_not_kept_and_the_run_not_repeated(
    desk: Desk,
) -> None:
    connection_id = await desk.connect()
    desk.forget()
    named = {"Idempotency-Key": "huge"}
    ticket = {"queue": "1", "title": "x" * 900_000}
    first = [data_of(await desk.run(CREATE, connection_id, **ticket)) for _ in range(3)]
    assert [len(one["title"]) for one in first] == [900_000] * 3
    question = {"queue": "1", "words": "xxx"}
    page = await desk.run(SEARCH, connection_id, headers=named, **question)
    assert len(data_of(page)["items"]) == 3
    asked = len(desk.asked())
    again = await desk.run(SEARCH, connection_id, headers=named, **question)
    assert "too large" in error_of(again, 409, "conflict")["message"]
    assert len(desk.asked()) == asked


async def test_scopes_of_tools_are_told(desk: Desk) -> None:
    connection_id = await desk.connect(READER)
    query = {"tools": f"{CREATE},{SEARCH}", "connectionId": connection_id}
    told = data_of(await desk.client.get("/api/connectors/desk/scopes", params=query))
    assert told["requiredScopes"] == ["read", "write"]
    assert told["missingScopes"] == ["write"]
    query["tools"] = "desk_fly"
    answer = await desk.client.get("/api/connectors/desk/scopes", params=query)
    assert wrong_fields(answer) == ["tools"]
    started = await desk.client.get(
        "/api/connectors/desk/authorize", params={"tools": SEARCH}, follow_redirects=False
    )
    assert "scope=offline+read" in started.headers["location"].replace("%20", "+")
