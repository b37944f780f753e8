"""A single issue or pull request."""

import re

import msgspec
import pytest

from src.connectors.github.connector import GitHubConnector
from src.core.errors import ProviderForbidden, ProviderNotFound, ValidationFailed
from src.models.query import CommentQuery, OneItemQuery
from src.models.unified import Item
from tests.conftest import GitHub
from tests.connectors.github.conftest import HELLO, PULL, Open

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


async def read(connector: GitHubConnector, number: int, kind: str = "issue") -> Item:
    return await connector.item(OneItemQuery(item_id=f"1296269:{kind}:{number}"))


async def test_an_issue(connector: GitHubConnector, github: GitHub) -> None:
    issue = await read(connector, 7)
    assert (issue.id, issue.type, issue.container_id) == ("1296269:issue:7", "issue", HELLO)
    assert issue.url == "https://github.com/octocat/Hello-World/issues/7"
    assert issue.body_format == "markdown"
    assert issue.body
    assert issue.fields["number"] == 7
    assert issue.fields["subIssues"] == 3
    assert set(issue.fields) == {
        *("number", "locked", "milestone", "authorAssociation", "closedAt"),
        *("stateReason", "subIssues", "subIssuesCompleted"),
    }
    for moment in (issue.created_at, issue.updated_at):
        assert TIME.fullmatch(moment or "")
    assert await github.requests() == {"GET /repositories/{id}/issues/{number}": 1}


async def test_a_pull_request(connector: GitHubConnector, github: GitHub) -> None:
    pull = await read(connector, 101, "pull")
    assert (pull.id, pull.type, pull.container_id) == (PULL, "pull_request", HELLO)
    assert pull.url == "https://github.com/octocat/Hello-World/pull/101"
    assert pull.comment_count == 35 + 130
    assert pull.fields["headRef"] == "patch-101"
    assert pull.fields["baseRef"] == "main"
    assert pull.fields["changedFiles"] > 0
    assert await github.requests() == {
        "GET /repositories/{id}/pulls/{number}": 1,
        "GET /repositories/{id}/pulls/{number}/reviews": 1,
    }


async def test_a_pull_request_asked_for_as_an_issue_says_what_it_is(
    connector: GitHubConnector,
) -> None:
    item = await read(connector, 101)
    assert (item.id, item.type) == (PULL, "pull_request")


async def test_an_issue_asked_for_as_a_pull_request_is_not_found(
    connector: GitHubConnector,
) -> None:
    with pytest.raises(ProviderNotFound):
        await read(connector, 7, "pull")


async def test_people_labels_and_milestones(connector: GitHubConnector) -> None:
    items = [await read(connector, number) for number in range(20, 60)]
    labels = {label for item in items for label in item.labels}
    assert labels == {"bug", "enhancement", "good first issue", "área: búsqueda 🔍"}
    assert {item.fields["milestone"] for item in items} == {None, "v1.0", "v2.0"}
    people = [person for item in items for person in (item.author, *item.assignees) if person]
    assert {"octocat", "hubot", "mona-lisa"} <= {person.name for person in people}
    for person in people:
        assert (person.id or "").isdigit()
        assert person.url == f"https://github.com/{person.name}"
    assert any(len(item.assignees) == 3 for item in items)


@pytest.mark.parametrize(
    ("number", "body"),
    [
        (14, ""),
        (15, ""),
        (17, "First line\r\n\r\nSecond line, from a Windows browser\r\n"),
        (18, "هذا النص من اليمين إلى اليسار، ثم English, ثم 🎉👩‍👩‍👧‍👦"),
        (19, "<script>alert(1)</script> & “quotes” \\ backslash \t tab \u2028 separator"),
    ],
)
async def test_bodies_come_as_they_are_and_null_is_empty(
    connector: GitHubConnector, number: int, body: str
) -> None:
    assert (await read(connector, number)).body == body


async def test_a_deleted_user_is_no_author(connector: GitHubConnector) -> None:
    authors = [(await read(connector, number)).author for number in range(20, 120)]
    assert None in authors
    assert any(authors)


@pytest.mark.parametrize(
    ("number", "title"),
    [
        (41, "الواجهة لا تعمل من اليمين إلى اليسار"),
        (82, "日本語のタイトルが文字化けする"),
        (123, 'Quotes "inside" a title & <b>markup</b>'),
        (164, "🚀 Launch checklist — v2.0 “final” (really)"),
    ],
)
async def test_titles_come_as_they_are(connector: GitHubConnector, number: int, title: str) -> None:
    assert (await read(connector, number)).title == title


async def test_status_tells_more_than_state(connector: GitHubConnector) -> None:
    items = [await read(connector, n, "pull" if n % 3 == 2 else "issue") for n in range(20, 150)]
    pulls = {(item.state, item.status) for item in items if item.type == "pull_request"}
    assert pulls == {
        *(("open", "open"), ("open", "draft")),
        *(("closed", "merged"), ("closed", "closed")),
    }
    issues = {(item.state, item.status) for item in items if item.type == "issue"}
    assert issues == {
        ("open", "open"),
        *(("closed", reason) for reason in ("completed", "not_planned", "duplicate")),
    }


async def test_a_transferred_issue_keeps_the_id_that_was_asked_for(
    connector: GitHubConnector, open_with: Open, github: GitHub
) -> None:
    moved = await read(connector, 16)
    assert (moved.id, moved.container_id) == ("1296269:issue:16", HELLO)
    assert moved.url == "https://github.com/octo-org/docs/issues/3"
    assert moved.fields["number"] == 3
    assert await github.requests() == {"GET /repositories/{id}/issues/{number}": 2}
    comments = await connector.comments(CommentQuery(item_id=moved.id, limit=1))
    assert len(comments.items) <= 1
    at_home = await connector.comments(CommentQuery(item_id="1296274:issue:3", limit=1))
    assert [one.body for one in comments.items] == [one.body for one in at_home.items]


@pytest.mark.parametrize(
    ("item", "error", "status"),
    [
        ("1296269:issue:13", ProviderNotFound, 410),
        ("1296269:issue:9999", ProviderNotFound, 404),
        ("1296269:pull:9999", ProviderNotFound, 404),
        ("1296272:issue:9999", ProviderNotFound, 404),
        ("9999999:issue:1", ProviderNotFound, 404),
        ("1296277:issue:1", ProviderNotFound, 404),
        ("1296281:issue:1", ProviderForbidden, 451),
    ],
)
async def test_an_item_that_cannot_be_had(
    connector: GitHubConnector, item: str, error: type[Exception], status: int
) -> None:
    with pytest.raises(error) as caught:
        await connector.item(OneItemQuery(item_id=item))
    details = getattr(caught.value, "details", {})
    assert (details["at"], details["status"]) == ("provider", status)


@pytest.mark.parametrize(
    "item", ["7", "1296269:7", "1296269:issue:", "1296269:file:7", "1296269:issue:7/../8", "x"]
)
async def test_an_id_that_is_none_of_ours_is_refused_before_any_call(
    connector: GitHubConnector, github: GitHub, item: str
) -> None:
    with pytest.raises(ValidationFailed):
        await connector.item(OneItemQuery(item_id=item))
    with pytest.raises(ValidationFailed):
        await connector.comments(CommentQuery(item_id=item))
    assert await github.requests() == {}


async def test_a_pull_of_a_repository_without_issues_is_read(connector: GitHubConnector) -> None:
    for kind in ("issue", "pull"):
        item = await connector.item(OneItemQuery(item_id=f"1296272:{kind}:1"))
        assert item.id == "1296272:pull:1"


@pytest.mark.parametrize("item", ["1296269:issue:7", PULL])
async def test_raw_is_what_github_sent(connector: GitHubConnector, item: str) -> None:
    found = await connector.item(OneItemQuery(item_id=item, include_raw=True))
    raw = msgspec.json.decode(msgspec.json.encode(found))["raw"]
    assert raw["number"] == found.fields["number"]
    assert raw["node_id"]
