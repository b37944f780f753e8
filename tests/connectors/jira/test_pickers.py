"""What forms let their users pick."""

from typing import Any

import pytest

from src.connectors.jira.connector import JiraConnector
from src.connectors.jira.manifest import MANIFEST
from src.core.errors import ProviderNotFound, ValidationFailed
from src.models.query import ResourceQuery
from src.models.unified import Page, Resource
from tests.connectors.jira.conftest import Atlassian


async def pick(
    connector: JiraConnector, kind: str, filters: dict[str, Any] | None = None, **query: Any
) -> Page[Resource]:
    found = MANIFEST.resource_type(kind)
    assert found is not None
    given = found.filters.model_validate(filters or {})
    return await connector.resources(ResourceQuery(type=kind, filters=given, **query))


async def test_projects(either: JiraConnector) -> None:
    page = await pick(either, "jira_project", q="example")
    (project,) = page.items
    assert (project.id, project.name, project.has_children) == ("10000", "Example (EX)", True)
    assert project.icon_url is not None
    assert (project.url or "").endswith("/browse/EX")
    software = await pick(either, "jira_project", {"type": "software"})
    assert {one.id for one in software.items} == {"10000", "10001", "10005"}


async def test_issues_of_a_project(either: JiraConnector, atlassian: Atlassian) -> None:
    page = await pick(either, "jira_issue", parent_id="10000", q="every node")
    assert [(one.id, one.name, one.parent_id) for one in page.items] == [
        ("10103", "EX-3 Every node", "10000")
    ]
    assert len(atlassian.asked()) == 1


async def test_issues_of_all_projects(either: JiraConnector) -> None:
    page = await pick(either, "jira_issue", limit=100)
    assert {one.parent_id for one in page.items} >= {"10000"} or page.next_token is not None
    found = await pick(either, "jira_issue", q="every node")
    assert [one.id for one in found.items] == ["10103"]


@pytest.mark.parametrize(
    ("parent", "q", "found"),
    [
        ("10000", "EX-3", ["10103"]),
        (None, " ex-3 ", ["10103"]),
        ("EX", "EX-3", ["10103"]),
        ("10003", "EX-3", []),
        ("MKT", "EX-3", []),
        ("10000", "EX-99999", []),
        (None, "NOSUCH-1", []),
    ],
)
async def test_an_issue_whose_key_is_typed(
    either: JiraConnector, atlassian: Atlassian, parent: str | None, q: str, found: list[str]
) -> None:
    page = await pick(either, "jira_issue", parent_id=parent, q=q)
    assert [one.id for one in page.items] == found
    assert len(atlassian.asked()) == 1


async def test_boards(either: JiraConnector) -> None:
    every = await pick(either, "jira_board")
    assert [(one.id, one.name, one.parent_id) for one in every.items] == [
        ("1", "EX board", "10000"),
        ("2", "BIG board", "10001"),
        ("3", "Everybody's board", None),
    ]
    scrum = await pick(either, "jira_board", {"type": "scrum"})
    assert [one.id for one in scrum.items] == ["1"]
    below = await pick(either, "jira_board", parent_id="BIG")
    assert [one.id for one in below.items] == ["2"]
    named = await pick(either, "jira_board", q="everybody")
    assert [one.id for one in named.items] == ["3"]


async def test_boards_have_pages_without_a_total(connector: JiraConnector) -> None:
    first = await pick(connector, "jira_board", limit=2)
    assert first.next_token is not None
    second = await pick(connector, "jira_board", limit=2, token=first.next_token)
    assert ([one.id for one in second.items], second.next_token) == (["3"], None)


async def test_the_way_to_the_top(either: JiraConnector) -> None:
    for kind in ("jira_issue", "jira_board"):
        (project,) = await either.resource_parents(kind, "10000")
        assert (project.id, project.type) == ("10000", "jira_project")
    with pytest.raises(ProviderNotFound):
        await either.resource_parents("jira_issue", "99999")


@pytest.mark.parametrize("kind", ["jira_project", "jira_issue", "jira_board"])
async def test_a_parent_that_is_none(
    connector: JiraConnector, atlassian: Atlassian, kind: str
) -> None:
    with pytest.raises(ValidationFailed):
        await pick(connector, kind, parent_id="../x")
    assert atlassian.asked() == []
