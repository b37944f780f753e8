"""Containers are projects."""

from dataclasses import replace

import pytest

from src.connectors.jira.connector import JiraConnector
from src.core.errors import InvalidCursor, ProviderNotFound, UnsupportedFilter, ValidationFailed
from src.models.query import ContainerQuery
from tests.connectors.jira.conftest import PAT, SERVER, Atlassian, Open

ALL = ["BIG", "EX", "MKT", "NIL", "ODD", "SD", "SEC"]


async def keys(connector: JiraConnector, **query: object) -> list[str]:
    page = await connector.containers(ContainerQuery(**query))
    return [(container.url or "").rpartition("/")[2] for container in page.items]


async def test_a_project(connector: JiraConnector) -> None:
    page = await connector.containers(ContainerQuery(q="EX"))
    (project,) = page.items
    assert (project.id, project.type, project.name) == ("10000", "software", "Example")
    assert project.description == "What we show to everybody."
    assert project.url == "https://acme.atlassian.net/browse/EX"
    assert (project.updated_at or "").endswith("Z")
    assert (project.parent_id, project.has_children) == (None, False)


async def test_one_request_for_a_page(either: JiraConnector, atlassian: Atlassian) -> None:
    assert sorted(await keys(either)) == ALL
    assert len(atlassian.asked()) == 1


async def test_pages_end(either: JiraConnector, atlassian: Atlassian) -> None:
    query, found = ContainerQuery(limit=3), []
    while True:
        page = await either.containers(query)
        found += [container.id for container in page.items]
        if page.next_token is None:
            break
        query = replace(query, token=page.next_token)
    assert len(found) == len(set(found)) == len(ALL)
    assert len(atlassian.asked()) == 3


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("software", ["BIG", "EX", "SEC"]),
        ("business", ["MKT", "NIL", "ODD"]),
        ("service_desk", ["SD"]),
    ],
)
async def test_by_type(either: JiraConnector, kind: str, expected: list[str]) -> None:
    assert sorted(await keys(either, type=kind)) == expected


@pytest.mark.parametrize("q", ["市場", "mkt", "MARKET"])
async def test_by_words(either: JiraConnector, q: str) -> None:
    assert await keys(either, q=q) == ["MKT"]


async def test_none_that_matches_is_an_empty_list_although_jira_says_404(
    either: JiraConnector,
) -> None:
    assert await keys(either, q="no such project") == []


async def test_a_site_that_is_gone_is_not_an_empty_list(
    connector: JiraConnector, atlassian: Atlassian
) -> None:
    await atlassian.fault({"kind": "not_found"})
    with pytest.raises(ProviderNotFound):
        await connector.containers(ContainerQuery())


async def test_what_the_account_does_not_see_is_not_there(open_with: Open) -> None:
    assert "SEC" not in await keys(open_with("oauth2", "eyJ-sandbox-ben"))
    assert "SEC" not in await keys(open_with("pat", "PAT-sandbox-ben", **SERVER))


async def test_projects_hold_no_projects(connector: JiraConnector, atlassian: Atlassian) -> None:
    assert await keys(connector, parent_id="10000") == []
    assert atlassian.asked() == []
    with pytest.raises(ValidationFailed):
        await keys(connector, parent_id="../x")


async def test_a_type_that_jira_does_not_have(connector: JiraConnector) -> None:
    with pytest.raises(UnsupportedFilter):
        await keys(connector, type="repository")


async def test_the_cursor_of_another_list(open_with: Open) -> None:
    with pytest.raises(InvalidCursor):
        await keys(open_with(*PAT, **SERVER), token="1.x")
