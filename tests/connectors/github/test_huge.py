"""Much of everything, and no more requests than GitHub makes necessary."""

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.manifest import NoFields
from src.connectors.rest.paginators import walk
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery, ResourceQuery
from tests.conftest import GitHub
from tests.connectors.github.conftest import HELLO, ISSUE, PULL
from tests.connectors.github.test_payloads import over

USER = {"login": "octocat", "id": 1, "html_url": "https://github.com/octocat"}
TEXT = "Ünïcode \N{ROCKET} \u2028 العربية " * 20
Row = Callable[[int], dict[str, Any]]


def issue(number: int) -> dict[str, Any]:
    more = {"pull_request": {"merged_at": None}} if number % 3 == 0 else {}
    return {
        "number": number,
        "title": TEXT[:200],
        "state": "open" if number % 2 else "closed",
        "body": None if number % 5 == 0 else TEXT,
        "user": None if number % 7 == 0 else USER,
        "labels": [] if number % 4 else ["plain", {"name": "ä"}, {"name": None}],
        "assignees": None if number % 6 == 0 else [USER],
        "comments": number,
        "updated_at": "2026-01-01T00:00:00Z",
        **more,
    }


def comment(number: int) -> dict[str, Any]:
    body = "" if number % 3 else TEXT
    return {"id": number, "body": body, "user": USER if number % 2 else None}


class Endless:
    """A listing of so many rows, page by page, that counts its requests."""

    def __init__(self, row: Row, amount: int) -> None:
        self._row = row
        self._amount = amount
        self.calls = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        params = request.url.params
        page, size = int(params.get("page", "1")), int(params["per_page"])
        rows = [self._row(n + 1) for n in range((page - 1) * size, min(page * size, self._amount))]
        headers = {}
        if page * size < self._amount:
            following = request.url.copy_set_param("page", str(page + 1))
            headers["link"] = f'<{following}>; rel="next"'
        return httpx.Response(200, content=msgspec.json.encode(rows), headers=headers)


async def test_five_thousand_issues_with_bodies_are_fifty_requests() -> None:
    github = Endless(issue, 5_000)
    connector = over(github)
    query = ItemQuery(container_id="repo:1", limit=100, include_body=True)
    pages = await walk(query, connector.items)
    items = [item for page in pages for item in page.items]
    assert github.calls == 50
    assert len({item.id for item in items}) == 5_000
    assert all(item.body is not None for item in items)
    assert {item.author is None for item in items} == {True, False}
    assert {item.type for item in items} == {"issue", "pull_request"}


async def test_three_hundred_comments_are_three_requests() -> None:
    github = Endless(comment, 300)
    pages = await walk(CommentQuery(item_id="1:issue:1", limit=100), over(github).comments)
    assert github.calls == 3
    assert len({one.id for page in pages for one in page.items}) == 300


def _resources(kind: str, parent: str | None = None, q: str | None = None) -> ResourceQuery:
    return ResourceQuery(type=f"github_{kind}", parent_id=parent, q=q, filters=NoFields())


Ask = Callable[[GitHubConnector], Any]


CALLS: dict[str, tuple[Ask, int]] = {
    "the account": (lambda c: c.identify(), 1),
    "the top": (lambda c: c.containers(ContainerQuery()), 1),
    "own repositories": (lambda c: c.containers(ContainerQuery(type="repository")), 1),
    "repositories of an organisation": (
        lambda c: c.containers(ContainerQuery(parent_id="org:octo-org")),
        1,
    ),
    "one repository by name": (lambda c: c.containers(ContainerQuery(q="octocat/Hello-World")), 1),
    "repositories by words": (lambda c: c.containers(ContainerQuery(q="hello")), 2),
    "words in an organisation": (
        lambda c: c.containers(ContainerQuery(parent_id="org:octo-org", q="docs")),
        1,
    ),
    "items with bodies": (lambda c: c.items(ItemQuery(container_id=HELLO, include_body=True)), 1),
    "pull requests": (lambda c: c.items(ItemQuery(container_id=HELLO, type="pull_request")), 1),
    "a search": (lambda c: c.items(ItemQuery(container_id=HELLO, q="theme", include_body=True)), 2),
    "children": (lambda c: c.items(ItemQuery(container_id=HELLO, parent_id="1296269:issue:7")), 1),
    "an issue": (lambda c: c.item(OneItemQuery(item_id=ISSUE)), 1),
    "a pull request and its reviews": (lambda c: c.item(OneItemQuery(item_id=PULL)), 2),
    "comments": (lambda c: c.comments(CommentQuery(item_id=ISSUE)), 1),
    "comments of a pull request": (lambda c: c.comments(CommentQuery(item_id=PULL)), 1),
    "picking a repository": (lambda c: c.resources(_resources("repo")), 1),
    "picking a repository by name": (lambda c: c.resources(_resources("repo", q="hello")), 1),
    "picking a branch": (lambda c: c.resources(_resources("branch", HELLO)), 1),
    "a directory": (lambda c: c.resources(_resources("file", HELLO)), 1),
    "a search for files": (lambda c: c.resources(_resources("file", HELLO, "readme")), 1),
    "the way to branches": (lambda c: c.resource_parents("github_branch", HELLO), 1),
}


@pytest.mark.parametrize("call", CALLS)
async def test_requests_of_a_call(connector: GitHubConnector, github: GitHub, call: str) -> None:
    ask, requests = CALLS[call]
    await ask(connector)
    assert sum((await github.requests()).values()) == requests


async def test_every_request_says_what_github_wants_to_hear(
    connector: GitHubConnector, github: GitHub
) -> None:
    await connector.identify()
    await connector.items(ItemQuery(container_id=HELLO))
    for request in github.network.requests:
        assert request.headers["accept"] == "application/vnd.github+json"
        assert request.headers["x-github-api-version"] == "2022-11-28"
        assert request.headers["user-agent"]


async def test_organisations_left_out_for_want_of_a_single_sign_on_are_told() -> None:
    headers = {"x-github-sso": "partial-results; organizations=21955855,20582480"}
    connector = over(lambda _: httpx.Response(200, json=[], headers=headers))
    page = await connector.containers(ContainerQuery(type="organization"))
    assert page.truncated
