"""Conversations and the comments on a diff."""

import msgspec
import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.rest.paginators import walk
from src.core.errors import ProviderForbidden, ProviderNotFound
from src.models.query import CommentQuery
from src.models.unified import Comment
from tests.conftest import GitHub
from tests.connectors.github.conftest import ISSUE, PULL

CONVERSATION = "GET /repositories/{id}/issues/{number}/comments"
REVIEW = "GET /repositories/{id}/pulls/{number}/comments"
SUMMARIES = "GET /repositories/{id}/pulls/{number}/reviews"


async def listed(connector: GitHubConnector, item: str, limit: int = 100) -> list[Comment]:
    pages = await walk(CommentQuery(item_id=item, limit=limit), connector.comments)
    return [comment for page in pages for comment in page.items]


async def test_a_long_conversation_is_paged_in_the_order_of_time(
    connector: GitHubConnector, github: GitHub
) -> None:
    pages = await walk(CommentQuery(item_id=ISSUE, limit=50), connector.comments)
    assert [len(page.items) for page in pages] == [50, 50, 50, 10]
    comments = [comment for page in pages for comment in page.items]
    assert len({comment.id for comment in comments}) == 160
    created = [comment.created_at or "" for comment in comments]
    assert created == sorted(created)
    assert await github.requests() == {CONVERSATION: 4}


async def test_a_comment(connector: GitHubConnector) -> None:
    comment = (await listed(connector, ISSUE))[0]
    assert comment.item_id == ISSUE
    assert comment.type == "comment"
    assert comment.parent_id is None
    assert comment.state is None
    assert comment.body_format == "markdown"
    number = comment.id.removeprefix("1296269:comment:")
    assert number.isdigit()
    assert comment.url == (
        f"https://github.com/octocat/Hello-World/issues/42#issuecomment-{number}"
    )
    assert set(comment.fields) == {"authorAssociation"}


async def test_comments_come_as_they_are_and_deleted_users_are_nobody(
    connector: GitHubConnector,
) -> None:
    comments = await listed(connector, ISSUE)
    bodies = {comment.body for comment in comments}
    assert {"👍", "Ça marche maintenant, merci 🙏", "Line one\r\nLine two\r\n"} <= bodies
    authors = [comment.author for comment in comments]
    assert None in authors
    assert {author.name for author in authors if author} >= {"octocat", "yuki"}


async def test_a_pull_request_has_its_conversation_then_the_comments_on_the_diff(
    connector: GitHubConnector, github: GitHub
) -> None:
    pages = await walk(CommentQuery(item_id=PULL, limit=50), connector.comments)
    assert [len(page.items) for page in pages] == [35, 50, 50, 30, 0]
    kinds = [comment.type for page in pages for comment in page.items]
    assert kinds == ["comment"] * 35 + ["review_comment"] * 130
    assert await github.requests() == {CONVERSATION: 1, REVIEW: 3, SUMMARIES: 1}


async def test_a_pull_request_asked_for_as_an_issue_has_the_conversation_only(
    connector: GitHubConnector,
) -> None:
    comments = await listed(connector, "1296269:issue:101")
    assert {comment.type for comment in comments} == {"comment"}
    assert len(comments) == 35


async def test_answers_point_to_the_first_comment_of_their_thread(
    connector: GitHubConnector,
) -> None:
    review = [one for one in await listed(connector, PULL) if one.type == "review_comment"]
    firsts = {one.id: one for one in review if one.parent_id is None}
    answers = [one for one in review if one.parent_id is not None]
    assert answers
    assert {one.parent_id for one in answers} == firsts.keys() & {one.parent_id for one in answers}
    for answer in answers:
        assert answer.fields["path"] == firsts[str(answer.parent_id)].fields["path"]


async def test_a_comment_on_the_diff_says_where(connector: GitHubConnector) -> None:
    review = [one for one in await listed(connector, PULL) if one.type == "review_comment"]
    assert {"docs/überblick.md", "lib/a b.rb"} <= {one.fields["path"] for one in review}
    assert None in {one.fields["line"] for one in review}
    first = review[0]
    assert first.fields["side"] == "RIGHT"
    assert first.fields["diffHunk"].startswith("@@")
    assert first.url
    assert "#discussion_r" in first.url
    assert first.id.startswith("1296269:review-comment:")


async def test_an_item_without_comments_has_an_empty_page(
    connector: GitHubConnector, github: GitHub
) -> None:
    page = await connector.comments(CommentQuery(item_id="1296269:issue:10"))
    assert (page.items, page.next_token, page.truncated) == ((), None, False)


async def test_a_pull_without_a_conversation_begins_with_the_diff_in_one_answer(
    connector: GitHubConnector, github: GitHub
) -> None:
    quiet = await connector.comments(CommentQuery(item_id="1296269:pull:20"))
    assert all(comment.type == "review_comment" for comment in quiet.items)
    asked = await github.requests()
    assert asked[CONVERSATION] == asked[REVIEW] == 1


async def test_a_review_with_words_is_a_comment_after_those_on_the_diff(
    connector: GitHubConnector,
) -> None:
    (summary,) = [one for one in await listed(connector, "1296269:pull:5") if one.type == "review"]
    assert summary.id.startswith("1296269:review:")
    assert summary.item_id == "1296269:pull:5"
    assert summary.body
    assert (summary.body_format, summary.parent_id, summary.state) == ("markdown", None, None)
    assert summary.author
    assert summary.author.name == "hubot"
    assert summary.created_at
    assert summary.updated_at is None
    assert "#pullrequestreview-" in (summary.url or "")
    assert set(summary.fields) == {"authorAssociation", "reviewState", "commitId"}
    assert summary.fields["reviewState"] == "approved"


async def test_a_comment_on_the_diff_names_its_review(connector: GitHubConnector) -> None:
    review = [one for one in await listed(connector, PULL) if one.type == "review_comment"]
    assert {str(one.fields["reviewId"]).rpartition(":")[0] for one in review} == {"1296269:review"}
    for one in review:
        assert one.fields["subjectType"] == "line"
        assert one.fields["outdated"] is (one.fields["line"] is None)


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ("1296269:issue:13", ProviderNotFound),
        ("1296269:issue:9999", ProviderNotFound),
        ("1296269:pull:9999", ProviderNotFound),
        ("9999999:issue:1", ProviderNotFound),
        ("1296281:issue:1", ProviderForbidden),
    ],
)
async def test_comments_of_what_cannot_be_had(
    connector: GitHubConnector, item: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await connector.comments(CommentQuery(item_id=item))


async def test_raw_is_what_github_sent(connector: GitHubConnector) -> None:
    pages = await walk(CommentQuery(item_id=PULL, limit=100, include_raw=True), connector.comments)
    for page in filter(lambda page: page.items, pages):
        raw = msgspec.json.decode(msgspec.json.encode(page.items[0]))["raw"]
        assert page.items[0].id.endswith(f":{raw['id']}")
