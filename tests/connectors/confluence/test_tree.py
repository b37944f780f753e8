"""What lies below pages, folders and the like."""

from dataclasses import replace

import pytest

from src.connectors.confluence.connector import ConfluenceConnector
from src.core.errors import InsufficientScope, ProviderNotFound
from src.models.query import ItemQuery
from src.testing.walking import entries, follow
from tests.connectors.confluence.conftest import (
    BIG,
    DOCS,
    FOLDER,
    OVERVIEW,
    POST,
    PROJ,
    Imitation,
    Open,
)

BELOW = ItemQuery(container_id=PROJ, parent_id=OVERVIEW, limit=100)


async def test_a_level_holds_every_kind_and_pages_are_whole(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    page = await connector.items(replace(BELOW, include_body=True))
    kinds = {one.type for one in page.items}
    assert kinds == {"page", "folder", "whiteboard", "database", "embed"}
    assert {one.parent_id for one in page.items} == {OVERVIEW}
    note = next(one for one in page.items if one.title == "Note 01")
    assert (note.body, note.fields["version"]) == ("Nothing special 1 & \\<more>", 2)
    assert note.author is not None
    assert note.author.name == "Mia Krystof"
    # The tree, then all of its pages, then all of their authors.
    assert imitation.asked() == [
        "GET /wiki/api/v2/pages/98487/direct-children",
        "GET /wiki/api/v2/pages",
        "POST /wiki/api/v2/users-bulk",
    ]


async def test_the_order_of_the_tree_is_kept(connector: ConfluenceConnector) -> None:
    found = entries(await follow(connector.items, replace(BELOW, limit=7)))
    notes = [one.title for one in found if one.title.startswith("Note")]
    assert notes == [f"Note {index:02}" for index in range(40)]


async def test_a_folder_is_opened_like_a_page(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    found = await connector.items(replace(BELOW, parent_id=FOLDER))
    assert [(one.title, one.parent_id) for one in found.items] == [("In the folder", FOLDER)]
    assert imitation.asked()[0] == "GET /wiki/api/v2/folders/98500/direct-children"


async def test_a_type_is_kept_to(connector: ConfluenceConnector, imitation: Imitation) -> None:
    found = await connector.items(replace(BELOW, type="folder"))
    assert [one.id for one in found.items] == [FOLDER]
    # Nothing of it is a page, so no page is fetched.
    assert len(imitation.asked()) == 1


@pytest.mark.parametrize("parent", [POST, "embed:98504"])
async def test_some_kinds_hold_nothing(
    connector: ConfluenceConnector, imitation: Imitation, parent: str
) -> None:
    assert (await connector.items(replace(BELOW, parent_id=parent))).items == ()
    assert imitation.asked() == []


async def test_a_parent_in_another_space_gives_nothing(connector: ConfluenceConnector) -> None:
    page = await connector.items(replace(BELOW, container_id=DOCS))
    assert page.items == ()


async def test_a_tree_of_two_thousand_pages_can_be_walked(connector: ConfluenceConnector) -> None:
    seen: set[str] = set()
    depth, level = 0, ["page:200000"]
    while level and depth < 70:
        below: list[str] = []
        for parent in level[:3]:
            query = ItemQuery(container_id=BIG, parent_id=parent, limit=100)
            below += [one.id for one in entries(await follow(connector.items, query))]
        assert seen.isdisjoint(below)
        seen.update(below)
        depth, level = depth + 1, below
    assert depth > 50
    wide = ItemQuery(container_id=BIG, parent_id="page:200000", limit=100)
    assert len(entries(await follow(connector.items, wide))) == 301


async def test_the_tree_needs_its_scope(open_with: Open) -> None:
    with pytest.raises(InsufficientScope):
        await open_with(granted=("read:page:confluence",)).items(BELOW)


async def test_a_parent_that_is_gone_is_not_found(connector: ConfluenceConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await connector.items(replace(BELOW, parent_id="page:1"))
