"""Spaces as containers."""

import pytest

from src.connectors.confluence.connector import ConfluenceConnector
from src.core.errors import InsufficientScope, UnsupportedFilter, ValidationFailed
from src.models.query import ContainerQuery
from src.testing.walking import entries, follow
from tests.connectors.confluence.conftest import DOCS, HIDDEN, PROJ, Imitation, Open


async def test_a_space_is_mapped_whole(connector: ConfluenceConnector) -> None:
    found = {one.id: one for one in (await connector.containers(ContainerQuery())).items}
    space = found[PROJ]
    assert (space.type, space.name, space.description) == ("global", "Project Space", "All of it")
    assert space.url == "https://acme.atlassian.net/wiki/spaces/PROJ"
    assert space.created_at == "2023-02-17T09:08:30.734Z"
    assert found[DOCS].name == "Документация — 文档 & more"
    assert HIDDEN not in found


async def test_pages_are_followed_by_the_cursor_of_v2(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    found = entries(await follow(connector.containers, ContainerQuery(limit=2)))
    assert len(found) == 6
    assert imitation.queries()[0].get("cursor") is None
    # The address of the next page is not followed; its cursor goes into our own request.
    assert all(
        {name: value for name, value in query.items() if name != "cursor"}
        == {"limit": "2", "sort": "name", "description-format": "plain"}
        for query in imitation.queries()
    )
    assert set(imitation.asked()) == {"GET /wiki/api/v2/spaces"}


async def test_a_type_is_asked_for(connector: ConfluenceConnector) -> None:
    found = await connector.containers(ContainerQuery(type="personal"))
    assert [one.name for one in found.items] == ["Mia Krystof"]
    with pytest.raises(UnsupportedFilter):
        await connector.containers(ContainerQuery(type="repository"))


async def test_names_are_searched_by_cql(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    found = await connector.containers(ContainerQuery(q="Project"))
    assert [(one.id, one.url) for one in found.items] == [
        (PROJ, "https://acme.atlassian.net/wiki/spaces/PROJ")
    ]
    assert imitation.queries()[0]["cql"] == 'type = space and title ~ "project"'
    assert imitation.asked() == ["GET /wiki/rest/api/search"]


async def test_a_search_needs_its_scope(open_with: Open, imitation: Imitation) -> None:
    connector = open_with(granted=("read:space:confluence",))
    with pytest.raises(InsufficientScope) as caught:
        await connector.containers(ContainerQuery(q="x"))
    assert caught.value.details["missingScopes"] == ["search:confluence"]
    assert imitation.asked() == []


async def test_nothing_lies_below_a_space(connector: ConfluenceConnector) -> None:
    assert (await connector.containers(ContainerQuery(parent_id=PROJ))).items == ()
    with pytest.raises(ValidationFailed):
        await connector.containers(ContainerQuery(parent_id="page:1"))
