"""Items are issues: listed by query, filtered, sorted, paged by tokens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from src.connectors.jira.connector import JiraConnector
from src.core.errors import ProviderNotFound, ProviderRejected, ValidationFailed
from src.models.query import ItemQuery, Sort
from src.models.unified import Item
from src.sandbox.atlassian.people import ACME, UMBRELLA
from tests.connectors.jira.conftest import (
    BIG,
    EPIC,
    EX,
    PAT,
    SERVER,
    STORY,
    SUBTASK,
    Atlassian,
    Open,
)


async def listed(connector: JiraConnector, **query: Any) -> list[Item]:
    """Every page."""
    asking = ItemQuery(**{"container_id": EX, "limit": 100, **query})
    found: list[Item] = []
    while True:
        page = await connector.items(asking)
        found += page.items
        if page.next_token is None:
            return found
        asking = replace(asking, token=page.next_token)


def keys(items: list[Item]) -> list[str]:
    return [item.fields["key"] for item in items]


async def test_an_issue_of_a_list(connector: JiraConnector) -> None:
    found = {item.id: item for item in await listed(connector)}
    issue = found[SUBTASK]
    assert (issue.type, issue.container_id, issue.parent_id) == ("Sub-task", EX, STORY)
    assert issue.title == 'Größe "日本語" \\ 👩‍👩‍👧 </b>'
    assert (issue.state, issue.status) == ("open", "In Progress")
    assert (issue.body, issue.body_format) == (None, None)
    assert issue.url == "https://acme.atlassian.net/browse/EX-7"
    assert issue.created_at == "2023-06-14T06:46:40.000Z"
    assert issue.author is None
    assert [person.name for person in issue.assignees] == []
    fields = issue.fields
    assert (fields["key"], fields["dueDate"], fields["hierarchyLevel"]) == (
        "EX-7",
        "2026-12-31",
        -1,
    )
    assert (fields["components"], fields["fixVersions"]) == (["Core", "Oberfläche"], ["1.0"])


async def test_what_has_children(connector: JiraConnector) -> None:
    found = {item.id: item for item in await listed(connector)}
    assert found[EPIC].has_children
    assert found[STORY].has_children
    assert found[STORY].fields["subtasks"] == [SUBTASK, "10108"]
    assert not found[SUBTASK].has_children


@pytest.mark.parametrize(
    ("limit", "requests"), [(100, 1), (60, 1), (59, 2), (20, 3), (1, 60)], ids=str
)
async def test_one_request_for_a_page_also_with_bodies(
    connector: JiraConnector, atlassian: Atlassian, limit: int, requests: int
) -> None:
    found = await listed(connector, limit=limit, include_body=True)
    assert len({item.id for item in found}) == len(found) == 60
    assert all(item.body is not None for item in found)
    assert atlassian.asked() == ["GET api/3/search/jql"] * requests


async def test_the_pages_of_a_data_center_are_as_long_as_it_likes(
    server: JiraConnector, atlassian: Atlassian
) -> None:
    found = await listed(server, limit=100, include_body=True)
    assert len({item.id for item in found}) == len(found) == 60
    assert atlassian.asked() == ["GET api/2/search"] * 2


async def test_five_thousand_issues(connector: JiraConnector, atlassian: Atlassian) -> None:
    found = await listed(connector, container_id=BIG)
    assert len({item.id for item in found}) == 5_000
    assert len(atlassian.asked()) == 50


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"parent_id": EPIC}, ["EX-3", "EX-2"]),
        ({"parent_id": "EX-2"}, ["EX-8", "EX-7"]),
        ({"type": "Epic"}, ["EX-1"]),
        ({"type": "Sub-task", "status": "In Progress"}, ["EX-7"]),
        ({"q": "everynode"}, []),
        ({"q": "Every NODE"}, ["EX-3"]),
        ({"q": "nod"}, ["EX-3"]),
        ({"q": '"日本語"', "type": "Sub-task"}, ["EX-7"]),
        ({"q": "every node", "state": "closed"}, []),
    ],
    ids=str,
)
async def test_filters(either: JiraConnector, query: dict[str, Any], expected: list[str]) -> None:
    assert keys(await listed(either, **query)) == expected


@pytest.mark.parametrize("state", ["open", "closed"])
async def test_by_state(either: JiraConnector, state: str) -> None:
    found = await listed(either, state=state)
    assert {item.state for item in found} == {state}
    assert len(found) == {"open": 40, "closed": 20}[state]


async def test_by_status(either: JiraConnector) -> None:
    found = await listed(either, status="To Do")
    assert {item.status for item in found} == {"To Do"}


async def test_those_below_no_other(either: JiraConnector) -> None:
    found = await listed(either, parent_id="root")
    assert SUBTASK not in {item.id for item in found}
    assert EPIC in {item.id for item in found}


@pytest.mark.parametrize("sort", [*Sort])
async def test_sorted(either: JiraConnector, sort: Sort) -> None:
    times = [item.updated_at or "" for item in await listed(either, sort=sort)]
    assert times == sorted(times, reverse=sort is Sort.UPDATED_DESCENDING)


async def test_updated_since_is_asked_for_in_milliseconds_whatever_the_users_time_zone(
    either: JiraConnector, atlassian: Atlassian
) -> None:
    every = await listed(either)
    atlassian.network.requests.clear()
    since = datetime(2023, 6, 15, 12, 0, 0, 400_000, tzinfo=UTC)
    found = await listed(either, updated_since=since)
    assert atlassian.queries("jql") == [
        f"project = 10000 AND updated >= {int(since.timestamp() * 1000)} ORDER BY created DESC"
    ] * len(atlassian.queries("jql"))
    later = {item.id for item in every if (item.updated_at or "") >= "2023-06-15T12:00:00.400Z"}
    assert {item.id for item in found} == later
    assert 0 < len(later) < len(every)
    exactly = datetime.fromisoformat(found[0].updated_at or "")
    assert found[0].id in {item.id for item in await listed(either, updated_since=exactly)}
    late = exactly + timedelta(milliseconds=1)
    assert found[0].id not in {item.id for item in await listed(either, updated_since=late)}


async def test_fields_are_named_and_the_body_only_when_it_is_wanted(
    connector: JiraConnector, atlassian: Atlassian
) -> None:
    await connector.items(ItemQuery(container_id=EX))
    await connector.items(ItemQuery(container_id=EX, include_body=True))
    without, with_body = atlassian.queries("fields")
    assert "description" not in without.split(",")
    assert {"description", "attachment"} <= set(with_body.split(","))
    assert "*all" not in with_body


@pytest.mark.parametrize("include_raw", [False, True])
@pytest.mark.parametrize("way", [("oauth2", "eyJ-sandbox-mia"), PAT], ids=lambda way: way[0])
async def test_fields_of_the_site_that_lists_hold_too(
    open_with: Open, atlassian: Atlassian, way: tuple[str, str], *, include_raw: bool
) -> None:
    settings = {"listFields": ["customfield_10016", "customfield_10020", "customfield_10033"]}
    config = SERVER if way == PAT else {"cloudId": ACME.id}
    connector = open_with(*way, settings=settings, **config)
    found = await listed(connector, parent_id=EPIC, include_raw=include_raw)
    assert keys(found) == ["EX-3", "EX-2"]
    fields = found[1].fields
    assert (fields["Story Points"], fields["Sprint"]) == (5.0, ["Sprint 1"])
    assert "Never set" not in fields
    assert "Story Points" not in found[0].fields
    assert found[1].body is None
    assert "customfield_10016" in atlassian.queries("fields")[0].split(",")
    assert len(atlassian.asked()) == 1


async def test_the_providers_own_payload(either: JiraConnector) -> None:
    page = await either.items(ItemQuery(container_id=EX, limit=1, include_raw=True))
    assert bytes(page.items[0].raw).startswith(b'{"expand"')


@pytest.mark.parametrize("container", ["EX", "10000"])
async def test_a_project_by_key_or_number(either: JiraConnector, container: str) -> None:
    assert len(await listed(either, container_id=container)) == 60


async def test_an_empty_project(either: JiraConnector) -> None:
    assert await listed(either, container_id="NIL") == []


@pytest.mark.parametrize("container", ["99999", "NOSUCH", "10005"])
async def test_a_project_that_cannot_be_had(open_with: Open, container: str) -> None:
    connector = open_with("oauth2", "eyJ-sandbox-ben")
    with pytest.raises(ProviderNotFound):
        await listed(connector, container_id=container)


async def test_a_parent_that_is_not_there(connector: JiraConnector) -> None:
    for parent in ("99999", "EX-99999"):
        with pytest.raises(ProviderNotFound):
            await listed(connector, parent_id=parent)


@pytest.mark.parametrize("query", [{"type": "Nonsense"}, {"status": 'Odd "status" \\'}], ids=str)
async def test_a_name_that_jira_does_not_know_is_refused_by_jira(
    connector: JiraConnector, query: dict[str, Any]
) -> None:
    with pytest.raises(ProviderRejected) as refused:
        await listed(connector, **query)
    assert "does not exist for the field" in refused.value.details["message"]


@pytest.mark.parametrize(
    "query",
    [
        {"container_id": "EX OR 1=1"},
        {"container_id": 'EX"'},
        {"container_id": "10000) OR (project = 10001"},
        {"parent_id": "EX-1 OR project = MKT"},
        {"type": "Bug\nOR"},
        {"status": "\ud800"},
        {"q": "  "},
        {"q": '"*"'},
        {"q": "x" * 257},
    ],
    ids=lambda query: str(query)[:40].encode("ascii", "replace").decode(),
)
async def test_what_is_no_value_is_not_sent(
    connector: JiraConnector, atlassian: Atlassian, query: dict[str, Any]
) -> None:
    with pytest.raises(ValidationFailed):
        await listed(connector, **query)
    assert atlassian.asked() == []


async def test_the_number_of_a_project_is_the_sites_own(open_with: Open) -> None:
    found = await listed(open_with(cloudId=UMBRELLA.id))
    assert keys(found) == ["UMB-2", "UMB-1"]


async def test_a_search_stays_in_its_project(either: JiraConnector) -> None:
    inside = {item.id for item in await listed(either)}
    for q in (
        "theme",
        'theme" OR project = MKT OR text ~ "theme',
        "theme*) OR (project = 10003",
        "theme OR zzz",
        "theme\\",
        "NOT zzz",
    ):
        found = {item.id for item in await listed(either, q=q)}
        assert found <= inside
