"""What callers write: kept for all processes, checked and limited as at GitHub."""

import asyncio
from base64 import b64encode
from typing import Any

import httpx
import pytest

from src.sandbox.github.app import create_app
from src.sandbox.kit import Document, MemoryStore
from tests.sandbox.github.conftest import API, NOW, Connect

REPO = "/repos/octocat/Hello-World"
LEGACY = "/repos/tentacle-labs/legacy"
FILE = {"message": "Write", "content": b64encode(b"x").decode()}
SHA = "980a0d5f19a64b4b30a87d4206aade58726b60e3"


async def test_what_one_process_writes_another_reads() -> None:
    store = MemoryStore()
    headers = {"authorization": "Bearer ghp_sandbox_octocat"}
    one, two = (
        httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(store, clock=lambda: NOW)),
            base_url=API,
            headers=headers,
        )
        for _ in range(2)
    )
    numbers = []
    for client in (one, two, one):
        answer = await client.post(f"{REPO}/issues", json={"title": "Ü", "body": None})
        assert answer.status_code == 201
        numbers.append(answer.json()["number"])
    assert numbers == [381, 382, 383]
    for client in (one, two):
        found = (await client.get(f"{REPO}/issues?state=all&per_page=3")).json()
        assert {issue["number"] for issue in found} == set(numbers)
        search = (await client.get("/search/issues?q=Ü+repo:octocat/Hello-World+in:title")).json()
        assert search["total_count"] >= 3
    await one.aclose()
    await two.aclose()


class Unhurried(MemoryStore):
    """A store that lets others go first, as one in a database does."""

    async def get(self, key: str) -> Document | None:
        found = await super().get(key)
        await asyncio.sleep(0)
        return found


async def test_calls_at_the_same_time_see_each_write_once() -> None:
    store = Unhurried()
    headers = {"authorization": "Bearer ghp_sandbox_octocat"}
    writer, reader = (
        httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(store)), base_url=API, headers=headers
        )
        for _ in range(2)
    )
    for number in range(3):
        await writer.post(f"{REPO}/issues", json={"title": f"New {number}"})
    path = f"{REPO}/issues?state=all&per_page=5"
    answers = await asyncio.gather(*(reader.get(path) for _ in range(4)))
    for answer in answers:
        assert [one["number"] for one in answer.json()] == [383, 382, 381, 380, 379]
    await writer.aclose()
    await reader.aclose()


async def test_an_issue_is_closed_and_commented(client: httpx.AsyncClient) -> None:
    number = (await client.post(f"{REPO}/issues", json={"title": "t"})).json()["number"]
    path = f"{REPO}/issues/{number}"
    comment = await client.post(f"{path}/comments", json={"body": "👍"})
    assert (comment.status_code, comment.json()["body"]) == (201, "👍")
    assert comment.json()["html_url"].endswith(f"/issues/{number}#issuecomment-6000001")
    assert [one["body"] for one in (await client.get(f"{path}/comments")).json()] == ["👍"]
    change = {"state": "closed", "state_reason": "not_planned"}
    closed = (await client.patch(path, json=change)).json()
    assert (closed["state"], closed["state_reason"]) == ("closed", "not_planned")
    assert closed["closed_at"] == "2026-01-01T00:00:00Z"
    assert closed["comments"] == 1
    opened = (await client.patch(path, json={"state": "open"})).json()
    assert (opened["state"], opened["closed_at"]) == ("open", None)


async def test_a_pull_request_is_opened(client: httpx.AsyncClient) -> None:
    body = {"title": "Log in", "head": "feature/login", "base": "main", "draft": True}
    answer = await client.post(f"{REPO}/pulls", json=body)
    assert answer.status_code == 201
    assert (answer.json()["head"]["ref"], answer.json()["draft"]) == ("feature/login", True)
    again = await client.post(f"{REPO}/pulls", json=body)
    assert again.status_code == 422
    assert again.json()["errors"][0]["message"] == (
        "A pull request already exists for octocat:feature/login."
    )


async def test_a_file_is_created_replaced_and_protected_by_its_sha(
    client: httpx.AsyncClient,
) -> None:
    path = f"{REPO}/contents/new/file.txt"
    made = await client.put(path, json=FILE)
    assert made.status_code == 201
    sha = made.json()["content"]["sha"]
    unnamed = await client.put(path, json=FILE)
    assert (unnamed.status_code, unnamed.json()["message"]) == (
        422,
        'Invalid request.\n\n"sha" wasn\'t supplied.',
    )
    stale = await client.put(path, json={**FILE, "sha": SHA})
    assert (stale.status_code, stale.json()["message"]) == (
        409,
        f"new/file.txt does not match {SHA}",
    )
    content = b64encode(b"y").decode()
    changed = await client.put(path, json={"message": "m", "content": content, "sha": sha})
    assert changed.status_code == 200
    assert (await client.get(path)).json()["sha"] == changed.json()["content"]["sha"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", f"{REPO}/issues", {}, 422, "Validation Failed"),
        ("POST", f"{REPO}/issues", {"title": 7}, 422, "Invalid request."),
        ("POST", f"{REPO}/issues", {"title": "x", "body": "x" * 65_537}, 422, "Validation Failed"),
        ("POST", "/repos/octocat/no-issues/issues", {"title": "x"}, 410, "Issues are disabled"),
        ("POST", f"{LEGACY}/issues", {"title": "x"}, 403, "Repository was archived"),
        ("POST", f"{REPO}/issues/13/comments", {"body": "x"}, 410, "This issue was deleted"),
        ("POST", f"{REPO}/issues/1/comments", {"body": " "}, 422, "Body cannot be blank"),
        ("PATCH", f"{REPO}/issues/1", {"state": "gone"}, 422, "Validation Failed"),
        ("PATCH", f"{REPO}/issues/1", {"state_reason": "bored"}, 422, "Validation Failed"),
        (
            "POST",
            f"{REPO}/pulls",
            {"title": "x", "head": "patch-1", "base": "main"},
            422,
            "Validation Failed",
        ),
        ("PUT", f"{REPO}/contents/x", {"content": ""}, 422, "Invalid request."),
        ("PUT", f"{REPO}/contents/x", {"message": "m"}, 422, "Invalid request."),
        (
            "PUT",
            f"{REPO}/contents/x",
            {"message": "m", "content": "é"},
            422,
            "content is not valid Base64",
        ),
        ("PUT", f"{REPO}/contents/x", {**FILE, "branch": "none"}, 404, "Branch none not found"),
        ("PUT", f"{REPO}/contents/.github/workflows/x.yml", FILE, 404, "Not Found"),
        ("PUT", "/repos/hubot/secret-lab/contents/x", FILE, 404, "Not Found"),
    ],
)
async def test_writes_that_are_refused(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    body: dict[str, Any],
    status: int,
    message: str,
) -> None:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["message"].startswith(message)


async def test_what_is_no_json(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{REPO}/issues", content=b"{")
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


async def test_who_may_not_write(connect: Connect) -> None:
    noscope = connect("ghp_sandbox_noscope")
    assert (await noscope.post(f"{REPO}/issues", json={"title": "x"})).status_code == 404
    reader = connect("github_pat_sandbox_reader")
    answer = await reader.post(f"{REPO}/issues", json={"title": "x"})
    assert answer.status_code == 403
    assert answer.json()["message"] == "Resource not accessible by personal access token"
    assert answer.headers["x-accepted-github-permissions"] == "issues=write"
    assert (
        await connect("ghp_sandbox_hubot").put(f"{REPO}/contents/x", json=FILE)
    ).status_code == 404


async def test_labels_of_those_who_may_not_push_are_dropped(connect: Connect) -> None:
    body = {"title": "x", "labels": ["bug"], "assignees": ["octocat"]}
    own = (await connect().post(f"{REPO}/issues", json=body)).json()
    other = (await connect("ghp_sandbox_hubot").post(f"{REPO}/issues", json=body)).json()
    assert [len(one["labels"]) + len(one["assignees"]) for one in (own, other)] == [2, 0]


async def test_writes_are_limited_by_the_minute(connect: Connect) -> None:
    client = connect(content_limit=2)
    answers = [await client.post(f"{REPO}/issues", json={"title": "x"}) for _ in range(3)]
    assert [one.status_code for one in answers] == [201, 201, 403]
    assert "temporarily blocked from content creation" in answers[2].json()["message"]
    assert answers[2].headers["retry-after"] == "60"
    assert answers[2].headers["x-ratelimit-remaining"] != "0"
    assert (await client.get(f"{REPO}/issues/1")).status_code == 200
