"""Drive's answers as they may be: with little in them, with nonsense, and very large."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from src.connectors.base import ConnectorContext
from src.connectors.google.connector import GoogleConnector
from src.connectors.google.manifest import MANIFEST
from src.connectors.manifest import NoFields
from src.connectors.rest.authenticators import BearerAuthenticator
from src.connectors.rest.client import Address, RestClient
from src.connectors.rest.retry import Retrier
from src.core.errors import UnreadableAnswer
from src.core.outbound import Outbound
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery
from tests.fakes.clock import Sleeps
from tests.fakes.tokens import Held

FOLDER = "drive:folder:1Folder"
DOCUMENT = "application/vnd.google-apps.document"
Answer = Callable[[httpx.Request], httpx.Response]


def over(answer: Answer) -> GoogleConnector:
    """The connector over a Drive that answers by this function."""
    rest = RestClient(
        Outbound(httpx.MockTransport(answer)),
        Address("https://www.googleapis.com", hosts=MANIFEST.hosts),
        MANIFEST.dialect,
        BearerAuthenticator(Held("ya29.x")),
        Retrier(sleep=Sleeps()),
        5,
    )
    return GoogleConnector(ConnectorContext(rest, NoFields()))


def answering(body: Any) -> GoogleConnector:
    return over(lambda _: httpx.Response(200, content=json.dumps(body).encode()))


async def test_a_file_with_nothing_but_an_id() -> None:
    page = await answering({"files": [{"id": "1A"}]}).items(ItemQuery(container_id=FOLDER))
    (item,) = page.items
    assert (item.id, item.type, item.title, item.size) == ("drive:file:1A", "file", "", None)
    assert item.author is None


@pytest.mark.parametrize("body", [{}, {"files": []}, {"kind": "drive#fileList"}])
async def test_a_list_with_nothing_in_it(body: dict[str, Any]) -> None:
    page = await answering(body).items(ItemQuery(container_id=FOLDER))
    assert (page.items, page.next_token, page.truncated) == ((), None, False)


async def test_a_page_may_be_empty_and_not_the_last() -> None:
    body = {"files": [], "nextPageToken": "~!!~AI9", "incompleteSearch": True}
    page = await answering(body).items(ItemQuery(container_id=FOLDER))
    assert page.next_token == "2.~!!~AI9"
    assert page.truncated


@pytest.mark.parametrize(
    "file",
    [
        {},
        {"id": 7},
        {"id": "1A", "size": "many"},
        {"id": "1A", "size": 12},
        {"id": "1A", "createdTime": "yesterday"},
        {"id": "1A", "parents": "root"},
        {"id": "1A", "owners": [7]},
        {"id": "1A", "shortcutDetails": []},
    ],
    ids=str,
)
async def test_what_cannot_be_read_is_googles_fault(file: dict[str, Any]) -> None:
    with pytest.raises(UnreadableAnswer):
        await answering({"files": [file]}).items(ItemQuery(container_id=FOLDER))
    with pytest.raises(UnreadableAnswer):
        await answering(file).item(OneItemQuery(item_id="drive:file:1A"))


@pytest.mark.parametrize(
    "comment",
    [{}, {"id": "1", "replies": [{}]}, {"id": "1", "replies": [7]}, {"id": "1", "resolved": "no"},
     {"id": "1", "createdTime": "x"}, {"id": "1", "replies": [{"id": "2", "createdTime": "x"}]}],
    ids=str,
)  # fmt: skip
async def test_a_comment_that_cannot_be_read(comment: dict[str, Any]) -> None:
    with pytest.raises(UnreadableAnswer):
        await answering({"comments": [comment]}).comments(CommentQuery(item_id="drive:file:1A"))


async def test_a_comment_of_somebody_who_is_gone() -> None:
    body = {"comments": [{"id": "1", "author": {}, "replies": [{"id": "2"}]}]}
    page = await answering(body).comments(CommentQuery(item_id="drive:file:1A"))
    assert [(one.body, one.author) for one in page.items] == [("", None), ("", None)]


async def test_folders_within_each_other_come_to_an_end() -> None:
    folder = {"id": "1A", "name": "A", "mimeType": "application/vnd.google-apps.folder"}
    circle = answering({**folder, "parents": ["1A"]})
    with pytest.raises(UnreadableAnswer):
        await circle.resource_parents("google_drive_folder", "drive:folder:1A")


async def test_a_thousand_answers_to_one_comment_come_page_by_page() -> None:
    replies = [{"id": f"r{number}", "content": "x" * 2000} for number in range(1000)]
    connector = answering({"comments": [{"id": "1", "replies": replies}]})
    seen: list[str] = []
    token = None
    while True:
        page = await connector.comments(
            CommentQuery(item_id="drive:file:1A", limit=100, token=token)
        )
        assert len(page.items) <= 100
        seen += [one.id for one in page.items]
        token = page.next_token
        if token is None:
            break
    assert len(seen) == len(set(seen)) == 1001


async def test_the_largest_export_is_read() -> None:
    text = "ü" * (5 * 1024 * 1024)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/export"):
            return httpx.Response(200, content=text.encode())
        return httpx.Response(200, json={"id": "1A", "mimeType": DOCUMENT})

    item = await over(answer).item(OneItemQuery(item_id="drive:file:1A"))
    assert item.body == text


async def test_texts_of_a_page_stop_when_they_become_too_much() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path.endswith("/export"):
            return httpx.Response(200, content=b"x" * (1024 * 1024))
        files = [{"id": f"1A{number}", "mimeType": DOCUMENT} for number in range(50)]
        return httpx.Response(200, json={"files": files})

    page = await over(answer).items(ItemQuery(container_id=FOLDER, include_body=True))
    read = [one for one in page.items if one.body]
    assert len(read) == 5
    assert len(asked) == 6
    assert {one.fields["bodyMissing"] for one in page.items[5:]} == {"pageTooLarge"}


async def test_a_large_page_of_folders() -> None:
    folder = {
        "mimeType": "application/vnd.google-apps.folder",
        "name": "n" * 500,
        "description": "d" * 10_000,
        "parents": ["1Folder"],
    }
    body = {"files": [{"id": f"1A{number}", **folder} for number in range(100)]}
    page = await answering(body).containers(ContainerQuery(parent_id=FOLDER, limit=100))
    assert len(page.items) == 100
