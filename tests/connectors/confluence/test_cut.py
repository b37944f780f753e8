"""What is cut because it has no end says so, in every list that is made of others."""

from src.connectors.confluence.connector import ConfluenceConnector
from src.connectors.manifest import NoFields
from src.models.query import CommentQuery, ResourceQuery
from src.testing.bench import Bench
from src.testing.walking import follow
from tests.connectors.confluence.test_conformance import TestConfluence as _Suite


async def endless() -> tuple[Bench, ConfluenceConnector]:
    bench = _Suite().open_bench()
    bench.page_cap = 1
    await bench.fault(kind="endless_pages", path=".*/(spaces|children)$")
    connector = bench.connector()
    assert isinstance(connector, ConfluenceConnector)
    return bench, connector


async def test_spaces_to_be_picked_that_have_no_end_are_cut() -> None:
    _, connector = await endless()
    page = await connector.resources(
        ResourceQuery(type="confluence_space", limit=20, filters=NoFields())
    )
    assert page.items
    assert (page.next_token, page.truncated) == (None, True)


async def test_answers_to_a_comment_that_have_no_end_are_cut() -> None:
    _, connector = await endless()
    pages = await follow(connector.comments, CommentQuery(item_id=_Suite.item, limit=200))
    answered = [page for page in pages[1:] if any(one.parent_id for one in page.items)]
    assert answered
    assert all(page.truncated for page in answered)
