"""Footer and inline comments, with their answers."""

from collections import Counter
from typing import Any

import pytest
from starlette.responses import JSONResponse

from src.connectors.confluence.comments import CALLS, MOST_PAGES
from src.connectors.confluence.connector import ConfluenceConnector
from src.core.errors import InvalidCursor, ProviderNotFound, UnreadableAnswer
from src.models.query import CommentQuery
from src.models.unified import Comment
from src.testing.walking import entries, follow
from tests.connectors.confluence.conftest import DISCUSSED, FOLDER, OVERVIEW, POST, Imitation

ALL = CommentQuery(item_id=DISCUSSED, limit=100)


async def every(connector: ConfluenceConnector) -> list[Comment]:
    return entries(await follow(connector.comments, ALL))


async def test_three_hundred_comments_come_once_each(connector: ConfluenceConnector) -> None:
    found = await every(connector)
    assert len(found) == 300
    assert Counter((one.type, one.parent_id is None) for one in found) == {
        ("footer_comment", True): 170,
        ("footer_comment", False): 100,
        ("inline_comment", True): 30,
    }
    ids = {one.id for one in found}
    assert all(one.parent_id in ids for one in found if one.parent_id)


async def test_a_comment_is_mapped_whole(connector: ConfluenceConnector) -> None:
    found = {one.id: one for one in await every(connector)}
    first = found["footer:444001"]
    assert (first.item_id, first.body, first.body_format) == (
        *(DISCUSSED, "Footer 0 — größer", "markdown"),
    )
    assert first.author is not None
    assert first.author.name == "Mia Krystof"
    assert first.url is not None
    assert first.url.endswith("/pages/98490/Much+discussed?focusedCommentId=444001")
    assert first.created_at == first.updated_at == "2024-03-01T00:00:00.000Z"
    # Only the present version has a time, so the beginning of a changed comment is not known.
    assert (found["footer:444002"].created_at, found["footer:444002"].fields["version"]) == (
        None,
        2,
    )
    assert found["footer:444004"].author is None
    former = found["footer:444003"].author
    assert former is not None
    assert former.name == "Former user"


async def test_inline_comments_tell_their_anchor_and_whether_they_are_settled(
    connector: ConfluenceConnector,
) -> None:
    inline = [one for one in await every(connector) if one.type == "inline_comment"][:4]
    said = [(one.state, one.fields["resolutionStatus"], one.fields["anchorText"]) for one in inline]
    assert said == [
        ("open", "open", "sleeps 0"),
        ("resolved", "resolved", "sleeps 1"),
        ("open", "dangling", None),
        ("open", "reopened", "sleeps 3"),
    ]


async def test_the_first_page_is_the_top_level_alone(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    page = await connector.comments(ALL)
    assert len(page.items) == 100
    assert imitation.asked() == [
        "GET /wiki/api/v2/pages/98490/footer-comments",
        "POST /wiki/api/v2/users-bulk",
    ]


async def test_no_page_takes_more_than_a_few_requests(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    query, asked = ALL, []
    for page in await follow(connector.comments, query):
        assert len(page.items) <= 100
    asked = Counter(one.split("/")[-1] for one in imitation.asked())
    # One for each comment's answers, for no level says whether there are any.
    assert asked["children"] == 300
    assert asked["footer-comments"] + asked["inline-comments"] == 3
    assert asked["users-bulk"] <= 300 / CALLS + 3


async def test_small_pages_lose_nothing(connector: ConfluenceConnector) -> None:
    query = CommentQuery(item_id=DISCUSSED, limit=7)
    found = entries(await follow(connector.comments, query, most=1_000))
    assert len(found) == 300


async def test_a_page_without_comments_takes_one_request_for_each_kind(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    page = await connector.comments(CommentQuery(item_id=OVERVIEW))
    assert (page.items, page.next_token) == ((), None)
    assert imitation.asked() == [
        "GET /wiki/api/v2/pages/98487/footer-comments",
        "GET /wiki/api/v2/pages/98487/inline-comments",
    ]


async def test_blog_posts_have_comments_and_folders_have_none(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    found = entries(await follow(connector.comments, CommentQuery(item_id=POST)))
    assert [(one.item_id, one.body) for one in found] == [(POST, "On a blog post")]
    imitation.asked()
    assert (await connector.comments(CommentQuery(item_id=FOLDER))).items == ()
    assert imitation.asked() == []


async def test_the_comments_of_a_page_that_is_gone(connector: ConfluenceConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await connector.comments(CommentQuery(item_id="page:1"))


@pytest.mark.parametrize("token", ["x", "[]x", '["other",null,[]]', '["footer",null,[[1,2]]]'])
async def test_a_token_of_another_form(connector: ConfluenceConnector, token: str) -> None:
    with pytest.raises(InvalidCursor):
        await connector.comments(CommentQuery(item_id=DISCUSSED, token=token))


async def test_a_comment_among_its_own_answers_has_an_end(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    async def circle(scope: Any, receive: Any, send: Any) -> None:
        await JSONResponse({"results": [{"id": "7"}]})(scope, receive, send)

    imitation.network.add("confluence.sandbox", circle)
    near = f'["footer","",[["7",null]],{MOST_PAGES - 1}]'
    page = await connector.comments(CommentQuery(item_id=DISCUSSED, token=near))
    assert page.next_token is not None
    with pytest.raises(UnreadableAnswer):
        await connector.comments(CommentQuery(item_id=DISCUSSED, token=page.next_token))
