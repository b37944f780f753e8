"""Garmin passes the suite of every connector: by a personal key, and by tokens of its own apps."""

from datetime import UTC, datetime
from typing import ClassVar

from src.sandbox.garmin.people import LI, MIA
from src.sandbox.garmin.seed import NEWEST
from src.sandbox.garmin.tokens import Claims, file_token, written
from src.testing import ConnectorConformance, Hand, StreamSample

LATER = 4_000_000_000
MADE = 40_000_000_001
DETAILED = "Garmin tells of a single activity what its list leaves out."


async def add_activity(hand: Hand, number: int = MADE) -> str:
    await hand.switch("POST", "/activities", {"activityId": number})
    return f"activity:{number}"


async def rename_activity(hand: Hand) -> str:
    """One of these days: Garmin's list tells no time of change, so a run looks back that far."""
    made = await add_activity(hand, MADE + 1)
    await hand.switch("PUT", f"/activities/{MADE + 1}", {"activityName": "Renamed"})
    return made


async def delete_activity(hand: Hand, activity: str) -> None:
    await hand.switch("DELETE", f"/activities/{activity.partition(':')[2]}")


async def tell_today(hand: Hand) -> str:
    day = datetime.now(UTC).date().isoformat()
    await hand.switch("PUT", f"/days/{day}", {"totalSteps": 12_345})
    return f"day:{day}"


async def delete_gear(hand: Hand, gear: str) -> None:
    await hand.switch("DELETE", f"/gear/{gear.partition(':')[2]}")


STREAMS = {
    "activities": StreamSample(
        container_ids=("activities",),
        add=add_activity,
        change=rename_activity,
        delete=delete_activity,
        fetch_differs=DETAILED,
    ),
    "daily": StreamSample(container_ids=("daily",), add=tell_today, change=tell_today),
    "gear": StreamSample(container_ids=("gear",), delete=delete_gear),
}


class TestPersonalKey(ConnectorConformance):
    """With the bearer token that a key has been exchanged for."""

    connector_id = "garmin"
    graded_elsewhere = True
    auth_method = "personalKey"
    token = written(Claims(MIA.profile, "personal", LATER, 0))
    config: ClassVar = {"domain": "garmin.com"}
    container = "activities"
    item = f"activity:{NEWEST}"
    beyond = ("garmin_gear",)
    streams: ClassVar = {name: STREAMS[name] for name in ("activities", "daily")}
    streams_elsewhere = ("gear",)


class TestTokens(ConnectorConformance):
    """With the access token of a token file."""

    connector_id = "garmin"
    auth_method = "tokens"
    token = file_token(MIA, end=LATER)
    config: ClassVar = {"domain": "garmin.com"}
    settings: ClassVar = {"syncGear": True}
    requests: ClassVar = {"item": 2}
    container = "activities"
    item = f"activity:{NEWEST}"
    streams: ClassVar = STREAMS


class TestTokensOfChina(ConnectorConformance):
    """The same at garmin.cn."""

    connector_id = "garmin"
    graded_elsewhere = True
    auth_method = "tokens"
    token = file_token(LI, end=LATER)
    config: ClassVar = {"domain": "garmin.cn"}
    container = "daily"
    item = "activity:31000000001"
    limit = 10
    requests: ClassVar = {"items": 2}
    streams_elsewhere = ("activities", "daily", "gear")
