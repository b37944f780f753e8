"""Activities: both shapes of times, ids that no double holds, no pictures of people."""

from typing import Any

import msgspec
import pytest

from src.connectors.garmin.mapping import activity_to_item, detail_to_item
from src.connectors.garmin.schemas import Activity, ActivityDetail
from src.core.errors import (
    ProviderNotFound,
    UnreadableAnswer,
    UnsupportedFilter,
    ValidationFailed,
)
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery, Sort
from src.models.unified import Item
from src.sandbox.garmin.seed import BIG, NEWEST
from src.sandbox.kit import json_answer
from tests.connectors.garmin.conftest import NOW, Garmin

LIST = "GET /activitylist-service/activities/search/activities"
ACTIVITIES = ItemQuery(container_id="activities", limit=5)

# Recorded in January 2026, by garth.
RECORDED = b"""{"activityId":21482825013,"activityName":"Cuajimalpa de Morelos - Base",
"startTimeLocal":"2026-01-08 08:10:21","startTimeGMT":"2026-01-08 14:10:21",
"activityType":{"typeId":6,"typeKey":"trail_running","parentTypeId":1},
"eventType":{"typeId":9,"typeKey":"uncategorized"},"distance":4261.18994140625,
"duration":2223.326904296875,"elevationGain":151.0,"averageSpeed":1.917,"ownerId":2591602,
"ownerDisplayName":"mtamizi","calories":390.0,"averageHR":142.0,"maxHR":162.0}"""
DETAIL = b"""{"activityId":21482825013,"activityUUID":{"uuid":"44fa794a"},"activityName":"Base",
"userProfileId":2591602,"isMultiSportParent":false,"activityTypeDTO":{"typeKey":"trail_running"},
"timeZoneUnitDTO":{"timeZone":"America/Costa_Rica"},
"metadataDTO":{"lastUpdateDate":"2026-01-08T15:15:04.0","uploadedDate":"2026-01-08T15:15:03.0",
"fileFormat":{"formatKey":"fit"}},
"summaryDTO":{"startTimeLocal":"2026-01-08T08:10:21.0","startTimeGMT":"2026-01-08T14:10:21.0",
"distance":4261.19},"locationName":"Cuajimalpa"}"""


def test_a_recorded_row_of_the_list() -> None:
    item = activity_to_item(msgspec.json.decode(RECORDED, type=Activity))
    assert item.id == "activity:21482825013"
    assert item.created_at == "2026-01-08T14:10:21.000Z"
    assert item.updated_at is None
    assert item.labels == ("trail_running",)
    assert item.fields["startDateLocal"] == "2026-01-08T08:10:21"
    assert item.fields["utcOffset"] == -21600
    assert item.fields["distance"] == 4261.18994140625
    assert item.fields["averageHeartrate"] == 142.0
    assert item.author is not None
    assert (item.author.name, item.author.id) == ("mtamizi", "2591602")
    assert item.body == "Distance: 4.26 km\nDuration: 0:37:03\nElevation gain: 151 m"


def test_a_recorded_detail() -> None:
    item = detail_to_item(msgspec.json.decode(DETAIL, type=ActivityDetail), "garmin.com")
    assert item.created_at == "2026-01-08T14:10:21.000Z"
    assert item.updated_at == "2026-01-08T15:15:04.000Z"
    assert item.fields["startDateLocal"] == "2026-01-08T08:10:21"
    assert item.fields["utcOffset"] == -21600
    assert item.fields["timezone"] == "America/Costa_Rica"
    assert item.fields["sportType"] == "trail_running"


@pytest.mark.parametrize("offset", ["5:30", "13:00"])
def test_every_offset_of_a_clock(offset: str) -> None:
    hours, minutes = map(int, offset.split(":"))
    row = Activity(
        activity_id=1,
        start_time_local=f"2026-03-01 {10 + hours}:{minutes:02}:00",
        start_time_gmt="2026-03-01 10:00:00",
    )
    assert activity_to_item(row).fields["utcOffset"] == hours * 3600 + minutes * 60


async def test_a_page_is_one_request_and_ids_are_texts(garmin: Garmin) -> None:
    page = await garmin.tokens().items(ACTIVITIES)
    assert garmin.asked() == [f"{LIST}?start=0&limit=5"]
    assert page.items[0].id == f"activity:{BIG}"
    assert msgspec.json.decode(msgspec.json.encode(page.items[0]))["id"] == f"activity:{BIG}"
    assert page.items[0].url == f"https://connect.garmin.com/modern/activity/{BIG}"
    assert page.items[0].body is None


async def test_the_list_is_narrowed_by_type(garmin: Garmin) -> None:
    connector = garmin.key()
    types = await connector.containers(ContainerQuery(parent_id="activities"))
    assert [one.id for one in types.items][:2] == ["activities:cycling", "activities:running"]
    assert garmin.asked() == []
    page = await connector.items(ItemQuery(container_id="activities:cycling", limit=5))
    assert garmin.asked() == [f"{LIST}?activityType=cycling&start=0&limit=5"]
    assert {one.labels for one in page.items} == {("road_biking",)}
    assert {one.container_id for one in page.items} == {"activities:cycling"}


async def test_a_detail_names_its_children(garmin: Garmin) -> None:
    item = await garmin.key().item(OneItemQuery(item_id=f"activity:{NEWEST}"))
    assert item.fields["isMultiSport"] is True
    assert item.fields["childIds"] == [f"activity:{NEWEST - 1}"]
    assert "gear" not in item.fields


async def test_gear_is_asked_for_when_it_is_wanted_and_can_be_had(garmin: Garmin) -> None:
    wanted = {"settings": {"syncGear": True}}
    query = OneItemQuery(item_id=f"activity:{NEWEST - 1}")
    assert (await garmin.tokens(**wanted).item(query)).fields["gear"] == []
    assert len(garmin.asked()) == 2
    assert "gear" not in (await garmin.key(**wanted).item(query)).fields
    assert len(garmin.asked()) == 1


@pytest.mark.parametrize("name", ["items", "item"])
async def test_pictures_and_roles_are_in_no_payload(garmin: Garmin, name: str) -> None:
    connector = garmin.tokens()
    if name == "items":
        query = ItemQuery(container_id="activities", limit=1, include_raw=True)
        (item,) = (await connector.items(query)).items
    else:
        item = await connector.item(OneItemQuery(item_id=f"activity:{NEWEST}", include_raw=True))
    raw = raw_of(item)
    assert "activityId" in raw
    assert not {"userRoles", "userPro", "ownerProfileImageUrlSmall"} & raw.keys()
    assert "img.example" not in str(raw)


def raw_of(item: Item) -> dict[str, Any]:
    assert isinstance(item.raw, msgspec.Raw)
    found: dict[str, Any] = msgspec.json.decode(item.raw)
    return found


@pytest.mark.parametrize(
    "filters",
    [
        {"q": "x"},
        {"updated_since": NOW},
        {"sort": Sort.UPDATED_ASCENDING},
        {"type": "x"},
        {"parent_id": "activity:1"},
        {"state": "open"},
        {"status": "x"},
    ],
    ids=lambda value: next(iter(value)),
)
async def test_filters_that_garmin_has_not_are_refused(
    garmin: Garmin, filters: dict[str, Any]
) -> None:
    with pytest.raises(UnsupportedFilter):
        await garmin.tokens().items(ItemQuery(container_id="activities", **filters))
    assert garmin.asked() == []


@pytest.mark.parametrize(
    "place", ["", "activity", "activities:chess", "daily:x", "gear:", "activities:running&x=1"]
)
async def test_containers_that_are_none(garmin: Garmin, place: str) -> None:
    with pytest.raises(ValidationFailed):
        await garmin.tokens().items(ItemQuery(container_id=place))
    with pytest.raises(ValidationFailed):
        await garmin.tokens().containers(ContainerQuery(parent_id=place))
    assert garmin.asked() == []


@pytest.mark.parametrize(
    "item_id", ["", "activity:", "activity:1/../2", "activity:x", "day:2026-13-01", "photo:1"]
)
async def test_items_that_are_none(garmin: Garmin, item_id: str) -> None:
    with pytest.raises(ValidationFailed):
        await garmin.tokens().item(OneItemQuery(item_id=item_id))
    assert garmin.asked() == []


async def test_an_activity_that_is_gone(garmin: Garmin) -> None:
    with pytest.raises(ProviderNotFound):
        await garmin.tokens().item(OneItemQuery(item_id="activity:1"))


@pytest.mark.parametrize(
    "row",
    [
        {"activityId": 1, "startTimeGMT": "yesterday"},
        {"activityId": 1, "startTimeLocal": "8 o'clock"},
        {"activityId": "x"},
        {"activityName": "without a number"},
        {"activityId": 1, "distance": "far"},
    ],
)
async def test_a_row_of_another_form_is_unreadable(garmin: Garmin, row: dict[str, Any]) -> None:
    async def answers(scope: Any, receive: Any, send: Any) -> None:
        await json_answer([row])(scope, receive, send)

    garmin.network.add("connectapi.garmin.com", answers)
    with pytest.raises(UnreadableAnswer):
        await garmin.tokens().items(ACTIVITIES)
