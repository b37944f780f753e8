"""A single issue: every field, texts of every kind, and people who are gone."""

from typing import Any

import pytest

from src.connectors.jira.connector import JiraConnector
from src.core.errors import ProviderNotFound, ValidationFailed
from src.models.query import OneItemQuery
from src.models.unified import Item
from tests.connectors.jira.conftest import (
    BARE,
    BEN,
    BY_NOBODY,
    EPIC,
    EVERYTHING,
    STORY,
    TALK,
    Atlassian,
    Open,
)


async def read(connector: JiraConnector, item_id: str, **query: Any) -> Item:
    return await connector.item(OneItemQuery(item_id=item_id, **query))


async def test_one_request(either: JiraConnector, atlassian: Atlassian) -> None:
    item = await read(either, STORY)
    assert item.id == STORY
    assert item.body is not None
    assert len(atlassian.asked()) == 1


async def test_by_key(either: JiraConnector) -> None:
    assert (await read(either, "EX-2")).id == STORY


async def test_fields_of_the_site_by_their_names(either: JiraConnector) -> None:
    fields = (await read(either, STORY)).fields
    assert fields["Story Points"] == 5.0
    assert fields["Sprint"] == ["Sprint 1"]
    assert fields["Region"] == "Europe / Bern"
    assert fields["Colours"] == ["red", "blue"]
    assert fields["Responsible"] == "Ben Ruíz"
    assert fields["Twice"] == "one of two"
    assert fields["Twice (customfield_10035)"] == "the other of two"
    assert "Never set" not in fields
    assert fields["key"] == "EX-2"


@pytest.mark.parametrize(
    "part",
    [
        "# Everything that a document can hold",
        "**strong**",
        "`code`",
        "~~strike~~",
        "[a link](https://example.com/a?b=c)",
        "@Mia Krystof",
        "😀",
        "2020-02-19",
        "In review",
        "https://acme.atlassian.net/browse/EX-1",
        "- one",
        "3. third",
        "[x] done",
        "[ ] to do",
        "we decided",
        "> quoted words",
        "a warning",
        "Details",
        "```python",
        "---",
        "| alpha | 1 |",
        "shot.png",
        "https://example.com/card",
        "left",
        "right",
        "inside an extension",
        "from the future",
    ],
)
async def test_every_node_of_a_document(connector: JiraConnector, part: str) -> None:
    item = await read(connector, EVERYTHING)
    assert item.body_format == "markdown"
    assert part in (item.body or "")


@pytest.mark.parametrize(
    "part",
    [
        "# Everything that markup can hold",
        "**strong**",
        "`code`",
        "~~strike~~",
        "[a link](https://example.com/a?b=c)",
        "@mia",
        "![shot.png](shot.png)",
        "  - inner",
        "1. third",
        "> quoted words",
        "> **Note**\n> a warning",
        "```python\ndef f(x):",
        "| Name | Value |\n| --- | --- |\n| alpha | 1 |",
    ],
)
async def test_wiki_markup_of_a_data_center(server: JiraConnector, part: str) -> None:
    item = await read(server, EVERYTHING)
    assert item.body_format == "markdown"
    assert part in (item.body or "")


async def test_an_issue_with_nothing_but_a_title(either: JiraConnector) -> None:
    item = await read(either, BARE)
    assert (item.title, item.body) == ("Nothing but a title", "")
    assert (item.author, item.assignees, item.labels, item.parent_id) == (None, (), (), None)
    assert (item.fields["priority"], item.fields["resolution"]) == (None, None)
    assert item.comment_count == 0


async def test_people_who_are_gone(connector: JiraConnector) -> None:
    item = await read(connector, BY_NOBODY)
    assert item.author is not None
    assert (item.author.name, item.author.id, item.author.email) == ("Unknown user", None, None)
    (former,) = item.assignees
    assert (former.name, former.id) == ("Former user", "5d53f3cbc6b9320d9ea5bdc2")


async def test_people_of_a_data_center_have_keys(server: JiraConnector) -> None:
    item = await read(server, TALK)
    assert item.author is not None
    assert (item.author.id, item.author.name) == ("JIRAUSER00311", "Mia Krystof")
    assert item.fields["hierarchyLevel"] is None


async def test_attachments_stand_in_the_fields(either: JiraConnector) -> None:
    item = await read(either, EPIC)
    first, second = item.fields["attachments"]
    assert (first["name"], first["size"], first["mimeType"]) == (
        "file 1 ü.txt",
        1001,
        "text/plain",
    )
    assert first["createdAt"] == "2023-06-14T00:46:40.000Z"
    assert first["id"] != second["id"]


async def test_how_many_comments_there_are(either: JiraConnector) -> None:
    assert (await read(either, TALK)).comment_count == 300


async def test_times_are_in_utc_whatever_the_users_zone(open_with: Open) -> None:
    for token in ("eyJ-sandbox-mia", "eyJ-sandbox-ben"):
        item = await read(open_with("oauth2", token), EPIC)
        assert item.created_at == "2023-06-14T00:46:40.000Z"


async def test_the_providers_own_payload(either: JiraConnector) -> None:
    item = await read(either, STORY, include_raw=True)
    assert b'"names"' in bytes(item.raw)


async def test_without_an_account_there_is_no_address(open_with: Open) -> None:
    assert (await read(open_with(known=False), EPIC)).url is None


async def test_an_assignee_by_account_id(connector: JiraConnector) -> None:
    item = await read(connector, "EX-11")
    assert [person.id for person in item.assignees] == [BEN]


@pytest.mark.parametrize("item_id", ["99999", "EX-99999", "NOSUCH-1", "SEC-1"])
async def test_an_issue_that_cannot_be_had(open_with: Open, item_id: str) -> None:
    for connector in (
        open_with("oauth2", "eyJ-sandbox-ben"),
        open_with("pat", "PAT-sandbox-ben", serverUrl="https://jira.example.com/jira"),
    ):
        with pytest.raises(ProviderNotFound) as gone:
            await read(connector, item_id)
        assert "do not have permission" in gone.value.details["message"]


@pytest.mark.parametrize("item_id", ["..", "EX", "EX-1/comment", "1:2", "EX-", "-1", "٣"])
async def test_what_is_no_issue_is_not_asked_for(
    connector: JiraConnector, atlassian: Atlassian, item_id: str
) -> None:
    with pytest.raises(ValidationFailed):
        await read(connector, item_id)
    assert atlassian.asked() == []
