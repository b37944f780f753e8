"""What the imitation takes and what it refuses, and that several processes see the same."""

from typing import Any

import httpx
import pytest

from src.sandbox.jira.app import create_app
from src.sandbox.kit import MemoryStore
from tests.sandbox.jira.conftest import API, MIA, PAT, Connect, messages

DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}],
}
NEW = {"project": {"key": "EX"}, "summary": "New", "issuetype": {"name": "Task"}}


async def create(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    return await client.post(f"{API}/issue", json={"fields": {**NEW, **fields}})


async def test_a_new_issue_is_seen_by_every_process() -> None:
    store = MemoryStore()
    first, second = (
        httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(store)),
            base_url="http://jira.sandbox",
            headers={"authorization": MIA},
        )
        for _ in range(2)
    )
    made = (await create(first, description=DOCUMENT)).json()
    assert set(made) == {"id", "key", "self"}
    again = (await create(second)).json()
    assert made["key"] != again["key"]
    found = (await second.get(f"{API}/issue/{made['key']}")).json()
    assert found["fields"]["description"] == DOCUMENT


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"summary": ""}, "summary"),
        ({"summary": "a\nb"}, "summary"),
        ({"project": {"key": "NOSUCH"}}, "project"),
        ({"project": "EX"}, "project"),
        ({"issuetype": {"name": "Nope"}}, "issuetype"),
        ({"description": "a text"}, "description"),
        ({"description": {**DOCUMENT, "version": 2}}, "description"),
        (
            {"description": {**DOCUMENT, "content": [{"type": "text", "text": ""}]}},
            "description",
        ),
        ({"labels": ["a b"]}, "labels"),
        ({"assignee": {"accountId": "5d53f3cbc6b9320d9ea5bdc2"}}, "assignee"),
        ({"parent": {"key": "EX-9999"}}, "parent"),
        ({"customfield_99999": 1}, "customfield_99999"),
    ],
    ids=str,
)
async def test_what_a_new_issue_must_be(
    mia: httpx.AsyncClient, fields: dict[str, Any], wrong: str
) -> None:
    answer = await create(mia, **fields)
    assert messages(answer, 400) == []
    assert set(answer.json()["errors"]) == {wrong}


async def test_a_data_center_takes_markup_and_no_documents(connect: Connect) -> None:
    client = connect(PAT)
    for description, status in (("h1. x", 201), (DOCUMENT, 400)):
        fields = {**NEW, "description": description}
        answer = await client.post("/rest/api/2/issue", json={"fields": fields})
        assert answer.status_code == status


async def test_an_empty_comment(mia: httpx.AsyncClient) -> None:
    answer = await mia.post(f"{API}/issue/EX-1/comment", json={})
    assert answer.json()["errors"] == {"comment": "Comment body can not be empty!"}


async def test_a_body_that_is_no_json(mia: httpx.AsyncClient) -> None:
    messages(await mia.post(f"{API}/issue", content=b"{"), 400)


async def test_changes_are_answered_with_nothing(mia: httpx.AsyncClient) -> None:
    for method, path, body in (
        ("PUT", "/issue/EX-9", {"fields": {"summary": "x"}}),
        ("POST", "/issue/EX-9/transitions", {"transition": {"id": "21"}}),
        ("PUT", "/issue/EX-9/assignee", {"accountId": None}),
    ):
        answer = await mia.request(method, f"{API}{path}", json=body)
        assert (answer.status_code, answer.content) == (204, b"")
    found = (await mia.get(f"{API}/issue/EX-9")).json()["fields"]
    assert (found["summary"], found["status"]["name"]) == ("x", "In Progress")


async def test_one_issue_takes_so_many_changes_and_others_go_on(connect: Connect) -> None:
    now = [1_791_149_400.0]
    client = connect(clock=lambda: now[0])

    async def say(key: str) -> httpx.Response:
        return await client.post(f"{API}/issue/{key}/comment", json={"body": DOCUMENT})

    assert [(await say("EX-9")).status_code for _ in range(20)] == [201] * 20
    limited = await say("EX-9")
    assert limited.status_code == 429
    assert limited.headers["ratelimit-reason"] == "jira-per-issue-on-write"
    assert limited.headers["retry-after"] == "2"
    assert (await say("EX-10")).status_code == 201
    now[0] += 2
    assert (await say("EX-9")).status_code == 201
