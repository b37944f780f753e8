"""Jira's dynamic webhooks: registered, told apart, made to last, ended."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from src.connectors.jira.connector import JiraConnector
from src.connectors.webhooks import Change, Delivery, Subscription, Wish
from src.core.errors import (
    ProviderRejected,
    ProviderUnavailable,
    UnreadableAnswer,
    ValidationFailed,
)
from src.sandbox.atlassian.people import ACME
from tests.connectors.jira.conftest import GRANT, Atlassian, Open

URL = "https://ours.example/api/hooks/whk_0/secret"
EVENTS = ("jira:issue_updated", "comment_created")
API = f"/ex/jira/{ACME.id}/rest/api/3"
SIGNED = {"Authorization": f"Bearer {GRANT}"}


def wish(container: str | None = None, **more: Any) -> Wish:
    values = {"url": SecretStr(URL), "events": EVENTS, **more}
    return Wish(
        webhook_id="whk_0", secret=SecretStr("not-used-here"), container_id=container, **values
    )


async def registered(atlassian: Atlassian) -> list[dict[str, Any]]:
    answer = await atlassian.client.get(f"{API}/webhook", headers=SIGNED)
    values: list[dict[str, Any]] = answer.json()["values"]
    return values


async def edit(atlassian: Atlassian, issue: str) -> None:
    change = {"fields": {"summary": "Changed"}}
    answer = await atlassian.client.put(f"{API}/issue/{issue}", json=change, headers=SIGNED)
    answer.raise_for_status()


def read(atlassian: Atlassian) -> dict[str | None, tuple[Change, ...]]:
    """What the last delivery tells whom."""
    _, _, body = atlassian.posted[-1]
    reading = JiraConnector.read(Delivery(body=body))
    return {notice.key: notice.changes for notice in reading.notices}


async def test_a_webhook_for_a_project_tells_of_its_issues(
    connector: JiraConnector, atlassian: Atlassian
) -> None:
    made = await connector.subscribe(wish("10000"))
    (hook,) = await registered(atlassian)
    assert (hook["url"], hook["events"]) == (URL, list(EVENTS))
    assert set(made.keys) == {f"acme.atlassian.net:{hook['id']}", f"{ACME.id}:{hook['id']}"}
    left = (made.expires_at or datetime.now(UTC)) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    await edit(atlassian, "21003")
    assert atlassian.posted == []
    await edit(atlassian, "10109")
    change = Change(
        event="jira:issue_updated", stream="issues", record_id="10109", container_id="10000"
    )
    assert read(atlassian) == {f"acme.atlassian.net:{hook['id']}": (change,)}


async def test_without_a_project_it_tells_of_all_there_are(
    connector: JiraConnector, atlassian: Atlassian
) -> None:
    await connector.subscribe(wish())
    document = {"type": "doc", "version": 1, "content": []}
    answer = await atlassian.client.post(
        f"{API}/issue/21003/comment", json={"body": document}, headers=SIGNED
    )
    answer.raise_for_status()
    told = [json.loads(body)["webhookEvent"] for _, _, body in atlassian.posted]
    assert sorted(told) == ["comment_created", "jira:issue_updated"]
    _, _, body = atlassian.posted[told.index("comment_created")]
    (notice,) = JiraConnector.read(Delivery(body=body)).notices
    assert notice.changes == (
        Change(
            event="comment_created",
            stream="comments",
            record_id=f"21003:{answer.json()['id']}",
            container_id="10003",
        ),
    )
    assert await connector.fetch("comments", notice.changes[0].record_id or "") is not None


async def test_one_delivery_names_every_webhook_that_matches(
    connector: JiraConnector, atlassian: Atlassian
) -> None:
    one, all_of_them = await connector.subscribe(wish("10000")), await connector.subscribe(wish())
    await edit(atlassian, "10109")
    assert len(atlassian.posted) == 1
    assert set(read(atlassian)) == {one.keys[0], all_of_them.keys[0]}


async def test_it_lasts_as_long_as_it_is_renewed(
    connector: JiraConnector, atlassian: Atlassian
) -> None:
    made = await connector.subscribe(wish())
    atlassian.asked()
    again = await connector.renew(wish(), made)
    assert (again.handle, again.keys) == (made.handle, made.keys)
    assert atlassian.asked() == ["GET api/3/project/search", "PUT api/3/webhook/refresh"]
    # Of projects that have come and gone only a new query knows.
    former = {**made.handle, "projects": ["10000"]}
    fresh = await connector.renew(wish(), Subscription(handle=former, keys=made.keys))
    assert fresh.keys != made.keys
    assert [f"acme.atlassian.net:{one['id']}" for one in await registered(atlassian)] == [
        fresh.keys[0]
    ]


async def test_it_ends_once_and_again(connector: JiraConnector, atlassian: Atlassian) -> None:
    made = await connector.subscribe(wish("10000"))
    for _ in range(2):
        await connector.unsubscribe(made)
        assert await registered(atlassian) == []


async def test_what_jira_does_not_register_is_told_and_nothing_left(
    connector: JiraConnector, atlassian: Atlassian
) -> None:
    for _ in range(5):
        await connector.subscribe(wish("10000"))
    with pytest.raises(ProviderRejected) as refused:
        await connector.subscribe(wish("10003"))
    assert "maximum of 5" in refused.value.details["message"]
    assert URL not in str(vars(refused.value))
    assert len(await registered(atlassian)) == 5


async def test_one_whose_end_nobody_knows_is_taken_back(
    connector: JiraConnector, atlassian: Atlassian
) -> None:
    await atlassian.fault({"kind": "server_error", "status": 503, "path": ".*/refresh"})
    with pytest.raises(ProviderUnavailable):
        await connector.subscribe(wish("10000"))
    await atlassian.fault()
    assert await registered(atlassian) == []


async def test_a_key_is_refused_because_no_delivery_would_name_it(open_with: Open) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await open_with().subscribe(wish("EX"))
    assert refused.value.details["errors"][0]["field"] == "containerId"


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"webhookEvent":"sprint_created","matchedWebhookIds":[1]}'],
    ids=["nothing", "another event"],
)
def test_what_tells_of_no_issue_is_nothing(body: bytes) -> None:
    assert JiraConnector.read(Delivery(body=body)).notices == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"webhookEvent":"comment_created","issue":{"id":"1","self":"https://a/b"}}',
        b'{"webhookEvent":"jira:issue_updated","issue":{"id":1,"self":"https://a/b"}}',
    ],
    ids=["empty", "list", "no comment", "number"],
)
def test_what_is_no_delivery_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        JiraConnector.read(Delivery(body=body))


def test_a_delivery_may_name_the_site_by_its_id() -> None:
    address = f"https://api.atlassian.com/ex/jira/{ACME.id}/rest/api/2/issue/10109"
    body = {
        "webhookEvent": "jira:issue_deleted",
        "issue": {"id": "10109", "self": address},
        "matchedWebhookIds": [7],
    }
    (notice,) = JiraConnector.read(Delivery(body=json.dumps(body).encode())).notices
    assert notice.key == f"{ACME.id}:7"
