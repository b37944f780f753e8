"""GitHub's answers as they are in life: nulls, older forms, and nonsense."""

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from src.connectors.base import ConnectorContext
from src.connectors.github import search
from src.connectors.github.connector import GitHubConnector
from src.connectors.github.manifest import MANIFEST
from src.connectors.github.sites import GitHubConfig
from src.connectors.rest.authenticators import BearerAuthenticator
from src.connectors.rest.client import Address, RestClient
from src.connectors.rest.retry import Retrier
from src.core.errors import UnreadableAnswer, ValidationFailed
from src.core.outbound import Outbound
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery
from tests.connectors.github.conftest import HELLO
from tests.fakes.clock import Sleeps
from tests.fakes.tokens import Held

ISSUE = {"number": 7, "title": "t", "state": "open"}
USER = {"login": "octocat", "id": 1}
REPOSITORY = {"id": 1, "name": "r", "full_name": "octocat/r", "owner": USER}


def answering(*bodies: Any) -> GitHubConnector:
    """The connector over a GitHub that answers these bodies, one after the other."""
    left = list(bodies)
    return over(lambda _: httpx.Response(200, content=msgspec.json.encode(left.pop(0))))


def over(handler: Callable[[httpx.Request], httpx.Response]) -> GitHubConnector:
    """The connector over a GitHub that answers by this function."""
    rest = RestClient(
        Outbound(httpx.MockTransport(handler)),
        Address("https://api.github.com"),
        MANIFEST.dialect,
        BearerAuthenticator(Held("ghp_x")),
        Retrier(sleep=Sleeps()),
        5,
    )
    return GitHubConnector(ConnectorContext(rest, GitHubConfig()))


NUMBER_7 = OneItemQuery(item_id="1:issue:7")


async def test_an_issue_with_nothing_but_the_necessary() -> None:
    item = await answering(ISSUE).item(NUMBER_7)
    assert (item.id, item.body, item.author, item.labels) == ("1:issue:7", "", None, ())


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"body": None}, "body", ""),
        ({"user": None}, "author", None),
        ({"assignees": None}, "assignees", ()),
        ({"labels": ["old", {"name": "new"}, {"name": None}]}, "labels", ("old", "new")),
        ({"state": "closed", "state_reason": None}, "status", "closed"),
        ({"state": "closed", "state_reason": "reopened"}, "status", "reopened"),
        ({"state": "locked"}, "state", None),
        ({"comments": 3}, "comment_count", 3),
        ({"created_at": None}, "created_at", None),
        ({"created_at": "2011-04-22T13:33:48Z"}, "created_at", "2011-04-22T13:33:48.000Z"),
        ({"pull_request": {"merged_at": None}}, "type", "pull_request"),
        ({"pull_request": {}, "draft": True}, "status", "draft"),
        ({"pull_request": {}, "draft": True, "state": "closed"}, "status", "closed"),
        ({"pull_request": {"merged_at": "2011-04-22T13:33:48Z"}}, "status", "merged"),
        ({"something_new": {"x": [1]}}, "title", "t"),
    ],
)
async def test_fields_of_an_issue(fields: dict[str, Any], name: str, value: object) -> None:
    assert getattr(await answering({**ISSUE, **fields}).item(NUMBER_7), name) == value


@pytest.mark.parametrize(
    "fields",
    [
        {"number": "7"},
        {"title": None},
        {"user": "octocat"},
        {"user": {"login": "octocat"}},
        {"labels": [7]},
        {"created_at": "yesterday"},
        {"updated_at": "2011-13-22T13:33:48Z"},
        {"closed_at": 1303479228},
        {"pull_request": {"merged_at": "soon"}},
        {"comments": -1.5},
    ],
)
async def test_nonsense_in_an_issue_is_unreadable_and_no_crash(fields: dict[str, Any]) -> None:
    with pytest.raises(UnreadableAnswer):
        await answering({**ISSUE, **fields}).item(NUMBER_7)


async def test_nonsense_anywhere_is_unreadable_and_no_crash() -> None:
    late = "0001-01-01T00:00:00+14:00"
    with pytest.raises(UnreadableAnswer):
        await answering([{"id": 1, "created_at": late}]).comments(CommentQuery(item_id="1:issue:7"))
    with pytest.raises(UnreadableAnswer):
        await answering([{**ISSUE, "created_at": late}]).items(ItemQuery(container_id=HELLO))
    with pytest.raises(UnreadableAnswer):
        await answering([{**REPOSITORY, "created_at": late}]).containers(
            ContainerQuery(type="repository")
        )
    with pytest.raises(UnreadableAnswer):
        await answering({"login": "octocat", "id": None}).identify()


@pytest.mark.parametrize(
    ("more", "truncated"),
    [
        ({}, False),
        ({"total_count": 1000}, False),
        ({"total_count": 1001}, True),
        ({"incomplete_results": True}, True),
    ],
)
async def test_a_search_that_keeps_results_back_says_so(
    more: dict[str, Any], truncated: bool
) -> None:
    found = {"total_count": 1, "incomplete_results": False, "items": [ISSUE], **more}
    page = await answering(REPOSITORY, found).items(ItemQuery(container_id=HELLO, q="x"))
    assert (len(page.items), page.truncated) == (1, truncated)


@pytest.mark.parametrize(
    ("q", "phrases"),
    [
        ("theme", '"theme"'),
        ("dark theme", '"dark" "theme"'),
        ("repo:other/x", '"repo:other/x"'),
        ("is:open OR x", '"is:open" "OR" "x"'),
        ('a" repo:b/c "', '"a" "repo:b/c"'),
        ("a\\", '"a"'),
        ('\\"a', '"a"'),
        ("a\nb\x00c\u2028d", '"a" "b" "c" "d"'),
        ("-a NOT b", '"-a" "NOT" "b"'),
        ("日本語 ünï", '"日本語" "ünï"'),
        ("a - b", '"a" "b"'),
    ],
)
def test_what_a_caller_types_is_data(q: str, phrases: str) -> None:
    assert search.phrases(q) == phrases


@pytest.mark.parametrize("q", ["", " ", '"', "\\\\", "- : /", "👍", "a" * 255])
def test_what_cannot_be_searched_is_refused(q: str) -> None:
    with pytest.raises(ValidationFailed):
        search.phrases(q)


def test_the_longest_search_is_taken() -> None:
    assert len(search.phrases("a" * 254)) == 256
