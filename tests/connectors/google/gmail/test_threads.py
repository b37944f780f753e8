"""Threads of a label."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from src.connectors.google.connector import GoogleConnector
from src.connectors.google.gmail.room import AT_ONCE
from src.connectors.rest.paginators import walk
from src.core.errors import (
    InvalidCursor,
    ProviderForbidden,
    ProviderRejected,
    ProviderUnavailable,
    UnsupportedFilter,
    ValidationFailed,
)
from src.models.query import ItemQuery, Sort
from src.models.unified import Item
from src.sandbox.google.app import create_app
from src.sandbox.kit import MemoryStore
from tests.connectors.google.conftest import ANN, Google, Open

INBOX = "gmail:label:INBOX"
LIST = "GET /gmail/v1/users/me/threads"
NEWEST = datetime(2026, 1, 15, 12, tzinfo=UTC)


def query(**more: object) -> ItemQuery:
    return ItemQuery(**{"container_id": INBOX, "limit": 100, **more})  # type: ignore[arg-type]


async def listed(connector: GoogleConnector, **more: object) -> list[Item]:
    pages = await walk(query(**more), connector.items)
    return [item for page in pages for item in page.items]


async def test_threads_come_once_the_newest_first_with_what_a_list_shows(
    connector: GoogleConnector,
) -> None:
    items = await listed(connector, limit=30)
    assert len(items) == len({item.id for item in items}) == 75
    assert {item.type for item in items} == {"thread"}
    assert {item.container_id for item in items} == {INBOX}
    moments = [item.updated_at or "" for item in items]
    assert moments[:29] == sorted(moments[:29], reverse=True)
    plan = next(item for item in items if item.title == "Quarterly plan")
    assert plan.comment_count == 29
    assert plan.author is not None
    assert (plan.author.name, plan.author.email) == ("Ben Ruíz", "ben@example.com")
    assert plan.fields["messageCount"] == 30
    assert plan.fields["participants"] == ["ben@example.com", "ann@example.com"]
    assert plan.fields["hasDraft"] is True
    assert plan.body is None
    assert plan.created_at == "2026-01-13T00:00:00.000Z"
    assert plan.updated_at == "2026-01-13T14:30:00.000Z"
    assert plan.url == f"https://mail.google.com/mail/#all/{plan.id.rpartition(':')[2]}"


async def test_a_page_costs_one_request_and_one_for_each_thread_of_heads_only(
    connector: GoogleConnector, google: Google
) -> None:
    page = await connector.items(query(limit=10))
    assert len(page.items) == 10
    assert google.asked[0] == LIST
    assert sorted(google.asked[1:]) == sorted(
        f"{LIST}/{item.id.removeprefix('gmail:thread:')}" for item in page.items
    )
    asked = google.network.requests
    assert dict(asked[0].url.params) == {"labelIds": "INBOX", "maxResults": "10"}
    assert {one.url.params["format"] for one in asked[1:]} == {"metadata"}
    assert "Subject" in asked[1].url.params.get_list("metadataHeaders")


async def test_bodies_come_without_further_requests_but_for_what_is_kept_apart(
    connector: GoogleConnector, google: Google
) -> None:
    page = await connector.items(query(limit=13, include_body=True))
    assert len(google.asked) == 14
    assert page.items[0].body == "Just text,\nof two lines."
    assert page.items[0].body_format == "text"
    google.forget()
    page = await connector.items(query(limit=15, include_body=True))
    apart = [one for one in google.asked if "/attachments/" in one]
    assert len(google.asked) == 17
    assert len(apart) == 1
    assert (page.items[13].body or "").startswith("All of a very long text.")


async def test_an_empty_label_has_no_threads(connector: GoogleConnector, google: Google) -> None:
    """Gmail leaves the key out."""
    assert await listed(connector, container_id="gmail:label:Label_7") == []
    assert google.asked == [LIST]


async def test_the_mailbox_holds_what_has_no_label_but_neither_spam_nor_trash(
    connector: GoogleConnector,
) -> None:
    found = await listed(connector, container_id="gmail:mailbox", q="archived")
    assert [item.title for item in found] == ["Archived invoice"]
    everything = await connector.items(query(container_id="gmail:mailbox", q="won"))
    assert everything.items == ()


@pytest.mark.parametrize(("label", "title"), [("SPAM", "You won"), ("TRASH", "Old invoice")])
async def test_spam_and_trash_are_listed_by_their_labels(
    connector: GoogleConnector, label: str, title: str
) -> None:
    found = await listed(connector, container_id=f"gmail:label:{label}")
    assert [item.title for item in found] == [title]


async def test_five_thousand_threads_are_paged(connector: GoogleConnector, google: Google) -> None:
    page = await connector.items(query(container_id="gmail:label:Label_6", limit=5))
    assert page.next_token is not None
    following = await connector.items(
        query(container_id="gmail:label:Label_6", limit=5, token=page.next_token)
    )
    assert [item.title for item in following.items] == [f"Notice {n}" for n in range(5, 10)]


async def test_updated_since_is_inclusive_and_exact(
    connector: GoogleConnector, google: Google
) -> None:
    everything = await listed(connector)
    since = NEWEST - timedelta(hours=5)
    google.forget()
    found = await listed(connector, updated_since=since)
    assert [item.id for item in found] == [item.id for item in everything[:6]]
    # The second before is asked for, too: whether "after:" takes in its own is not told.
    assert google.network.requests[0].url.params["q"] == f"after:{since.timestamp() - 1:.0f}"
    later = await listed(connector, updated_since=since + timedelta(milliseconds=1))
    assert len(later) == 5


async def test_unread_threads_can_be_asked_for(connector: GoogleConnector) -> None:
    found = await listed(connector, status="unread")
    everything = await listed(connector)
    assert [one.id for one in found] == [one.id for one in everything if one.fields["unread"]]
    assert {item.status for item in found} == {"unread"}
    assert 0 < len(found) < len(everything)


@pytest.mark.parametrize(
    ("q", "count"),
    [
        ("invoice", 8),
        ("the invoice", 8),
        ("INVOICE number", 8),
        ("about-the holiday", 8),
        ("ben@example.com plan", 1),
        ("nothing of this kind", 0),
    ],
)
async def test_words_are_searched(connector: GoogleConnector, q: str, count: int) -> None:
    assert len(await listed(connector, q=q)) == count


@pytest.mark.parametrize(
    "q",
    [
        "invoice OR in:anywhere",
        '" OR in:spam',
        '"invoice" in:trash',
        "{invoice in:sent}",
        "-is:read OR label:Bulk",
        "invoice) OR (in:anywhere",
        "“invoice” label:Bulk",
        "in:anywhere",
        "from:noreply",
        "has:attachment OR after:1",
        "invoice\nOR in:anywhere",
    ],
)
async def test_what_is_typed_is_no_syntax(
    connector: GoogleConnector, google: Google, q: str
) -> None:
    """Gmail's ``labelIds`` holds whatever ``q`` says, but an operator is a word here, too."""
    inside = {item.id for item in await listed(connector)}
    google.forget()
    found = await listed(connector, q=q)
    assert {item.id for item in found} <= inside
    sent = google.network.requests[0].url.params["q"]
    assert sent.count('"') == 2 * len(sent.split('" "'))
    assert not set(sent) & set(":(){}“”\n")
    assert google.network.requests[0].url.params["labelIds"] == "INBOX"


@pytest.mark.parametrize("q", ['"', "  ", "-", "():", "x" * 600])
async def test_a_search_for_nothing_or_too_much_is_refused(
    connector: GoogleConnector, google: Google, q: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await connector.items(query(q=q))
    assert caught.value.details["errors"][0]["field"] == "q"
    assert google.asked == []


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"parent_id": "gmail:thread:1"}, "parentId"),
        ({"state": "open"}, "state"),
        ({"status": "read"}, "status"),
        ({"type": "message"}, "type"),
        ({"sort": Sort.UPDATED_DESCENDING}, "sort"),
        ({"sort": Sort.UPDATED_ASCENDING}, "sort"),
    ],
)
async def test_a_filter_that_gmail_has_not_is_refused(
    connector: GoogleConnector, google: Google, filters: dict[str, object], field: str
) -> None:
    with pytest.raises(UnsupportedFilter) as caught:
        await connector.items(query(**filters))
    assert caught.value.details["errors"][0]["field"] == field
    assert google.asked == []


async def test_a_thread_that_went_since_it_was_listed_is_left_out(
    connector: GoogleConnector, google: Google
) -> None:
    page = await connector.items(query(limit=5))
    gone = page.items[2].id.removeprefix("gmail:thread:")
    await google.fault({"kind": "not_found", "path": f"/gmail/v1/users/me/threads/{gone}"})
    left = await connector.items(query(limit=5))
    assert [item.id for item in left.items] == [
        item.id for at, item in enumerate(page.items) if at != 2
    ]


async def test_a_label_that_is_not_there(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderRejected):
        await connector.items(query(container_id="gmail:label:Label_99"))


@pytest.mark.parametrize("container", ["gmail:label:x y", "gmail:INBOX", "gmail:thread:19"])
async def test_a_container_that_is_no_id_of_ours_is_refused(
    connector: GoogleConnector, container: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await connector.items(query(container_id=container))
    assert caught.value.details["errors"][0]["field"] == "containerId"


async def test_a_page_token_of_another_question_is_no_valid_cursor(
    connector: GoogleConnector,
) -> None:
    page = await connector.items(query(limit=5))
    with pytest.raises(InvalidCursor):
        await connector.items(query(container_id="gmail:label:Label_6", token=page.next_token))


async def test_an_account_without_gmail_is_told_so(open_with: Open) -> None:
    with pytest.raises(ProviderForbidden) as caught:
        await open_with("ya29.sandbox-cloe").items(query())
    assert caught.value.details["reason"] == "failedPrecondition"
    assert caught.value.details["message"] == "Mail service not enabled"


async def test_the_payload_comes_along_if_asked_for(connector: GoogleConnector) -> None:
    page = await connector.items(query(limit=1, include_raw=True))
    assert b'"historyId"' in bytes(page.items[0].raw)  # type: ignore[arg-type]


async def test_mail_of_others_is_not_seen(open_with: Open) -> None:
    ann = await listed(open_with(ANN), q="invoice")
    ben = await listed(open_with("ya29.sandbox-ben"), q="invoice")
    assert [item.title for item in ben] == ["For Ben alone"]
    assert "For Ben alone" not in {item.title for item in ann}


async def test_never_more_than_eight_reads_are_under_way(
    connector: GoogleConnector, google: Google
) -> None:
    """Gmail refuses a user's crowd of requests."""
    app = create_app(MemoryStore())
    under_way, most = 0, 0

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(3):
            await asyncio.sleep(0)
        await app(scope, receive, send)
        under_way -= 1

    google.network.add("google.sandbox", counting)
    assert len((await connector.items(query(limit=40))).items) == 40
    assert most == AT_ONCE == 8


async def test_a_limit_within_a_page_is_waited_out(
    connector: GoogleConnector, google: Google
) -> None:
    path = "/gmail/v1/users/me/threads/"
    await google.fault({"kind": "secondary_limit", "path": path, "after": 3, "times": 2})
    assert len((await connector.items(query(limit=10))).items) == 10
    assert len(google.asked) == 13
    # Google told no time, so the waits are those of the connector: 2 seconds each.
    assert google.sleeps.seconds == [2.0, 2.0]


async def test_an_outage_within_a_page_is_no_shorter_page(
    connector: GoogleConnector, google: Google
) -> None:
    path = "/gmail/v1/users/me/threads/"
    await google.fault({"kind": "server_error", "path": path, "after": 3})
    with pytest.raises(ProviderUnavailable):
        await connector.items(query(limit=10))
