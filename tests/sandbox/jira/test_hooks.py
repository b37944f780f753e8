"""The imitation's dynamic webhooks, as Jira's documentation has them."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.sandbox.jira.conftest import API, READER, SITE, Connect, messages

URL = "https://ours.example/hooks"


async def register(client: httpx.AsyncClient, *hooks: dict[str, Any], url: str = URL) -> Any:
    usual = {"events": ["jira:issue_updated"], "jqlFilter": "project = EX"}
    body = {"url": url, "webhooks": [{**usual, **hook} for hook in hooks or ({},)]}
    answer = await client.post(f"{API}/webhook", json=body)
    return answer.raise_for_status().json()["webhookRegistrationResult"]


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        ({"jqlFilter": ""}, "must not be empty"),
        ({"jqlFilter": "watchCount > 3"}, "The clause watchcount is unsupported"),
        ({"jqlFilter": "project IS NOT EMPTY"}, "operator is not is unsupported"),
        ({"jqlFilter": "project = EX ORDER BY key"}, "ORDER BY"),
        ({"jqlFilter": "project = ("}, "Error in the JQL"),
        ({"events": ["sprint_created_yesterday"]}, "events are not valid"),
    ],
    ids=["empty", "field", "operator", "order", "broken", "event"],
)
async def test_what_it_does_not_take_is_told_in_its_place(
    mia: httpx.AsyncClient, hook: dict[str, Any], words: str
) -> None:
    refused, taken = await register(mia, hook, {})
    assert words in refused["errors"][0]
    assert "createdWebhookId" in taken


async def test_an_app_has_one_address(mia: httpx.AsyncClient) -> None:
    await register(mia)
    (refused,) = await register(mia, url="https://other.example/hooks")
    assert "single URL" in refused["errors"][0]


async def test_only_apps_have_them_and_only_with_their_scope(connect: Connect) -> None:
    assert messages(await connect(SITE).get("/rest/api/3/webhook"), 403)
    assert (await connect(READER).get(f"{API}/webhook")).status_code == 401


async def test_a_delivery_is_sent_again_until_it_is_taken(connect: Connect) -> None:
    posted: list[Mapping[str, str]] = []

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert (url, b"EX-9" in body) == (URL, True)
        posted.append(headers)
        return 503 if len(posted) < 3 else 200

    mia = connect(post=post)
    await register(mia)
    change = {"fields": {"summary": "Changed"}}
    await mia.put(f"{API}/issue/EX-9", json=change)
    assert len({one["x-atlassian-webhook-identifier"] for one in posted}) == 1
    assert len(posted) == 3


async def test_they_end_after_thirty_days(connect: Connect) -> None:
    now = [1_800_000_000.0]
    mia = connect(clock=lambda: now[0])
    await register(mia)
    now[0] += 29 * 86_400
    (hook,) = (await mia.get(f"{API}/webhook")).json()["values"]
    refreshed = await mia.put(f"{API}/webhook/refresh", json={"webhookIds": [hook["id"]]})
    assert refreshed.json()["expirationDate"] > hook["expirationDate"]
    now[0] += 29 * 86_400
    assert len((await mia.get(f"{API}/webhook")).json()["values"]) == 1
    now[0] += 2 * 86_400
    assert (await mia.get(f"{API}/webhook")).json()["values"] == []
