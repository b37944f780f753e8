"""Comments: by offset, and nothing says that a page is the last."""

from dataclasses import replace

import pytest

from src.connectors.jira.connector import JiraConnector
from src.core.errors import ProviderNotFound
from src.models.query import CommentQuery
from src.models.unified import Comment
from tests.connectors.jira.conftest import BARE, EPIC, TALK, Atlassian

BY_KEY = "10108"


async def said(connector: JiraConnector, item: str, limit: int = 100) -> list[Comment]:
    query, found = CommentQuery(item_id=item, limit=limit), []
    while True:
        page = await connector.comments(query)
        found += page.items
        if page.next_token is None:
            return found
        query = replace(query, token=page.next_token)


@pytest.mark.parametrize(("limit", "requests"), [(100, 3), (90, 4), (50, 6)])
async def test_three_hundred(
    either: JiraConnector, atlassian: Atlassian, limit: int, requests: int
) -> None:
    found = await said(either, TALK, limit)
    assert len({comment.id for comment in found}) == len(found) == 300
    times = [comment.created_at or "" for comment in found]
    assert times == sorted(times)
    assert len(atlassian.asked()) == requests


async def test_a_comment(connector: JiraConnector) -> None:
    found = await said(connector, TALK)
    first = found[0]
    assert (first.id, first.item_id) == (f"{TALK}:10104001", TALK)
    assert (first.type, first.state, first.body_format) == ("comment", None, "markdown")
    assert "**case 1**" in first.body
    assert first.author is not None
    assert first.author.name == "Ben Ruíz"
    assert first.created_at == "2023-06-14T03:47:40.000Z"
    assert (first.fields["isPublic"], first.fields["visibleTo"]) == (False, None)
    assert found[6].fields["visibleTo"] == "Administrators"
    assert "| alpha | 1 |" in found[1].body


async def test_threads(connector: JiraConnector) -> None:
    found = await said(connector, TALK)
    assert found[0].parent_id is None
    assert found[2].parent_id == found[0].id


async def test_somebody_who_is_gone(either: JiraConnector) -> None:
    found = await said(either, TALK)
    assert found[2].author is None
    former = found[1].author
    assert former is not None
    assert former.name == "Former user"


async def test_markup_of_a_data_center(server: JiraConnector) -> None:
    found = await said(server, TALK)
    assert "**case 1**" in found[0].body
    assert found[0].parent_id is None


async def test_none(either: JiraConnector, atlassian: Atlassian) -> None:
    assert await said(either, BARE) == []
    assert len(atlassian.asked()) == 1


async def test_by_the_key_of_the_issue(either: JiraConnector) -> None:
    found = await said(either, "EX-8")
    # As by the number: a comment has one id, and the issue that items list.
    assert found == await said(either, BY_KEY)
    assert [comment.item_id for comment in found] == [BY_KEY] * 3


async def test_of_an_issue_that_is_not_there(either: JiraConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await said(either, "99999")
    assert await said(either, EPIC) == []
