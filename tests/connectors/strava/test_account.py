"""The account, what it holds, and its routes, gear and clubs."""

from dataclasses import replace

import msgspec
import pytest

from src.connectors.strava.gear import GearFilters
from src.core.errors import (
    InsufficientScope,
    InvalidCursor,
    ProviderNotFound,
    UnsupportedFilter,
    ValidationFailed,
)
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery, ResourceQuery
from src.models.unified import UNSET
from src.sandbox.strava.callers import FOLLOWER_TOKEN, RIO_TOKEN
from tests.connectors.strava.conftest import Strava

PICK = ResourceQuery(type="strava_gear", filters=GearFilters(), limit=50)


async def test_an_athlete_is_known_by_number(strava: Strava) -> None:
    dana = (await strava.open().identify()).account
    assert (dana.id, dana.name) == ("26462176", "Dana Ashton")
    assert (dana.avatar_url or "").startswith("https://")
    rio = await strava.open(RIO_TOKEN).identify()
    # Above 2^53, without a name and without a picture: that one is a relative path.
    assert (rio.account.id, rio.account.name) == ("9007199254740995", "rio")
    assert rio.account.avatar_url is None
    # Nothing but the redirect tells what was granted.
    assert rio.granted_scopes is None


async def test_an_account_holds_four_containers(strava: Strava) -> None:
    connector = strava.open()
    page = await connector.containers(ContainerQuery(limit=3))
    last = await connector.containers(ContainerQuery(limit=3, token=page.next_token))
    found = [*page.items, *last.items]
    assert [one.id for one in found] == ["activities", "routes", "gear", "clubs"]
    assert not any(one.has_children for one in found)
    assert last.next_token is None
    assert (await connector.containers(ContainerQuery(parent_id="clubs"))).items == ()
    with pytest.raises(ValidationFailed):
        await connector.containers(ContainerQuery(parent_id="club:108605"))
    for wish in ({"q": "x"}, {"type": "gear"}):
        with pytest.raises(UnsupportedFilter):
            await connector.containers(ContainerQuery(**wish))
    with pytest.raises(InvalidCursor):
        await connector.containers(ContainerQuery(token="1.2"))


async def test_routes_by_their_text_ids(strava: Strava) -> None:
    query = ItemQuery(container_id="routes", include_body=True)
    hills, river, secret = (await strava.open().items(query)).items
    assert (hills.id, hills.body) == ("route:3423442742368932218", "Steep.")
    assert (hills.fields["routeType"], hills.fields["routeSubType"]) == ("ride", "road")
    assert hills.fields["estimatedMovingTime"] == 4022
    assert (river.fields["routeType"], river.fields["starred"]) == ("run", True)
    # A kind that nobody knew yesterday.
    assert "routeType" not in secret.fields
    assert strava.asked() == ["GET /athletes/26462176/routes?page=1&per_page=50"]
    one = await strava.open().item(OneItemQuery(item_id=hills.id))
    assert (one.body, one.updated_at) == ("Steep.", "2018-02-16T14:31:17.000Z")


async def test_routes_of_an_account_that_is_not_known_yet(strava: Strava) -> None:
    page = await strava.open(account=None).items(ItemQuery(container_id="routes"))
    assert len(page.items) == 3
    assert len(strava.asked()) == 2


async def test_clubs_are_told_of_and_nothing_in_them(strava: Strava) -> None:
    connector = strava.open()
    runners, bridge, _ = (await connector.items(ItemQuery(container_id="clubs"))).items
    assert (runners.id, runners.fields["memberCount"]) == ("club:108605", 93)
    assert runners.url == "https://www.strava.com/clubs/nyc-runners"
    assert (bridge.id, bridge.url) == (
        "club:9007199254740999",
        "https://www.strava.com/clubs/9007199254740999",
    )
    assert (await connector.item(OneItemQuery(item_id=runners.id))).body == "We run on Tuesdays."
    with pytest.raises(ValidationFailed):
        await connector.items(ItemQuery(container_id=runners.id))


async def test_gear_of_the_list_and_one_by_one(strava: Strava) -> None:
    connector = strava.open()
    query = ItemQuery(container_id="gear", limit=2, include_raw=True)
    first = await connector.items(query)
    second = await connector.items(replace(query, token=first.next_token))
    rest = await connector.items(replace(query, token=second.next_token))
    found = [*first.items, *second.items, *rest.items]
    assert [(one.id, one.state) for one in found] == [
        ("gear:b16988545", "open"),
        ("gear:b9007199254740997", "open"),
        ("gear:g20051782", "open"),
        ("gear:g3423618", "closed"),
        ("gear:g26020551", "open"),
    ]
    assert found[0].fields == {
        "gearType": "bike",
        "nickname": "Rusty",
        "distance": 1_234_567,
        "retired": False,
        "primary": True,
    }
    assert msgspec.json.decode(found[3].raw)["retired"] is True
    shoes = await connector.item(OneItemQuery(item_id="gear:g3423618"))
    assert (shoes.title, shoes.body) == ("Adidas Supernova ST", "Marathon 2018.")
    assert shoes.fields["brand"] == "Adidas"
    assert (shoes.fields["gearType"], shoes.fields["retired"]) == ("shoe", True)


async def test_picking_gear_tells_brand_and_model(strava: Strava) -> None:
    page = await strava.open().resources(PICK)
    trek = page.items[0]
    assert (trek.id, trek.name, trek.type) == ("gear:b16988545", "Trek 450", "strava_gear")
    assert trek.fields is not UNSET
    assert {name: trek.fields[name] for name in ("brand", "model", "gearType", "frameType")} == {
        "brand": "Trek",
        "model": "450",
        "gearType": "bike",
        "frameType": "road",
    }
    assert (trek.fields["distance"], trek.fields["retired"]) == (1_234_567, False)
    assert len(strava.asked()) == 1 + 5


async def test_picking_gear_by_name_and_without_details(strava: Strava) -> None:
    connector = strava.open()
    named = await connector.resources(replace(PICK, q="ADIDAS"))
    assert [one.id for one in named.items] == ["gear:g20051782", "gear:g3423618"]
    assert len(strava.asked()) == 1 + 2
    old = replace(PICK, filters=GearFilters(retired=True, details=False))
    assert [one.id for one in (await connector.resources(old)).items] == ["gear:g3423618"]
    assert len(strava.asked()) == 3 + 1
    page = await connector.resources(replace(PICK, limit=1))
    following = await connector.resources(replace(PICK, limit=1, token=page.next_token))
    assert [one.id for one in following.items] == ["gear:b9007199254740997"]
    for lost in ("b16988545", "gear:b16988545"):
        with pytest.raises(ValidationFailed):
            await connector.resources(replace(PICK, parent_id=lost))


async def test_gear_that_is_left_out_is_not_none(strava: Strava) -> None:
    """Without the scope Strava answers a summary, and does not say that it is one."""
    connector = strava.open(FOLLOWER_TOKEN)
    for verb in (
        connector.items(ItemQuery(container_id="gear")),
        connector.resources(PICK),
    ):
        with pytest.raises(InsufficientScope) as caught:
            await verb
        assert caught.value.details["missingScopes"] == ["profile:read_all"]
    nobody = await strava.open(RIO_TOKEN).items(ItemQuery(container_id="gear"))
    assert nobody.items == ()


async def test_what_is_hidden_is_answered_with_an_empty_body(strava: Strava) -> None:
    for lost in ("activity:1000", "activity:1", "gear:b1", "route:1", "club:1"):
        with pytest.raises(ProviderNotFound):
            await strava.open().item(OneItemQuery(item_id=lost))
