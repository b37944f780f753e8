"""Runs of Confluence's streams, where it is more than the suite of all connectors knows."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from src.connectors.confluence.connector import ConfluenceConnector
from src.connectors.manifest import UpdatedSince
from src.connectors.syncing import SyncPage, SyncQuery
from src.core.errors import ValidationFailed
from src.models.unified import Comment, Item
from src.sandbox.atlassian.people import ACME
from tests.connectors.confluence.conftest import API as URL
from tests.connectors.confluence.conftest import BIG, DOCS, PROJ, Imitation

NOW = datetime.now(UTC)
SIGNED = {"Authorization": "Bearer eyJ-sandbox-mia"}
API = f"/ex/confluence/{ACME.id}/wiki/api/v2"
TEXT = {"representation": "storage", "value": "<p>Meanwhile</p>"}


def since(days: float) -> UpdatedSince:
    return UpdatedSince(updated_since=NOW - timedelta(days=days))


async def run(connector: ConfluenceConnector, stream: str, **query: Any) -> list[SyncPage]:
    wanted = SyncQuery(stream=stream, started_at=NOW, **query)
    return [page async for page in connector.sync(wanted)]


async def write(imitation: Imitation, method: str, path: str, body: Any = None) -> Any:
    answer = await imitation.client.request(method, API + path, json=body, headers=SIGNED)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def alter(imitation: Imitation, change: Callable[[httpx.URL, bytes], bytes]) -> None:
    """Let the imitation say something else from now on."""

    async def altered(scope: Any, receive: Any, send: Any) -> None:
        said: list[dict[str, Any]] = []

        async def keep(message: dict[str, Any]) -> None:
            said.append(message)

        await imitation.app(scope, receive, keep)
        query = scope["query_string"].decode()
        url = httpx.URL(f"{URL}{scope['path']}?{query}")
        body = change(url, b"".join(one.get("body", b"") for one in said[1:]))
        headers = [(b"content-type", b"application/json")]
        await send({**said[0], "headers": headers})
        await send({"type": "http.response.body", "body": body})

    imitation.network.add("confluence.sandbox", altered)


async def test_a_full_run_reads_pages_and_posts_of_every_space(
    connector: ConfluenceConnector,
) -> None:
    pages = await run(connector, "pages")
    (plan,) = (page.plan for page in pages if page.plan)
    # Ben's secrets are not for Mia.
    assert len(plan) == 6
    items = {one.id: one for page in pages for one in page.records if isinstance(one, Item)}
    kinds = {one.type for one in items.values()}
    assert kinds == {"page", "blog_post"}
    assert sum(one.container_id == BIG for one in items.values()) == 2_000
    assert items["page:98510"].status == "archived"
    assert "page:98511" not in items
    assert (items["page:98490"].body or "").strip() == "The kraken sleeps"
    assert items["page:98490"].author is not None
    assert items["page:98490"].author.name == "Mia Krystof"


async def test_nobody_is_asked_for_twice(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    await run(connector, "pages", container_ids=(BIG, PROJ))
    people = [
        person
        for one in imitation.network.requests
        if one.url.path.endswith("/users-bulk")
        for person in json.loads(one.content)["accountIds"]
    ]
    assert len(people) == len(set(people)) > 1


async def test_pages_that_go_meanwhile_hide_no_others(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    seen: set[str] = set()
    query = SyncQuery(stream="pages", started_at=NOW, container_ids=(BIG,))
    async for page in connector.sync(query):
        if page.records and not seen:
            for one in [*page.records][:7]:
                await write(imitation, "DELETE", f"/pages/{one.id.partition(':')[2]}")
        seen |= {one.id for one in page.records}
    assert len(seen) == 2_000


async def test_what_has_changed_is_found_without_texts_and_read_by_id(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    body = {"spaceId": DOCS.partition(":")[2], "title": "New", "body": TEXT}
    made = await write(imitation, "POST", "/pages", body)
    pages = await run(connector, "pages", checkpoint=since(1))
    asked = [one for one in imitation.network.requests if not one.url.path.endswith("/users-bulk")]
    assert [("id" in one.url.params, "body-format" in one.url.params) for one in asked] == [
        (False, False),
        (True, True),
        (False, False),
    ]
    (found,) = (one for page in pages for one in page.records)
    assert found.id == f"page:{made['id']}"
    assert found == await connector.fetch("pages", found.id)


async def test_only_these_spaces_are_looked_at(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    body = {"spaceId": DOCS.partition(":")[2], "title": "New", "body": TEXT}
    await write(imitation, "POST", "/pages", body)
    pages = await run(connector, "pages", checkpoint=since(1), container_ids=(PROJ,))
    assert [one for page in pages for one in page.records] == []


async def test_a_page_that_is_too_large_is_read_in_parts(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    def large(request: httpx.URL, body: bytes) -> bytes:
        """More than we read, where more than ten texts are asked for."""
        is_large = "body-format" in request.params and int(request.params["limit"]) > 10
        return b"[" + b" " * 17_000_000 if is_large else body

    alter(imitation, large)
    pages = await run(connector, "pages", container_ids=(DOCS,))
    assert len([one for page in pages for one in page.records]) == 8


async def test_comments_are_read_from_two_lists_and_sorted_by_space(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    pages = await run(connector, "comments")
    said = [one for page in pages for one in page.records]
    assert len({one.id for one in said}) == len(said) == 301
    assert {page.container_id for page in pages if page.records} == {PROJ}
    answers = [one for one in said if isinstance(one, Comment) and one.parent_id]
    assert len(answers) == 100
    paths = {one.url.path.rpartition("/")[2] for one in imitation.network.requests}
    assert paths == {"footer-comments", "inline-comments", "pages", "blogposts", "users-bulk"}
    assert len(imitation.network.requests) < 12


async def test_an_answer_that_names_no_page_is_on_that_of_what_it_answers(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    def bare(request: httpx.URL, body: bytes) -> bytes:
        told = json.loads(body)
        for one in told.get("results", ()) if "comments" in request.path else ():
            if "parentCommentId" in one:
                one.pop("pageId", None)
        return json.dumps(told).encode()

    whole = await run(connector, "comments")
    alter(imitation, bare)
    bare = await run(connector, "comments")
    told = [{one.id: one for page in pages for one in page.records} for pages in (whole, bare)]
    assert told[0] == told[1]


async def test_comments_of_what_is_in_the_trash_are_none(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    await write(imitation, "DELETE", "/pages/98490")
    pages = await run(connector, "comments")
    assert [one.id for page in pages for one in page.records] == ["footer:444301"]
    assert await connector.fetch("comments", "footer:444001") is None
    assert await connector.fetch("pages", "page:98490") is None


async def test_a_folder_is_no_record(connector: ConfluenceConnector) -> None:
    with pytest.raises(ValidationFailed):
        await connector.fetch("pages", "folder:98500")
