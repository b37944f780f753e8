"""Labels as containers, and as something to pick."""

import pytest

from src.connectors.google.connector import GoogleConnector
from src.connectors.google.gmail.pickers import LabelFilters
from src.connectors.rest.paginators import walk
from src.core.errors import InvalidCursor, UnsupportedFilter, ValidationFailed
from src.models.query import ContainerQuery, ResourceQuery
from src.models.unified import Container, Resource
from tests.connectors.google.conftest import Google

LABELS = "GET /gmail/v1/users/me/labels"
WORK = "gmail:label:Label_1"
WORKS = ["Work", "Work/Clients", "Work/Clients/Acme", "Work/Suppliers/Paper"]
OWN = ["Bulk", "Empty", "Private/Family", "Work", "Ünïcode ☂"]


async def listed(connector: GoogleConnector, **more: object) -> list[Container]:
    query = ContainerQuery(**{"parent_id": "gmail:mailbox", **more})  # type: ignore[arg-type]
    pages = await walk(query, connector.containers)
    return [one for page in pages for one in page.items]


async def picked(connector: GoogleConnector, **more: object) -> list[Resource]:
    query = ResourceQuery(**{"type": "gmail_label", "filters": LabelFilters(), **more})  # type: ignore[arg-type]
    pages = await walk(query, connector.resources)
    return [one for page in pages for one in page.items]


async def test_at_the_top_the_mailbox_costs_no_request(
    connector: GoogleConnector, google: Google
) -> None:
    page = await connector.containers(ContainerQuery(type="mailbox"))
    assert [(one.id, one.type, one.has_children) for one in page.items] == [
        ("gmail:mailbox", "mailbox", True)
    ]
    assert google.asked == []
    top = await walk(ContainerQuery(), connector.containers)
    assert "gmail:mailbox" in [one.id for page in top for one in page.items]


async def test_labels_come_gmails_own_first_in_one_request(
    connector: GoogleConnector, google: Google
) -> None:
    page = await connector.containers(ContainerQuery(parent_id="gmail:mailbox"))
    assert [one.name for one in page.items][-5:] == OWN
    assert {"INBOX", "SENT", "SPAM"} <= {one.name for one in page.items[:-5]}
    assert {one.parent_id for one in page.items} == {"gmail:mailbox"}
    assert {one.type for one in page.items} == {"label"}
    assert google.asked == [LABELS]


async def test_a_slash_makes_a_label_part_of_another_also_over_a_gap(
    connector: GoogleConnector,
) -> None:
    inner = await listed(connector, parent_id=WORK)
    assert [(one.name, one.parent_id, one.has_children) for one in inner] == [
        ("Work/Clients", WORK, True),
        ("Work/Suppliers/Paper", WORK, False),
    ]
    innermost = await listed(connector, parent_id=inner[0].id)
    assert [(one.name, one.parent_id) for one in innermost] == [("Work/Clients/Acme", inner[0].id)]
    assert await listed(connector, parent_id=innermost[0].id) == []
    has_children = {one.name: one.has_children for one in await listed(connector)}
    assert has_children["Work"] is True
    # There is no label "Private" that it could be within.
    assert has_children["Private/Family"] is False


async def test_pages_hold_no_more_than_asked_for(connector: GoogleConnector) -> None:
    everything = await listed(connector)
    pages = await walk(ContainerQuery(parent_id="gmail:mailbox", limit=3), connector.containers)
    assert [len(page.items) for page in pages] == [3, 3, 3, 3, 3, 1]
    assert [one for page in pages for one in page.items] == everything


async def test_a_cursor_of_another_list_is_refused(connector: GoogleConnector) -> None:
    with pytest.raises(InvalidCursor):
        await connector.containers(ContainerQuery(parent_id="gmail:mailbox", token="2.x"))


@pytest.mark.parametrize(
    ("parent", "q", "names"),
    [
        ("gmail:mailbox", "work", WORKS),
        ("gmail:mailbox", "PAPER work", ["Work/Suppliers/Paper"]),
        ("gmail:mailbox", "ünï", ["Ünïcode ☂"]),
        (WORK, "work", WORKS[1:]),
        (WORK, "bulk", []),
        (None, "clients", ["Work/Clients", "Work/Clients/Acme"]),
    ],
)
async def test_labels_are_found_by_name_however_deep(
    connector: GoogleConnector, parent: str | None, q: str, names: list[str]
) -> None:
    found = await listed(connector, parent_id=parent, q=q, type="label")
    assert [one.name for one in found] == names


async def test_the_payload_comes_along_if_asked_for(connector: GoogleConnector) -> None:
    found = await listed(connector, parent_id=WORK, include_raw=True)
    assert bytes(found[0].raw) == (  # type: ignore[arg-type]
        b'{"id":"Label_2","name":"Work/Clients","type":"user"}'
    )


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("INBOX", "#inbox"),
        ("DRAFT", "#drafts"),
        ("CATEGORY_UPDATES", "#category/updates"),
        ("Private/Family", "#label/Private%2FFamily"),
    ],
)
async def test_where_a_browser_shows_it(connector: GoogleConnector, name: str, url: str) -> None:
    found = {one.name: one.url for one in await listed(connector)}
    assert found[name] == f"https://mail.google.com/mail/{url}"


@pytest.mark.parametrize("type_", ["folder2", "thread", "Label"])
async def test_another_type_is_refused(connector: GoogleConnector, type_: str) -> None:
    with pytest.raises(UnsupportedFilter):
        await listed(connector, type=type_)


@pytest.mark.parametrize("parent", ["gmail:", "gmail:label:", "gmail:label:a/b", "gmail:thread:1"])
async def test_a_parent_that_is_no_id_of_ours_is_refused(
    connector: GoogleConnector, parent: str
) -> None:
    with pytest.raises(ValidationFailed):
        await listed(connector, parent_id=parent)


async def test_labels_can_be_picked_by_level_kind_and_name(
    connector: GoogleConnector, google: Google
) -> None:
    everything = await picked(connector)
    assert [one.name for one in everything][-5:] == OWN
    assert google.asked == [LABELS]
    assert {one.type for one in everything} == {"gmail_label"}
    own = await picked(connector, filters=LabelFilters(type="user"))
    assert [one.name for one in own] == OWN
    assert [one.has_children for one in own] == [False, False, False, True, False]
    inner = await picked(connector, parent_id=WORK)
    assert [one.name for one in inner] == ["Work/Clients", "Work/Suppliers/Paper"]
    assert [one.name for one in await picked(connector, q="cli")] == WORKS[1:3]


async def test_the_way_to_a_label_begins_at_the_outermost(
    connector: GoogleConnector, google: Google
) -> None:
    way = await connector.resource_parents("gmail_label", "gmail:label:Label_8")
    assert [one.name for one in way] == ["Work", "Work/Clients", "Work/Clients/Acme"]
    assert google.asked == [LABELS]
    assert await connector.resource_parents("gmail_label", "gmail:label:Label_99") == ()
