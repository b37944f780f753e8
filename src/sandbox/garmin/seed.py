"""What the people of the imitation have done: activities, days, devices, gear."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from src.sandbox.garmin.people import LI, MIA, Person

ACTIVITIES_OF_MIA = 45
DAYS = 60
"""So many days back from the present one there are records of."""
EVERY_NINTH = 9
GAP = range(20, 52)
"""Days back without any record, more than fit into one range."""
SHOES = "9f3b0b6c2d8e4f71a5c4d3e2b1a09876"
BIKE = "1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f"
REMOVED = "00ff11ee22dd33cc44bb55aa66997788"
NEWEST = 21_482_825_013
BIG = 9_007_199_254_740_995
"""An activity whose number no double can hold."""

_KINDS = (("trail_running", 6, "running"), ("road_biking", 10, "cycling"), ("hiking", 3, "hiking"))
_FIRST = datetime(2026, 1, 8, 14, 10, 21, tzinfo=UTC)
_ZONES = ((-6, "America/Costa_Rica"), (1, "Europe/Berlin"), (5.5, "Asia/Kolkata"))


def activities(person: Person) -> list[dict[str, Any]]:
    """Return the rows of the list, newest first."""
    if person is LI:
        return [_activity(person, 0, 31_000_000_001)]
    rows = [_activity(person, index, NEWEST - index) for index in range(ACTIVITIES_OF_MIA)]
    return [_activity(person, -1, BIG), *rows]


def made(number: int, began: datetime) -> dict[str, Any]:
    """Return the row of an activity of Mia's that is not of the seed."""
    return _activity(MIA, 0, number, began)


def _activity(
    person: Person, index: int, number: int, at: datetime | None = None
) -> dict[str, Any]:
    kind, type_id, parent = _KINDS[index % len(_KINDS)]
    ahead, zone = _ZONES[index % len(_ZONES)]
    began = at or _FIRST - timedelta(days=index, minutes=index * 7)
    local = began + timedelta(hours=ahead)
    return {
        "activityId": number,
        "activityName": f"Morning {index}" if index >= 0 else "Beyond 2^53",
        "description": "With Ben" if index % 5 == 0 else None,
        "startTimeLocal": f"{local:%Y-%m-%d %H:%M:%S}",
        "startTimeGMT": f"{began:%Y-%m-%d %H:%M:%S}",
        "activityType": {"typeId": type_id, "typeKey": kind, "parentTypeId": 1},
        "eventType": {"typeId": 9, "typeKey": "uncategorized"},
        "distance": 4261.18994140625 + index,
        "duration": 2223.326904296875,
        "movingDuration": 2200.5,
        "elapsedDuration": 2301.0,
        "elevationGain": 151.0,
        "elevationLoss": 149.0,
        "averageSpeed": 1.917,
        "maxSpeed": 3.2,
        "calories": 390.0,
        "averageHR": 142.0,
        "maxHR": 162.0,
        "steps": 4100,
        "locationName": "Cuajimalpa de Morelos",
        "ownerId": person.profile,
        "ownerDisplayName": person.display_name,
        "ownerFullName": person.full_name,
        "ownerProfileImageUrlSmall": "https://img.example/face.png",
        "userRoles": ["SCOPE_CONNECT_READ", "ROLE_CONNECTUSER"],
        "userPro": False,
        "_zone": zone,
        "_parent": parent,
    }


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without what only the imitation knows."""
    return {name: value for name, value in row.items() if not name.startswith("_")}


def detail(row: dict[str, Any]) -> dict[str, Any]:
    """Return a single activity: other names, other times."""
    figures = ("distance", "duration", "movingDuration", "elapsedDuration", "elevationGain")
    more = ("elevationLoss", "averageSpeed", "maxSpeed", "calories", "averageHR", "maxHR", "steps")
    began = row["startTimeGMT"].replace(" ", "T") + ".0"
    return {
        "activityId": row["activityId"],
        "activityUUID": {"uuid": "44fa794a-5bd9-4fbc-927e-7677ab38b5fe"},
        "activityName": row["activityName"],
        "description": row["description"],
        "userProfileId": row["ownerId"],
        "isMultiSportParent": row["activityId"] == NEWEST,
        "activityTypeDTO": row["activityType"],
        "timeZoneUnitDTO": {"unitId": 121, "unitKey": row["_zone"], "timeZone": row["_zone"]},
        "metadataDTO": {
            "lastUpdateDate": "2026-01-08T15:15:04.0",
            "uploadedDate": "2026-01-08T15:15:03.0",
            "fileFormat": {"formatId": 7, "formatKey": "fit"},
            "childIds": [NEWEST - 1] if row["activityId"] == NEWEST else [],
            "userInfoDto": {"profileImageUrlLarge": "https://img.example/face.png"},
        },
        "summaryDTO": {
            "startTimeLocal": row["startTimeLocal"].replace(" ", "T") + ".0",
            "startTimeGMT": began,
            **{name: row[name] for name in (*figures, *more)},
        },
        "locationName": row["locationName"],
    }


def matches(row: dict[str, Any], kind: str | None) -> bool:
    """Tell whether the list narrowed to a kind holds it."""
    return kind in {None, row["_parent"]}


def steps(day: date, today: date) -> dict[str, Any]:
    """Return a day of the range."""
    told = _told(day, today)
    return {
        "calendarDate": day.isoformat(),
        "totalSteps": 4000 + day.toordinal() % 5000 if told else None,
        "totalDistance": 3000 + day.toordinal() % 4000 if told else None,
        "stepGoal": 10_000,
    }


def daily(person: Person, day: date, today: date) -> dict[str, Any] | None:
    """Return everything about a day."""
    if not _told(day, today):
        return None
    row = steps(day, today)
    return {
        "userProfileId": person.profile,
        "calendarDate": day.isoformat(),
        "totalSteps": row["totalSteps"],
        "totalDistanceMeters": row["totalDistance"],
        "totalKilocalories": 2252.0,
        "activeKilocalories": 99.0,
        "minHeartRate": 49,
        "maxHeartRate": 104,
        "restingHeartRate": 51,
        "dailyStepGoal": 10_000,
        "privacyProtected": False,
    }


def _told(day: date, today: date) -> bool:
    back = (today - day).days
    return 0 <= back < DAYS and back % EVERY_NINTH != 0 and back not in GAP


def devices(person: Person) -> list[dict[str, Any]]:
    """Return what is registered."""
    return [
        {
            "deviceId": 3_400_000_000 + person.profile + index,
            "displayName": name,
            "productDisplayName": name,
            "serialNumber": f"7AB00{index}",
            "currentFirmwareVersion": "20.26",
            "imageUrl": "https://img.example/watch.png",
        }
        for index, name in enumerate(("Forerunner 965", "Edge 540"))
    ]


def gear(person: Person) -> list[dict[str, Any]]:
    """Return shoes and bicycles."""
    if person is not MIA:
        return []
    return [
        _gear(SHOES, ("Hoka", "Clifton", "Shoes"), customMakeModel="Hoka Clifton 9"),
        _gear(BIKE, ("Canyon", "Grail", "Bike"), displayName="The grey one"),
        _gear(
            REMOVED,
            ("Asics", "Kayano", "Shoes"),
            customMakeModel="Kayano 28",
            gearStatusName="retired",
            dateEnd="2026-05-01T00:00:00.0",
        ),
    ]


def _gear(uuid: str, made: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    make, model, kind = made
    return {
        "gearPk": 1,
        "uuid": uuid,
        "userProfilePk": MIA.profile,
        "gearMakeName": make,
        "gearModelName": model,
        "gearTypeName": kind,
        "gearStatusName": "active",
        "displayName": None,
        "customMakeModel": None,
        "dateBegin": "2026-03-01T00:00:00.0",
        "dateEnd": None,
        "maximumMeters": 700_000.0,
        "notified": False,
        "createDate": "2026-03-01T08:00:00.0",
        "updateDate": "2026-03-02T08:00:00.0",
        **more,
    }


def stats(uuid: str) -> dict[str, Any] | None:
    """Return how far a gear has come."""
    known = {SHOES: (312_400.5, 41), BIKE: (2_048_000.0, 77)}
    if uuid not in known:
        return None
    metres, count = known[uuid]
    return {
        "gearPk": 1,
        "uuid": uuid,
        "totalDistance": metres,
        "totalActivities": count,
        "processing": False,
    }
