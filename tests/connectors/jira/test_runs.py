"""Runs of Jira's streams, where Jira is more than the suite of all connectors knows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from src.connectors.jira.ascending import Ascending
from src.connectors.jira.connector import JiraConnector
from src.connectors.jira.runs import IssueRun
from src.connectors.manifest import UpdatedSince
from src.connectors.syncing import SyncPage, SyncQuery
from src.core.errors import ProviderNotFound
from src.models.unified import Comment
from src.sandbox.atlassian.people import ACME
from tests.connectors.jira.conftest import GRANT, PAT, SERVER, Atlassian, Open

NOW = datetime.now(UTC).replace(microsecond=0)
MARKETING = "10003"
IMPORTED = {str(21_000 + number) for number in range(13, 213)}


async def run(connector: JiraConnector, stream: str = "issues", **query: Any) -> list[SyncPage]:
    wanted = SyncQuery(stream=stream, started_at=NOW, **query)
    return [page async for page in connector.sync(wanted)]


def since(days: float) -> UpdatedSince:
    return UpdatedSince(updated_since=NOW - timedelta(days=days))


async def edit(atlassian: Atlassian, issue: str) -> None:
    answer = await atlassian.client.put(
        f"/ex/jira/{ACME.id}/rest/api/3/issue/{issue}",
        json={"fields": {"summary": "Changed"}},
        headers={"Authorization": f"Bearer {GRANT}"},
    )
    answer.raise_for_status()


async def test_all_projects_are_asked_for_changes_at_once(
    connector: JiraConnector, atlassian: Atlassian
) -> None:
    for issue in ("10109", "21003", "10110"):
        await edit(atlassian, issue)
    pages = await run(connector, checkpoint=since(1))
    assert len(atlassian.network.requests) == 1
    by_project = {page.container_id: [one.id for one in page.records] for page in pages}
    assert by_project.pop(None) == []
    assert {project: sorted(ids) for project, ids in by_project.items()} == {
        "10000": ["10109", "10110"],
        MARKETING: ["21003"],
    }
    checkpoints = [page.checkpoint for page in pages if page.checkpoint]
    assert checkpoints == [UpdatedSince(updated_since=NOW - timedelta(minutes=5))]


async def test_a_full_run_reads_every_project_and_names_it(connector: JiraConnector) -> None:
    pages = await run(connector, stream="comments")
    (plan,) = (page.plan for page in pages if page.plan)
    assert len(plan) == 7
    said = [one for page in pages for one in page.records]
    assert {page.container_id for page in pages if page.records} == {"10000", MARKETING}
    assert all(isinstance(one, Comment) for one in said)
    # Three hundred on one issue, of which a search tells twenty.
    assert len({one.id for one in said if one.id.startswith("10104:")}) == 300


async def test_a_project_named_by_its_key_is_read_by_its_number(either: JiraConnector) -> None:
    pages = await run(either, container_ids=("MKT", MARKETING))
    assert {page.plan for page in pages} == {None, (MARKETING,)}
    assert {page.container_id for page in pages if page.records} == {MARKETING}


async def test_a_minute_with_more_issues_than_a_page_is_read_to_its_end(
    either: JiraConnector, atlassian: Atlassian
) -> None:
    ids = [one.id for page in await run(either, container_ids=(MARKETING,)) for one in page.records]
    assert set(ids) >= IMPORTED
    assert len(ids) == len(set(ids)) == 222
    # A page is at the least forty, and where the minute begins and ends one is asked for again.
    assert len(atlassian.network.requests) <= 222 // 40 + 3


async def test_issues_that_go_in_the_middle_of_a_minute_hide_no_others(
    either: JiraConnector, atlassian: Atlassian
) -> None:
    ids: list[str] = []
    gone: set[str] = set()
    run = IssueRun(either.at, "project,created", has_own=False)
    search = Ascending(run.find, ("project = MKT",), "created", overlaps=either.at.overlaps)
    async for page in search.pages(None):
        ids += [one.id for one in page.items]
        if len(ids) > 120 and not gone:
            gone = {one for one in ids[85:115] if one in IMPORTED}
            for issue in gone:
                await delete(atlassian, issue)
    assert len(gone) > 3
    assert set(ids) >= IMPORTED


async def delete(atlassian: Atlassian, issue: str) -> None:
    """In both worlds."""
    for path, token in ((f"/ex/jira/{ACME.id}/rest/api/3", GRANT), ("/rest/api/2", PAT[1])):
        signed = {"Authorization": f"Bearer {token}"}
        (await atlassian.client.delete(f"{path}/issue/{issue}", headers=signed)).raise_for_status()


async def test_fields_of_the_sites_own_come_along(open_with: Open) -> None:
    for way, config in ((("oauth2", GRANT), {}), (PAT, SERVER)):
        connector = open_with(*way, settings={"list_fields": ["customfield_10016"]}, **config)
        pages = await run(connector, container_ids=("10000",))
        listed = {one.id: one for page in pages for one in page.records}
        assert listed["10102"].fields["Story Points"] == 5.0
        assert await connector.fetch("issues", "10102") == listed["10102"]


async def test_a_site_that_is_gone_is_no_issue_that_is_gone(
    open_with: Open,
) -> None:
    connector = open_with(cloudId="00000000-0000-4000-8000-000000000000")
    with pytest.raises(ProviderNotFound):
        await connector.fetch("issues", "10109")
    with pytest.raises(ProviderNotFound):
        await connector.fetch("comments", "10104:10104001")
