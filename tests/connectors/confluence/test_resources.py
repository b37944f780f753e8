"""What pickers list: spaces, and pages as a tree or by their title."""

from typing import Any

import pytest

from src.connectors.confluence.connector import ConfluenceConnector
from src.connectors.manifest import NoFields
from src.core.errors import InsufficientScope, ProviderNotFound, UnsupportedFilter
from src.models.query import ResourceQuery
from src.testing.walking import entries, follow
from tests.connectors.confluence.conftest import FOLDER, OVERVIEW, PROJ, Imitation, Open


def query(kind: str, **more: Any) -> ResourceQuery:
    return ResourceQuery(type=f"confluence_{kind}", filters=NoFields(), limit=100, **more)


async def test_spaces(connector: ConfluenceConnector, imitation: Imitation) -> None:
    found = await connector.resources(query("space"))
    first = next(one for one in found.items if one.id == PROJ)
    assert (first.name, first.type, first.selectable) == (
        *("Project Space", "confluence_space", True),
    )
    assert first.url == "https://acme.atlassian.net/wiki/spaces/PROJ"
    assert len(imitation.asked()) == 1
    named = await connector.resources(query("space", q="project"))
    assert [one.id for one in named.items] == [PROJ]
    with pytest.raises(UnsupportedFilter):
        await connector.resources(query("space", parent_id=PROJ))


async def test_pages_begin_with_the_spaces_to_open(connector: ConfluenceConnector) -> None:
    found = await connector.resources(query("page"))
    assert all(one.has_children and not one.selectable for one in found.items)
    assert PROJ in {one.id for one in found.items}


async def test_a_space_shows_the_top_of_its_tree(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    found = await connector.resources(query("page", parent_id=PROJ))
    assert [(one.id, one.name, one.parent_id) for one in found.items] == [
        (OVERVIEW, "Overview", PROJ),
    ]
    assert found.items[0].url == (
        "https://acme.atlassian.net/wiki/pages/viewpage.action?pageId=98487"
    )
    assert imitation.asked() == ["GET /wiki/api/v2/spaces/98305/pages"]


async def test_below_a_page_are_pages_and_what_may_hold_some(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    found = {
        one.id: one
        for one in entries(await follow(connector.resources, query("page", parent_id=OVERVIEW)))
    }
    assert found["page:98490"].selectable
    assert not found[FOLDER].selectable
    assert found[FOLDER].has_children
    assert "embed:98504" not in found
    # Titles are in the tree: no page is fetched for a picker.
    assert set(imitation.asked()) == {"GET /wiki/api/v2/pages/98487/direct-children"}


async def test_pages_are_found_by_their_title(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    below_space = await connector.resources(query("page", parent_id=PROJ, q="runbook"))
    assert [(one.id, one.parent_id) for one in below_space.items] == [("page:98491", OVERVIEW)]
    assert imitation.queries()[1]["cql"] == (
        'type in (page) and space = "PROJ" and title ~ "runbook"'
    )
    below_page = await connector.resources(query("page", parent_id=OVERVIEW, q="filed folder"))
    assert below_page.items == ()
    anywhere = await connector.resources(query("page", q="old page"))
    assert [one.id for one in anywhere.items] == ["page:98740"]


async def test_the_way_from_the_space(connector: ConfluenceConnector, imitation: Imitation) -> None:
    way = await connector.resource_parents("confluence_page", "page:98501")
    assert [(one.id, one.name, one.parent_id) for one in way] == [
        (PROJ, "Project Space", None),
        (OVERVIEW, "Overview", PROJ),
        (FOLDER, "A folder", OVERVIEW),
        ("page:98501", "In the folder", FOLDER),
    ]
    assert [one.selectable for one in way] == [False, True, False, True]
    # All pages at once, the folder, the space.
    assert imitation.asked() == [
        "GET /wiki/api/v2/pages/98501/ancestors",
        "GET /wiki/api/v2/pages",
        "GET /wiki/api/v2/folders/98500",
        "GET /wiki/api/v2/spaces/98305",
    ]
    assert [one.id for one in await connector.resource_parents("confluence_page", PROJ)] == [PROJ]
    assert [one.id for one in await connector.resource_parents("confluence_space", PROJ)] == [PROJ]


async def test_a_deep_way_is_whole(connector: ConfluenceConnector) -> None:
    way = await connector.resource_parents("confluence_page", "page:200059")
    assert len(way) == 61
    assert way[-1].id == "page:200059"


async def test_what_is_gone_has_no_way(connector: ConfluenceConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await connector.resource_parents("confluence_page", "page:1")


async def test_the_way_needs_its_scope(open_with: Open) -> None:
    connector = open_with(granted=("read:page:confluence",))
    with pytest.raises(InsufficientScope):
        await connector.resource_parents("confluence_page", OVERVIEW)
