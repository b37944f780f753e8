"""Gmail and Google Calendar over HTTP: browsed, picked, and changed by tools."""

from typing import Any

import pytest

from src.connectors.google import scopes
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.google import GoogleHost, asked, google_host
from tests.conftest import GitHub, StartService

GLOBEX = {"X-Tenant-Id": "globex"}
INBOX = "gmail:label:INBOX"
CALENDAR = "calendar:list:ann@example.com"
MAIL = {"to": ["Ben Ruíz <ben@example.com>"], "subject": "Grüße", "body": "Lieber Ben"}


@pytest.fixture
async def google(start: StartService, github: GitHub) -> GoogleHost:
    return await google_host(start, github.network)


@pytest.fixture
async def connection_id(google: GoogleHost) -> str:
    connected: str = (await google.connect())["connectionId"]
    return connected


async def connected_for(google: GoogleHost, *tools: str) -> str:
    connected: str = (await google.connect(tools=[*tools]))["connectionId"]
    return connected


@pytest.mark.parametrize(
    ("tool", "scope"),
    [
        ("gmail_send_email", scopes.GMAIL_SEND),
        ("gmail_read_email", scopes.GMAIL_READ),
        ("gmail_search", scopes.GMAIL_READ),
        ("gmail_modify_labels", scopes.GMAIL_MODIFY),
        ("calendar_create_event", scopes.CALENDAR_EVENTS),
    ],
)
async def test_a_user_is_asked_for_the_smallest_scope(
    google: GoogleHost, tool: str, scope: str
) -> None:
    params = asked(await google.start(tools=[tool]))
    assert {*params["scope"].split()} == {*scopes.IDENTITY, scope}


async def test_from_the_mailbox_to_an_answer(google: GoogleHost, connection_id: str) -> None:
    tops: list[str] = []
    params: dict[str, str] = {}
    while not tops or params:
        page = data_of(await google.ask("containers", connection_id, **params))
        tops += [one["id"] for one in page["items"]]
        params = {"cursor": page["nextCursor"]} if page["hasMore"] else {}
    assert {"gmail:mailbox", CALENDAR} <= {*tops}
    labels = items_of(await google.ask("containers", connection_id, parentId="gmail:mailbox"))
    work = next(one for one in labels if one["name"] == "Work")
    assert work["hasChildren"] is True
    query = {"containerId": INBOX, "q": "quarterly plan", "include": "body"}
    thread = items_of(await google.ask("items", connection_id, **query))[0]
    assert (thread["title"], thread["commentCount"]) == ("Quarterly plan", 29)
    assert thread["body"].startswith("Thought 1")
    single = data_of(await google.ask(f"items/{thread['id']}", connection_id))
    assert single["containerId"] == INBOX
    page = data_of(await google.ask("comments", connection_id, itemId=thread["id"], limit="10"))
    assert page["hasMore"] is True
    following = items_of(
        await google.ask(
            "comments", connection_id, itemId=thread["id"], limit="10", cursor=page["nextCursor"]
        )
    )
    assert following[0]["body"].startswith("Thought 12 ")


@pytest.mark.parametrize(
    ("filters", "field"),
    [({"sort": "-updatedAt"}, "sort"), ({"state": "open"}, "state"), ({"status": "x"}, "status")],
)
async def test_filters_that_gmail_has_not(
    google: GoogleHost, connection_id: str, filters: dict[str, str], field: str
) -> None:
    answer = await google.ask("items", connection_id, containerId=INBOX, **filters)
    error = error_of(answer, 422, "unsupported_filter")
    assert error["details"]["errors"][0]["field"] == field


async def test_events_are_browsed_and_their_calendars_picked(
    google: GoogleHost, connection_id: str
) -> None:
    query = {"containerId": CALENDAR, "q": "standup", "include": "body"}
    series = items_of(await google.ask("items", connection_id, **query))[0]
    assert series["hasChildren"] is True
    inner = items_of(
        await google.ask("items", connection_id, containerId=CALENDAR, parentId=series["id"])
    )
    assert len(inner) == 29
    assert {one["parentId"] for one in inner} == {series["id"]}
    picked = items_of(
        await google.ask(
            "resources/google_calendar", connection_id, filters='{"writable":true}', q="team"
        )
    )
    assert [one["name"] for one in picked] == ["Team ☂"]
    long_ago = {"containerId": CALENDAR, "updatedSince": "2020-01-01T00:00:00Z"}
    error = error_of(await google.ask("items", connection_id, **long_ago), 422, "provider_rejected")
    assert error["details"]["reason"] == "updatedMinTooLongAgo"


async def test_labels_are_picked_with_the_way_to_them(
    google: GoogleHost, connection_id: str
) -> None:
    answer = data_of(
        await google.ask(
            "resources/gmail_label",
            connection_id,
            parentId="gmail:label:Label_1",
            include="parents",
        )
    )
    assert [one["name"] for one in answer["items"]] == ["Work/Clients", "Work/Suppliers/Paper"]
    assert [one["name"] for one in answer["parents"]] == ["Work"]


async def test_a_mail_is_sent_and_read_again(google: GoogleHost) -> None:
    connection_id = await connected_for(google, "gmail_send_email", "gmail_read_email")
    sent = data_of(await google.tool("gmail_send_email", connection_id, **MAIL))
    assert sent["labels"] == ["SENT"]
    read = data_of(await google.tool("gmail_read_email", connection_id, message=sent["id"]))
    assert (read["subject"], read["body"]) == ("Grüße", "Lieber Ben")
    assert read["to"] == [{"name": "Ben Ruíz", "email": "ben@example.com"}]


async def test_a_sent_mail_is_written_down_without_what_it_says(google: GoogleHost) -> None:
    connection_id = await connected_for(google, "gmail_send_email")
    data_of(await google.tool("gmail_send_email", connection_id, **MAIL))
    entries = items_of(await google.client.get("/api/audit-logs", params={"action": "tool.run"}))
    assert entries[0]["details"]["tool"] == "gmail_send_email"
    assert "Ben" not in str(entries[0])


async def test_an_injected_header_is_refused_before_any_call(google: GoogleHost) -> None:
    connection_id = await connected_for(google, "gmail_send_email")
    google.network.requests.clear()
    for more in ({"subject": "a\r\nBcc: evil@example.com"}, {"to": ["a@b.de\nBcc: c@d.ef"]}):
        answer = await google.tool("gmail_send_email", connection_id, **{**MAIL, **more})
        assert wrong_fields(answer)
    assert google.network.requests == []


async def test_mails_are_found_page_by_page(google: GoogleHost) -> None:
    connection_id = await connected_for(google, "gmail_search")
    arguments: dict[str, Any] = {"query": "subject:notice", "limit": 2}
    first = data_of(await google.tool("gmail_search", connection_id, **arguments))
    assert [one["subject"] for one in first["items"]] == ["Notice 0", "Notice 1"]
    assert first["items"][0]["from"]["email"] == "noreply@shop.example"
    arguments["cursor"] = first["nextCursor"]
    second = items_of(await google.tool("gmail_search", connection_id, **arguments))
    assert [one["subject"] for one in second] == ["Notice 2", "Notice 3"]


async def test_labels_are_changed(google: GoogleHost) -> None:
    connection_id = await connected_for(google, "gmail_modify_labels", "gmail_search")
    found = items_of(
        await google.tool("gmail_search", connection_id, query="is:unread", label=INBOX, limit=1)
    )
    changed = data_of(
        await google.tool(
            "gmail_modify_labels", connection_id, id=found[0]["id"], mark_as="read", archive=True
        )
    )
    assert {"INBOX", "UNREAD"}.isdisjoint(changed["labels"])


async def test_an_event_is_made(google: GoogleHost) -> None:
    connection_id = await connected_for(google, "calendar_create_event")
    event = {"title": "Lunch", "start": "2026-02-03T12:00:00+01:00", "attendees": ["b@c.de"]}
    made = data_of(await google.tool("calendar_create_event", connection_id, **event))
    assert (made["title"], made["containerId"]) == ("Lunch", CALENDAR)
    assert made["assignees"][0]["email"] == "b@c.de"


@pytest.mark.parametrize(
    ("tool", "arguments", "scope"),
    [
        ("gmail_send_email", MAIL, scopes.GMAIL_SEND),
        ("gmail_modify_labels", {"id": "19bc", "archive": True}, scopes.GMAIL_MODIFY),
        (
            "calendar_create_event",
            {"title": "x", "start": "2026-02-03"},
            scopes.CALENDAR_EVENTS,
        ),
    ],
)
async def test_a_tool_without_its_scope_is_refused_before_any_call(
    google: GoogleHost, connection_id: str, tool: str, arguments: dict[str, Any], scope: str
) -> None:
    google.network.requests.clear()
    error = error_of(await google.tool(tool, connection_id, **arguments), 403, "insufficient_scope")
    assert error["details"]["missingScopes"] == [scope]
    assert google.network.requests == []


async def test_another_tenant_reaches_neither_mail_nor_calendars(
    google: GoogleHost, connection_id: str
) -> None:
    google.client.headers.update(GLOBEX)
    for path, params in (
        ("items", {"containerId": INBOX}),
        ("items", {"containerId": CALENDAR}),
        ("resources/gmail_label", {}),
        ("resources/google_calendar", {}),
    ):
        error_of(await google.ask(path, connection_id, **params), 404, "not_found")
    for tool, arguments in (("gmail_send_email", MAIL), ("gmail_search", {"query": "x"})):
        error_of(await google.tool(tool, connection_id, **arguments), 404, "not_found")


async def test_a_grant_for_mail_alone_shows_mail_alone(google: GoogleHost) -> None:
    connection_id = await connected_for(google, "gmail_read_email")
    page = data_of(await google.ask("containers", connection_id, limit="100"))
    assert [one["id"] for one in page["items"]] == ["gmail:mailbox"]
    assert page["truncated"] is True
    error = error_of(
        await google.ask("items", connection_id, containerId=CALENDAR), 403, "insufficient_scope"
    )
    assert error["details"]["missingScopes"] == [scopes.CALENDAR_READ]


async def test_an_account_without_gmail(google: GoogleHost) -> None:
    connection_id = (await google.connect("cloe"))["connectionId"]
    answer = await google.ask("items", connection_id, containerId=INBOX)
    assert error_of(answer, 403, "forbidden")["details"]["at"] == "provider"
