"""A list of mails without an end is cut, and says so."""

from src.connectors.base import BrowsesItems, RunsTools
from src.models.query import ItemQuery
from src.models.unified import Page
from src.testing.bench import Bench
from src.testing.tools import arguments_of
from tests.connectors.google.gmail.test_conformance import TestGmail as _Suite


async def endless() -> Bench:
    bench = _Suite().open_bench()
    bench.page_cap = 1
    await bench.fault(kind="endless_pages", path=".*/(threads|messages)$")
    return bench


async def test_threads() -> None:
    connector = (await endless()).connector()
    assert isinstance(connector, BrowsesItems)
    page = await connector.items(ItemQuery(container_id=_Suite.container, limit=5))
    assert page.items
    assert (page.next_token, page.truncated) == (None, True)


async def test_mails_that_a_tool_finds() -> None:
    connector = (await endless()).connector()
    assert isinstance(connector, RunsTools)
    (tool,) = [one for one in connector.manifest.tools if one.name == "gmail_search"]
    page = await tool.run(connector, arguments_of(tool, _Suite.tools))
    assert isinstance(page, Page)
    assert page.items
    assert (page.next_token, page.truncated) == (None, True)
