"""Lists of issues and pull requests."""

from datetime import UTC, datetime

import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.rest.paginators import walk
from src.core.errors import ProviderForbidden, ProviderNotFound, UnsupportedFilter, ValidationFailed
from src.models.query import ItemQuery, Sort
from src.models.unified import Item
from tests.conftest import GitHub
from tests.connectors.github.conftest import HELLO, NO_ISSUES

ISSUES = "GET /repositories/{id}/issues"
PULLS = "GET /repositories/{id}/pulls"


def query(**more: object) -> ItemQuery:
    return ItemQuery(**{"container_id": HELLO, "limit": 100, **more})  # type: ignore[arg-type]


async def listed(connector: GitHubConnector, **more: object) -> list[Item]:
    pages = await walk(query(**more), connector.items)
    return [item for page in pages for item in page.items]


async def test_issues_and_pulls_of_every_state_once_by_githubs_order(
    connector: GitHubConnector, github: GitHub
) -> None:
    items = await listed(connector)
    numbers = [item.fields["number"] for item in items]
    assert sorted(numbers) == [number for number in range(1, 381) if number not in {13, 16}]
    assert {item.state for item in items} == {"open", "closed"}
    created = [item.created_at or "" for item in items]
    assert created == sorted(created, reverse=True)
    assert await github.requests() == {ISSUES: 4}


async def test_ids_say_what_an_item_is_and_where(connector: GitHubConnector) -> None:
    items = await listed(connector)
    for item in items:
        kind = "pull" if item.type == "pull_request" else "issue"
        assert item.id == f"1296269:{kind}:{item.fields['number']}"
        assert item.container_id == HELLO
        assert item.url == (
            f"https://github.com/octocat/Hello-World/"
            f"{'pull' if kind == 'pull' else 'issues'}/{item.fields['number']}"
        )


@pytest.mark.parametrize("type_", ["issue", "pull_request"])
async def test_types(connector: GitHubConnector, type_: str) -> None:
    everything = await listed(connector)
    found = await listed(connector, type=type_)
    assert [item.id for item in found] == [item.id for item in everything if item.type == type_]


async def test_pull_requests_cost_one_request_a_page(
    connector: GitHubConnector, github: GitHub
) -> None:
    pages = await walk(query(type="pull_request", limit=50), connector.items)
    assert [len(page.items) for page in pages] == [50, 50, 27]
    assert await github.requests() == {PULLS: 3}


async def test_a_list_from_the_pulls_agrees_with_the_list_from_the_issues(
    connector: GitHubConnector,
) -> None:
    from_pulls = {item.id: item for item in await listed(connector, type="pull_request")}
    for item in await listed(connector):
        if item.type == "pull_request":
            other = from_pulls.pop(item.id)
            for name in ("title", "state", "status", "author", "labels", "updated_at", "url"):
                assert getattr(item, name) == getattr(other, name)
    assert from_pulls == {}


@pytest.mark.parametrize("state", ["open", "closed"])
@pytest.mark.parametrize("type_", [None, "issue", "pull_request"])
async def test_states(connector: GitHubConnector, state: str, type_: str | None) -> None:
    found = await listed(connector, state=state, type=type_)
    assert found
    assert {item.state for item in found} == {state}


@pytest.mark.parametrize("type_", [None, "issue", "pull_request"])
async def test_updated_since_is_inclusive(connector: GitHubConnector, type_: str | None) -> None:
    everything = await listed(connector, type=type_)
    since = datetime(2025, 6, 19, 12, tzinfo=UTC)
    found = await listed(connector, type=type_, updated_since=since)
    later = {
        item.id for item in everything if (item.updated_at or "") >= "2025-06-19T12:00:00.000Z"
    }
    assert {item.id for item in found} == later
    assert 0 < len(later) < len(everything)
    assert any(item.updated_at == "2025-06-19T12:00:00.000Z" for item in found)


async def test_fractions_of_a_second_are_rounded_so_that_nothing_is_missed(
    connector: GitHubConnector,
) -> None:
    since = datetime(2025, 6, 19, 12, 0, 0, 900_000, tzinfo=UTC)
    found = await listed(connector, updated_since=since)
    assert any(item.updated_at == "2025-06-19T12:00:00.000Z" for item in found)


@pytest.mark.parametrize("type_", [None, "issue", "pull_request"])
@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("q", [None, "theme"])
async def test_orders(
    connector: GitHubConnector, type_: str | None, sort: Sort, q: str | None
) -> None:
    found = await listed(connector, type=type_, sort=sort, q=q)
    moments = [item.updated_at or "" for item in found]
    assert len(set(moments)) > 2
    assert moments == sorted(moments, reverse=sort is Sort.UPDATED_DESCENDING)


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"type": "issue"},
        {"type": "pull_request"},
        {"state": "closed"},
        {"updated_since": datetime(2025, 6, 1, tzinfo=UTC)},
        {"type": "issue", "state": "open", "updated_since": datetime(2025, 6, 1, tzinfo=UTC)},
    ],
    ids=str,
)
async def test_a_search_obeys_the_other_filters(
    connector: GitHubConnector, filters: dict[str, object]
) -> None:
    allowed = {item.id for item in await listed(connector, **filters)}
    found = await listed(connector, q="dark theme", include_body=True, **filters)
    assert found
    assert {item.id for item in found} <= allowed
    for item in found:
        comments = "" if item.comment_count == 0 else "dark theme"
        text = f"{item.title} {item.body} {comments}".lower()
        assert "dark" in text
        assert "theme" in text


async def test_a_search_costs_one_request_more(connector: GitHubConnector, github: GitHub) -> None:
    await connector.items(query(q="theme"))
    assert await github.requests() == {"GET /repositories/{id}": 1, "GET /search/issues": 1}


@pytest.mark.parametrize("q", ['"', "\\", "  ", "…", "x" * 300])
async def test_a_search_for_nothing_that_can_be_searched_is_refused(
    connector: GitHubConnector, q: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await connector.items(query(q=q))
    assert caught.value.details["errors"][0]["field"] == "q"


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"parent_id": "1296269:issue:7", "q": "theme"}, "q"),
        ({"parent_id": "1296269:issue:7", "sort": Sort.UPDATED_ASCENDING}, "sort"),
        ({"status": "merged"}, "status"),
        ({"type": "file"}, "type"),
        ({"type": "pull"}, "type"),
        ({"type": ""}, "type"),
        ({"container_id": "org:octo-org", "status": "merged"}, "status"),
    ],
)
async def test_a_filter_that_github_has_not_is_refused(
    connector: GitHubConnector, github: GitHub, filters: dict[str, object], field: str
) -> None:
    with pytest.raises(UnsupportedFilter) as caught:
        await connector.items(query(**filters))
    assert caught.value.details["errors"][0]["field"] == field
    assert await github.requests() == {}


@pytest.mark.parametrize("container", ["1296269", "repo:", "repo:x", "repo:1/../2", "issue:1"])
async def test_a_container_that_is_no_id_of_ours_is_refused(
    connector: GitHubConnector, container: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await connector.items(query(container_id=container))
    assert caught.value.details["errors"][0]["field"] == "containerId"


async def test_an_organisation_holds_no_items(connector: GitHubConnector, github: GitHub) -> None:
    assert await listed(connector, container_id="org:octo-org") == []
    assert await github.requests() == {}


@pytest.mark.parametrize("type_", [None, "pull_request"])
async def test_a_repository_without_issues_still_has_its_pulls(
    connector: GitHubConnector, type_: str | None
) -> None:
    found = await listed(connector, container_id=NO_ISSUES, type=type_, limit=4)
    assert len(found) == 6
    assert {item.type for item in found} == {"pull_request"}
    since = datetime(2024, 10, 1, tzinfo=UTC)
    recent = await listed(connector, container_id=NO_ISSUES, type=type_, updated_since=since)
    later = {item.id for item in found if (item.updated_at or "") >= "2024-10-01"}
    assert {item.id for item in recent} == later
    assert 0 < len(later) < 6


async def test_a_repository_without_issues_has_none(connector: GitHubConnector) -> None:
    assert await listed(connector, container_id=NO_ISSUES, type="issue") == []


async def test_an_empty_repository_has_no_items(connector: GitHubConnector) -> None:
    assert await listed(connector, container_id="repo:1296271") == []


@pytest.mark.parametrize(
    ("container", "error"),
    [
        ("repo:9999999", ProviderNotFound),
        ("repo:1296277", ProviderNotFound),
        ("repo:1296281", ProviderForbidden),
    ],
)
@pytest.mark.parametrize("filters", [{}, {"type": "pull_request"}, {"q": "x"}], ids=str)
async def test_a_repository_that_cannot_be_had(
    connector: GitHubConnector,
    container: str,
    error: type[Exception],
    filters: dict[str, object],
) -> None:
    with pytest.raises(error):
        await connector.items(query(container_id=container, **filters))


@pytest.mark.parametrize("container", ["repo:9999999", "repo:1296281"])
async def test_a_repository_that_cannot_be_had_is_asked_for_once(
    connector: GitHubConnector, github: GitHub, container: str
) -> None:
    with pytest.raises((ProviderNotFound, ProviderForbidden)):
        await connector.items(query(container_id=container))
    assert await github.requests() == {ISSUES: 1}
