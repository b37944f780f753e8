"""Devices and gear, which only tokens of Garmin's own apps open."""

import pytest

from src.connectors.manifest import NoFields
from src.core.errors import (
    InvalidCursor,
    ProviderNotFound,
    UnsupportedCapability,
    ValidationFailed,
)
from src.models.query import ItemQuery, OneItemQuery, ResourceQuery
from src.sandbox.garmin.people import MIA
from src.sandbox.garmin.seed import BIKE, REMOVED, SHOES
from tests.connectors.garmin.conftest import Garmin

GEAR = f"GET /gear-service/gear/filterGear?userProfilePk={MIA.profile}"
STATS = "GET /gear-service/gear/stats"
PICK = ResourceQuery(type="garmin_gear", filters=NoFields())


async def test_gear_comes_with_its_distance(garmin: Garmin) -> None:
    page = await garmin.tokens().items(ItemQuery(container_id="gear", limit=2))
    assert [one.id for one in page.items] == [f"gear:{SHOES}", f"gear:{BIKE}"]
    # The list, and the distance of what is given out of it.
    assert garmin.asked() == [GEAR, f"{STATS}/{SHOES}", f"{STATS}/{BIKE}"]
    query = ItemQuery(container_id="gear", limit=2, token=page.next_token)
    rest = await garmin.tokens().items(query)
    assert [one.id for one in rest.items] == [f"gear:{REMOVED}"]
    assert rest.next_token is None
    assert rest.items[0].fields["retired"] is True
    assert rest.items[0].state == "closed"
    assert rest.items[0].fields["usedUntil"] == "2026-05-01"
    # Garmin has no distance of one that was removed, which is no error.
    assert rest.items[0].fields["distance"] is None


async def test_one_gear(garmin: Garmin) -> None:
    item = await garmin.tokens().item(OneItemQuery(item_id=f"gear:{BIKE}"))
    assert item.title == "The grey one"
    assert (item.fields["brand"], item.fields["model"]) == ("Canyon", "Grail")
    assert (item.fields["gearType"], item.fields["distance"]) == ("bike", 2_048_000.0)
    with pytest.raises(ProviderNotFound):
        await garmin.tokens().item(OneItemQuery(item_id=f"gear:{'0' * 32}"))


async def test_devices(garmin: Garmin) -> None:
    connector = garmin.tokens()
    page = await connector.items(ItemQuery(container_id="devices"))
    assert [one.title for one in page.items] == ["Forerunner 965", "Edge 540"]
    assert page.items[0].fields["serialNumber"] == "7AB000"
    found = await connector.item(OneItemQuery(item_id=page.items[1].id))
    assert found.title == "Edge 540"
    with pytest.raises(ProviderNotFound):
        await connector.item(OneItemQuery(item_id="device:1"))


@pytest.mark.parametrize(
    ("q", "names"),
    [
        (None, ["Hoka Clifton 9", "The grey one", "Kayano 28"]),
        ("GREY", ["The grey one"]),
        ("nothing of this", []),
    ],
)
async def test_gear_can_be_picked_and_looked_for(
    garmin: Garmin, q: str | None, names: list[str]
) -> None:
    query = ResourceQuery(type="garmin_gear", filters=NoFields(), q=q)
    page = await garmin.tokens().resources(query)
    assert [one.name for one in page.items] == names
    # The distances of what is given out, and of nothing else.
    assert len(garmin.asked()) == 1 + len(names)
    for one in page.items:
        assert isinstance(one.fields, dict)
        assert {"brand", "model", "gearType", "retired", "distance"} <= set(one.fields)


async def test_gear_lies_in_nothing(garmin: Garmin) -> None:
    query = ResourceQuery(type="garmin_gear", filters=NoFields(), parent_id="gear")
    with pytest.raises(ValidationFailed):
        await garmin.tokens().resources(query)
    with pytest.raises(ValidationFailed):
        await garmin.tokens().resource_parents("garmin_gear", "gear")


@pytest.mark.parametrize("token", ["x", "-1", "1.5", "²"])
async def test_a_token_of_another_form_is_refused(garmin: Garmin, token: str) -> None:
    with pytest.raises(InvalidCursor):
        await garmin.tokens().items(ItemQuery(container_id="devices", token=token))


async def test_a_key_opens_none_of_it(garmin: Garmin) -> None:
    connector = garmin.key()
    for place in ("devices", "gear"):
        with pytest.raises(UnsupportedCapability):
            await connector.items(ItemQuery(container_id=place))
    for item_id in ("device:1", f"gear:{SHOES}"):
        with pytest.raises(UnsupportedCapability):
            await connector.item(OneItemQuery(item_id=item_id))
    with pytest.raises(UnsupportedCapability):
        await connector.resources(PICK)
    assert garmin.asked() == []
