"""What is written is there afterwards, at its site only; what is wrong is refused."""

from typing import Any

import httpx
import msgspec
import pytest

from src.sandbox.atlassian.people import UMBRELLA
from tests.sandbox.confluence.conftest import API, Connect, results

PAGES = "/wiki/api/v2/pages"
STORAGE = {"representation": "storage", "value": "<p>x</p>"}


def adf(*content: dict[str, Any]) -> dict[str, str]:
    value = msgspec.json.encode({"type": "doc", "version": 1, "content": list(content)}).decode()
    return {"representation": "atlas_doc_format", "value": value}


def page(**more: Any) -> dict[str, Any]:
    return {"spaceId": "98305", "status": "current", "title": "New", "body": STORAGE, **more}


async def test_a_page_is_there_once_it_is_made(connect: Connect) -> None:
    made = (await connect().post(PAGES, json=page(parentId="98500"))).json()
    assert made["_links"]["base"] == "https://acme.atlassian.net/wiki"
    # Another process over the same store.
    found = await connect().get(f"{PAGES}/{made['id']}", params={"body-format": "storage"})
    assert found.json()["body"]["storage"]["value"] == "<p>x</p>"
    assert found.json()["parentType"] == "folder"
    below = await results(connect(), "/wiki/api/v2/folders/98500/direct-children")
    assert made["id"] in {one["id"] for one in below}
    other = f"{API}/ex/confluence/{UMBRELLA.id}{PAGES}/{made['id']}"
    assert (await connect().get(other)).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (page(title="Overview"), 400),
        (page(body=adf({"type": "paragraph", "content": [{"type": "text", "text": ""}]})), 400),
        (page(body={"representation": "atlas_doc_format", "value": "<p>"}), 400),
        (page(body={"representation": "wiki", "value": "x"}), 400),
        (page(spaceId="98310"), 404),
        (page(parentId="98730"), 404),
        ({"title": "New"}, 400),
        (page(body={**STORAGE, "value": "x" * 5_000_001}), 413),
    ],
)
async def test_what_is_wrong_is_refused(
    client: httpx.AsyncClient, body: dict[str, Any], status: int
) -> None:
    answer = await client.post(PAGES, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["status"]) == (status, status)


async def test_a_version_is_the_next_one(client: httpx.AsyncClient) -> None:
    change = {"id": "98487", "status": "current", "title": "Overview", "body": STORAGE}
    for number in (3, 5):
        answer = await client.put(f"{PAGES}/98487", json={**change, "version": {"number": number}})
        assert answer.status_code == 409
        assert answer.json()["errors"][0]["title"].startswith("Version must be incremented")
    answer = await client.put(f"{PAGES}/98487", json={**change, "version": {"number": 4}})
    assert answer.json()["version"]["number"] == 4


async def test_comments_are_said_below_one_thing(client: httpx.AsyncClient) -> None:
    url = "/wiki/api/v2/footer-comments"
    made = await client.post(url, json={"pageId": "98487", "body": adf({"type": "rule"})})
    assert made.status_code == 201
    for below in ({}, {"pageId": "98487", "parentCommentId": made.json()["id"]}):
        assert (await client.post(url, json={**below, "body": STORAGE})).status_code == 400
    answer = await client.post(url, json={"parentCommentId": made.json()["id"], "body": STORAGE})
    found = await results(client, f"{url}/{made.json()['id']}/children")
    assert [one["id"] for one in found] == [answer.json()["id"]]
    inline = {"parentCommentId": made.json()["id"], "body": STORAGE}
    assert (await client.post("/wiki/api/v2/inline-comments", json=inline)).status_code == 404
