"""The imitation Gmail answers as the API's reference says."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from src.sandbox.google.app import create_app
from src.sandbox.google.gmail.seed import BULK
from src.sandbox.kit import MemoryStore

ME = "/gmail/v1/users/me"
NOW = 1_768_478_400.0


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(MemoryStore(), clock=lambda: NOW)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://gmail.test",
        headers={"authorization": "Bearer ya29.sandbox-ann"},
    ) as client:
        yield client


def error_of(answer: httpx.Response, status: int) -> tuple[str, str]:
    """The reason and the message."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == status
    return error["errors"][0]["reason"], error["message"]


async def listed(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get(f"{ME}/messages", params={"maxResults": 500, **params})
    return [one["id"] for one in answer.raise_for_status().json().get("messages", [])]


async def test_a_list_tells_ids_alone_and_nothing_when_empty(client: httpx.AsyncClient) -> None:
    some = (await client.get(f"{ME}/messages", params={"maxResults": 2})).json()
    assert [set(one) for one in some["messages"]] == [{"id", "threadId"}] * 2
    empty = await client.get(f"{ME}/messages", params={"labelIds": "Label_7"})
    assert empty.json() == {"resultSizeEstimate": 0}
    threads = await client.get(f"{ME}/threads", params={"labelIds": "Label_7"})
    assert threads.json() == {"resultSizeEstimate": 0}


async def test_much_mail_is_paged_to_its_end(client: httpx.AsyncClient) -> None:
    seen: set[str] = set()
    params = {"labelIds": "Label_6", "maxResults": "500"}
    while True:
        page = (await client.get(f"{ME}/messages", params=params)).json()
        seen |= {one["id"] for one in page["messages"]}
        if "nextPageToken" not in page:
            break
        params["pageToken"] = page["nextPageToken"]
    assert len(seen) == BULK


@pytest.mark.parametrize("token", ["x", "MTA", "!!!", ""])
async def test_a_token_of_nothing_is_refused(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.get(f"{ME}/threads", params={"pageToken": token})
    assert error_of(answer, 400) == ("invalidArgument", "Invalid pageToken")


async def test_labels_hold_together_and_with_the_search(client: httpx.AsyncClient) -> None:
    inbox = await listed(client, labelIds="INBOX")
    unread = await listed(client, labelIds=["INBOX", "UNREAD"])
    assert set(unread) < set(inbox)
    assert set(await listed(client, labelIds="INBOX", q="in:anywhere OR in:spam")) == set(inbox)
    assert await listed(client, labelIds="SPAM") == []
    assert len(await listed(client, labelIds="SPAM", includeSpamTrash="true")) == 1
    assert len(await listed(client, q="in:spam won")) == 1


@pytest.mark.parametrize(
    ("q", "count"),
    [
        ("subject:(nothing)", 0),
        ("from:jane invoice", 0),
        ("from:jane subject:holiday", 4),
        ("{from:jane subject:holiday} in:inbox", 15),
        ("holiday OR lunch in:inbox", 15),
        ("in:inbox -in:inbox", 0),
        ('"about the holiday" in:inbox', 8),
        ("in:inbox has:attachment", 3),
        ("in:inbox is:unread is:starred", 2),
        ("label:work-clients", 9),
        ("in:inbox after:1768474800", 1),
        ("in:inbox before:2026/01/05", 10),
    ],
)
async def test_the_search_language(client: httpx.AsyncClient, q: str, count: int) -> None:
    assert len(await listed(client, q=q)) == count


async def test_formats(client: httpx.AsyncClient) -> None:
    name = (await listed(client, q="subject:related"))[0]
    minimal = (await client.get(f"{ME}/messages/{name}?format=minimal")).json()
    assert "payload" not in minimal
    assert isinstance(minimal["internalDate"], str)
    head = await client.get(f"{ME}/messages/{name}?format=metadata&metadataHeaders=subject")
    assert [one["name"] for one in head.json()["payload"]["headers"]] == ["Subject"]
    assert "parts" not in head.json()["payload"]
    full = (await client.get(f"{ME}/messages/{name}")).json()
    offer = full["payload"]["parts"][1]
    assert (offer["filename"], offer["partId"], "data" in offer["body"]) == (
        "Ängebot 2026.pdf",
        "1",
        False,
    )
    attached = f"{ME}/messages/{name}/attachments/{offer['body']['attachmentId']}"
    content = (await client.get(attached)).json()
    assert base64.urlsafe_b64decode(content["data"] + "==") == b"%PDF-1.7"
    assert error_of(await client.get(f"{attached}x"), 400)[0] == "invalidArgument"
    assert error_of(await client.get(f"{ME}/messages/{name}?format=other"), 400)


async def test_what_is_archived_has_no_labels_at_all(client: httpx.AsyncClient) -> None:
    name = (await listed(client, q="archived"))[0]
    assert "labelIds" not in (await client.get(f"{ME}/messages/{name}")).json()


async def test_labels_of_a_thread_are_changed_and_kept(client: httpx.AsyncClient) -> None:
    thread = (await client.get(f"{ME}/threads?q=plan")).json()["threads"][0]["id"]
    change = {"addLabelIds": ["STARRED"], "removeLabelIds": ["INBOX"]}
    answer = await client.post(f"{ME}/threads/{thread}/modify", json=change)
    labels = {label for one in answer.json()["messages"] for label in one["labelIds"]}
    assert "STARRED" in labels
    assert "INBOX" not in labels
    again = (await client.get(f"{ME}/threads/{thread}?format=minimal")).json()
    assert all("STARRED" in one["labelIds"] for one in again["messages"])


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("messages/send", {}, 400, "'raw' RFC822 payload message string"),
        ("messages/send", {"raw": "U3ViamVjdDogeAoKeQ"}, 400, "Recipient address required"),
        ("messages/send", {"raw": 1}, 400, "Invalid JSON payload received."),
        ("messages/1/modify", {"addLabelIds": ["INBOX"]}, 404, "Requested entity was not found."),
        ("threads/1/modify", {"addLabelIds": ["INBOX"]}, 404, "Requested entity was not found."),
    ],
)
async def test_refusals(
    client: httpx.AsyncClient, path: str, body: Any, status: int, message: str
) -> None:
    answer = await client.post(f"{ME}/{path}", json=body)
    assert error_of(answer, status)[1].startswith(message)


async def test_who_may_do_what(client: httpx.AsyncClient) -> None:
    reader = {"authorization": "Bearer ya29.sandbox-ann-reader"}
    assert (await client.get(f"{ME}/labels", headers=reader)).status_code == 200
    answer = await client.post(f"{ME}/messages/send", json={}, headers=reader)
    assert error_of(answer, 403)[0] == "insufficientPermissions"
    assert "gmail.send" in answer.headers["www-authenticate"]
    assert error_of(await client.get(f"{ME}/labels", headers={"authorization": "x"}), 401)
    other = await client.get("/gmail/v1/users/ben@example.com/labels")
    assert error_of(other, 403) == ("forbidden", "Delegation denied")
    cloe = {"authorization": "Bearer ya29.sandbox-cloe"}
    answer = await client.get(f"{ME}/labels", headers=cloe)
    assert error_of(answer, 400) == ("failedPrecondition", "Mail service not enabled")


async def test_a_user_may_spend_so_much_in_a_minute_and_others_are_not_touched() -> None:
    now = [NOW]
    app = create_app(MemoryStore(), clock=lambda: now[0], mail_units=100)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://gmail.test"
    ) as client:
        ann = {"authorization": "Bearer ya29.sandbox-ann"}
        ben = {"authorization": "Bearer ya29.sandbox-ben"}
        statuses = [(await client.get(f"{ME}/threads", headers=ann)).status_code for _ in range(11)]
        assert statuses == [200] * 10 + [403]
        refused = await client.get(f"{ME}/labels", headers=ann)
        assert error_of(refused, 403)[0] == "userRateLimitExceeded"
        assert (await client.get(f"{ME}/labels", headers=ben)).status_code == 200
        now[0] += 60
        assert (await client.get(f"{ME}/labels", headers=ann)).status_code == 200
