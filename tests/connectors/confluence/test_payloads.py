"""Answers with nulls, with next to nothing, and of another form."""

from typing import Any

import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import Response

from src.core.errors import UnreadableAnswer
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery
from tests.connectors.confluence.conftest import OVERVIEW, PROJ, Imitation, Open

SPACE = {"id": "1", "key": "A", "name": "A"}
PAGE = {"id": "2", "spaceId": "98305"}
NULLS = dict.fromkeys(
    ("title", "status", "parentId", "parentType", "position", "authorId", "ownerId",
     "subtype", "createdAt", "version", "body", "labels", "directChildren", "_links"), None
)  # fmt: skip
FOUND = {"id": "2", "type": "page"}


class Fixed:
    """Answers one thing to everything."""

    def __init__(self, body: Any) -> None:
        self._body = body if isinstance(body, bytes) else msgspec.json.encode(body)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        users = Request(scope, receive).url.path.endswith("/users-bulk")
        body = b'{"results":[]}' if users else self._body
        await Response(body, media_type="application/json")(scope, receive, send)


async def ask(open_with: Open, imitation: Imitation, body: Any, query: Any) -> Any:
    imitation.network.add("confluence.sandbox", Fixed(body))
    connector = open_with()
    match query:
        case ContainerQuery():
            return (await connector.containers(query)).items
        case ItemQuery():
            return (await connector.items(query)).items
        case OneItemQuery():
            return await connector.item(query)
        case _:
            return (await connector.comments(query)).items


SPACES, PAGES = ContainerQuery(), ItemQuery(container_id=PROJ, type="page", include_body=True)
ONE, COMMENTS = OneItemQuery(item_id=OVERVIEW), CommentQuery(item_id=OVERVIEW)


async def test_a_space_of_next_to_nothing(open_with: Open, imitation: Imitation) -> None:
    spaces = [SPACE, {**SPACE, "id": "3", "description": None, "_links": None, "createdAt": None}]
    found = await ask(open_with, imitation, {"results": spaces}, SPACES)
    assert [(one.id, one.url, one.description) for one in found] == [
        ("space:1", None, None),
        ("space:3", None, None),
    ]


async def test_a_page_of_next_to_nothing(open_with: Open, imitation: Imitation) -> None:
    pages = [
        PAGE,
        {**PAGE, **NULLS, "id": "3"},
        {**PAGE, "id": "4", "body": {"storage": {"value": None}}},
    ]
    found = await ask(open_with, imitation, {"results": pages, "_links": None}, PAGES)
    assert [(one.id, one.title, one.body, one.author) for one in found] == [
        (f"page:{number}", "", "", None) for number in (2, 3, 4)
    ]


async def test_one_page_of_nulls(open_with: Open, imitation: Imitation) -> None:
    item = await ask(open_with, imitation, {**PAGE, **NULLS, "id": "98487"}, ONE)
    assert (item.id, item.body, item.labels, item.has_children) == (OVERVIEW, "", (), True)


async def test_a_search_result_of_nulls(open_with: Open, imitation: Imitation) -> None:
    nulls = dict.fromkeys(("title", "status", "space", "version", "history", "metadata", "body"))
    query = ItemQuery(container_id=PROJ, q="x", include_body=True, token="1./wiki/rest/api/search?")
    found = await ask(open_with, imitation, {"results": [FOUND, {**FOUND, **nulls}]}, query)
    assert [(one.id, one.author, one.body) for one in found] == [("page:2", None, "")] * 2


async def test_a_comment_of_next_to_nothing(open_with: Open, imitation: Imitation) -> None:
    nulls = dict.fromkeys(("version", "body", "resolutionStatus", "properties", "_links"))
    body = {"results": [{"id": "5"}, {"id": "6", **nulls}]}
    found = await ask(open_with, imitation, body, COMMENTS)
    assert [(one.body, one.author, one.state, one.url) for one in found] == [
        ("", None, None, None)
    ] * 2


async def test_kinds_of_the_future_are_left_out_of_the_tree(
    open_with: Open, imitation: Imitation
) -> None:
    children = [{"id": "7", "type": "hologram", "title": "?"}, {"id": "8", "type": "folder"}]
    query = ItemQuery(container_id=PROJ, parent_id=OVERVIEW)
    found = await ask(open_with, imitation, {"results": children}, query)
    assert [one.id for one in found] == ["folder:8"]


async def test_an_empty_page_with_a_next_one_is_the_last(
    open_with: Open, imitation: Imitation
) -> None:
    body = {"results": [], "_links": {"next": "/wiki/api/v2/spaces?cursor=abc"}}
    imitation.network.add("confluence.sandbox", Fixed(body))
    assert (await open_with().containers(ContainerQuery())).next_token is None


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (b"null", SPACES),
        ({"results": None}, SPACES),
        ({"results": [{"id": 1, "key": "A", "name": "A"}]}, SPACES),
        ({"results": [{**SPACE, "createdAt": "yesterday"}]}, SPACES),
        ({"results": [SPACE], "_links": {"next": "/wiki/api/v2/spaces?start=25"}}, SPACES),
        ({"results": [{**PAGE, "body": {"atlas_doc_format": {"value": "{"}}}]}, PAGES),
        ({"results": [{**PAGE, "body": {"atlas_doc_format": {"value": {"type": "doc"}}}}]}, PAGES),
        ({**PAGE, "body": {"atlas_doc_format": {"value": "[" * 5_000}}}, ONE),
        ({"id": "2", "spaceId": None}, ONE),
        ({"results": [{"id": "5", "version": {"createdAt": "soon"}}]}, COMMENTS),
    ],
    ids=str,
)
async def test_another_form_is_unreadable(
    open_with: Open, imitation: Imitation, body: Any, query: Any
) -> None:
    with pytest.raises(UnreadableAnswer):
        await ask(open_with, imitation, body, query)


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/wiki/rest/api/content/search?cursor=x",
        "/../../../ex/jira/1/rest/api/3/myself",
        "/wiki/../../other",
        "//evil.example/wiki/rest/api/search",
        "/wiki/api/v2/pages?cursor=x",
        "@evil.example/",
    ],
)
async def test_a_search_is_not_led_elsewhere(
    open_with: Open, imitation: Imitation, following: str
) -> None:
    body = {"results": [FOUND], "_links": {"next": following}}
    query = ItemQuery(container_id=PROJ, q="x", token="1./wiki/rest/api/content/search?cql=x")
    with pytest.raises(UnreadableAnswer):
        await ask(open_with, imitation, body, query)
    assert {one.url.host for one in imitation.network.requests} == {"confluence.sandbox"}
