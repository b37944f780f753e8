"""Streams over the whole account; what one repository gives is in the conformance suite."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.manifest import UpdatedSince
from src.connectors.syncing import SyncPage, SyncQuery
from src.core.errors import ValidationFailed
from tests.conftest import TOKEN, GitHub
from tests.connectors.github.conftest import HELLO, NO_ISSUES, Open
from tests.connectors.github.test_huge import over

TODAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
LONG_AGO = UpdatedSince(updated_since=datetime(2020, 1, 1, tzinfo=UTC))
LATELY = UpdatedSince(updated_since=datetime(2026, 11, 1, tzinfo=UTC))
STREAMS = ("repositories", "issues", "pulls", "comments")


async def run(connector: GitHubConnector, stream: str, **more: Any) -> list[SyncPage]:
    query = SyncQuery(stream=stream, started_at=TODAY, **more)
    return [page async for page in connector.sync(query)]


def ids(pages: list[SyncPage]) -> set[str]:
    return {record.id for page in pages for record in page.records}


def asked(github: GitHub) -> list[str]:
    return [request.url.raw_path.decode() for request in github.network.requests]


async def write(github: GitHub, method: str, path: str, **body: Any) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": "octocat"}
    answer = await github.client.request(method, path, json=body, headers=headers)
    answer.raise_for_status()


async def test_a_full_run_reads_every_repository_of_the_account(connector: GitHubConnector) -> None:
    repositories = ids(await run(connector, "repositories"))
    pages = await run(connector, "issues")
    (plan,) = [page.plan for page in pages if page.plan is not None]
    assert set(plan) == repositories
    assert {"repo:1296273", "repo:1296276"} <= repositories  # an organisation's, another user's
    assert {one.split(":")[1] for one in ids(pages)} == {"issue"}
    assert not [page.unread for page in pages if page.unread]


@pytest.mark.parametrize("stream", ["issues", "pulls", "repositories"])
async def test_nothing_new_in_the_whole_account_takes_one_request(
    connector: GitHubConnector, github: GitHub, stream: str
) -> None:
    pages = await run(connector, stream, checkpoint=LATELY)
    assert ids(pages) == set()
    (request,) = asked(github)
    assert "since=2026-11-01T00%3A00%3A00Z" in request


@pytest.mark.parametrize("stream", STREAMS)
async def test_by_change_all_is_found_that_a_full_run_finds(
    connector: GitHubConnector, stream: str
) -> None:
    """Many issues of the seed were changed in one second, more than a page holds."""
    assert ids(await run(connector, stream, checkpoint=LONG_AGO)) == ids(
        await run(connector, stream)
    )


async def test_one_change_is_found_by_few_requests(
    connector: GitHubConnector, github: GitHub
) -> None:
    await write(github, "PATCH", "/repositories/1296273/issues/3", state="closed")
    await write(github, "PATCH", "/repositories/1296273/issues/5", state="closed")
    github.network.requests.clear()
    (issue,) = [one for page in await run(connector, "issues", checkpoint=LATELY)
                for one in page.records]  # fmt: skip
    assert issue.id == "1296273:issue:3"
    assert len(asked(github)) == 1
    assert ids(await run(connector, "pulls", checkpoint=LATELY)) == {"1296273:pull:5"}
    assert len(asked(github)) == 3


async def test_a_long_list_takes_two_requests_more_than_it_has_pages(
    connector: GitHubConnector, github: GitHub
) -> None:
    await run(connector, "comments", container_ids=(HELLO,))
    pages = [path for path in asked(github) if "/issues/comments" in path]
    assert len(set(pages)) == 8
    assert len(pages) == 10


async def test_a_repository_without_issues_has_pull_requests(connector: GitHubConnector) -> None:
    where = {"container_ids": (NO_ISSUES,)}
    assert ids(await run(connector, "issues", **where)) == set()
    assert len(ids(await run(connector, "pulls", **where))) == 6
    said = await run(connector, "comments", **where)
    assert {one.split(":")[1] for one in ids(said)} <= {"review-comment"}


async def test_an_organisation_holds_repositories_and_nothing_else(
    connector: GitHubConnector,
) -> None:
    where = {"container_ids": ("org:octo-org",)}
    assert ids(await run(connector, "repositories", **where)) == {"repo:1296273", "repo:1296274"}
    assert ids(await run(connector, "issues", **where)) == set()
    with pytest.raises(ValidationFailed):
        await run(connector, "issues", container_ids=("nonsense",))


async def test_comments_say_whose_they_are(connector: GitHubConnector) -> None:
    pages = await run(connector, "comments", container_ids=(HELLO,))
    comments = [one for page in pages for one in page.records]
    of = {one.type: one for one in comments}  # type: ignore[union-attr]
    assert set(of) == {"comment", "review_comment"}
    assert {one.item_id for one in comments} >= {  # type: ignore[union-attr]
        "1296269:issue:42",
        "1296269:pull:101",
    }


@pytest.mark.parametrize(
    ("stream", "record"),
    [
        ("issues", "1296269:issue:13"),
        ("issues", "1296269:issue:16"),
        ("issues", "1296269:issue:101"),
        ("pulls", "1296269:pull:42"),
        ("comments", "1296269:comment:1"),
        ("comments", "1296269:review-comment:1"),
        ("comments", "1296269:review:1"),
        ("repositories", "repo:1"),
    ],
    ids=[
        "deleted",
        "transferred",
        "a pull",
        "an issue",
        "no comment",
        "no remark",
        "a review",
        "unknown",
    ],
)
async def test_what_a_stream_does_not_hold_is_gone(
    connector: GitHubConnector, stream: str, record: str
) -> None:
    assert await connector.fetch(stream, record) is None


@pytest.mark.parametrize("stream", STREAMS)
async def test_what_is_no_id_is_refused(connector: GitHubConnector, stream: str) -> None:
    with pytest.raises(ValidationFailed):
        await connector.fetch(stream, "../user")


async def test_an_app_reads_what_it_is_installed_on(open_with: Open) -> None:
    connector = open_with(token="ghu_sandbox_octocat")
    pages = await run(connector, "issues")
    (plan,) = [page.plan for page in pages if page.plan is not None]
    assert set(plan) == ids(await run(connector, "repositories"))
    assert "repo:1296271" not in plan


async def test_what_was_kept_back_is_not_taken_for_gone() -> None:
    """For want of a single sign-on GitHub lists a part of the repositories."""
    headers = {"x-github-sso": "partial-results; organizations=21955855"}
    pages = await run(over(lambda _: httpx.Response(200, json=[], headers=headers)), "issues")
    assert [page.truncated for page in pages if page.plan is not None] == [True]


async def test_among_too_many_changes_every_repository_is_asked() -> None:
    """To look through all of them for those with pull requests would take longer."""
    asked: list[str] = []

    def github(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path == "/user/repos":
            owner = {"login": "octocat", "id": 1}
            rows: Any = [{"id": 7, "name": "r", "full_name": "octocat/r", "owner": owner}]
            return httpx.Response(200, json=rows)
        if request.url.path != "/issues":
            return httpx.Response(200, json=[])
        since = datetime.fromisoformat(request.url.params["since"])
        row = {"number": 1, "title": "t", "state": "open", "repository": {"id": 9}}
        changed = {"updated_at": (since + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}
        more = f'<{request.url.copy_with(path="/issues")}>; rel="next"'
        return httpx.Response(
            200, json=[{**row, **changed, "pull_request": {}}], headers={"link": more}
        )

    pages = await run(over(github), "pulls", checkpoint=LONG_AGO)
    assert [page.plan for page in pages if page.plan is not None] == [("repo:7",)]
    assert asked.count("/issues") == 21
