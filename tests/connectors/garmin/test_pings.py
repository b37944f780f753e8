"""A ping is a hint: where it leads must be Garmin's own host, and what comes inline is counted."""

from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.connectors.garmin.manifest import MANIFEST, OAUTH2
from src.connectors.garmin.pings import (
    HOST,
    Fetch,
    PermissionsChange,
    Told,
    read_ping,
    read_pulled,
)
from src.core.errors import UnreadableAnswer
from src.sandbox.garmin.app import create_app
from src.sandbox.garmin.oauth import APP
from src.sandbox.garmin.wellness import PULL_TOKEN
from src.sandbox.kit import MemoryStore
from tests.sandbox.garmin.developer import registered

USER = "4aacafe82427c251df9c9592d0c06768"
PULL = (
    "/wellness-api/rest/activities?uploadStartTimeInSeconds=1767225600"
    f"&uploadEndTimeInSeconds=1767229200&token={PULL_TOKEN}"
)


def ping(url: str, kind: str = "activities") -> bytes:
    return msgspec.json.encode({kind: [{"userId": USER, "callbackURL": url}]})


def test_a_ping_tells_what_to_fetch() -> None:
    told = read_ping(ping(f"https://apis.garmin.com{PULL}"))
    assert told == Told(fetches=(Fetch("activities", USER, PULL),))
    assert read_ping(ping(f"https://apis.garmin.com:443{PULL}")).fetches == told.fetches


def test_the_host_is_the_manifests() -> None:
    assert f"https://{HOST}" == MANIFEST.api_url
    method = MANIFEST.auth_method(OAUTH2)
    assert method is not None
    assert method.delivery == "push"


@pytest.mark.parametrize(
    "url",
    [
        f"https://apis.garmin.com.evil.example{PULL}",
        f"https://evil.example{PULL}",
        f"https://connectapi.garmin.com{PULL}",
        f"http://apis.garmin.com{PULL}",
        f"https://apis.garmin.com:8443{PULL}",
        f"https://user@apis.garmin.com{PULL}",
        f"https://apis.garmin.com@evil.example{PULL}",
        f"https://evil.example#@apis.garmin.com{PULL}",
        f"https://apis.garmin.com\\.evil.example{PULL}",
        "https://apis.garmin.com/wellness-api/rest/../../x?token=y",
        "https://apis.garmin.com/wellness-api/rest/%2e%2e/x?token=y",
        "https://apis.garmin.com/wellness-api/rest/user/registration?token=y",
        "https://apis.garmin.com/other-api/rest/activities?token=y",
        f"https://apis.garmin.com{PULL}\r\nHost: evil.example",
        "https://[::1/wellness-api/rest/activities",
        "https://apis.garmin.com:99999/wellness-api/rest/activities",
        "",
    ],
)
def test_no_other_place_is_fetched_from(url: str) -> None:
    assert read_ping(ping(url)) == Told(refused=1)


@given(st.text() | st.text(alphabet="htps:/@#?.%\\garmincoew-l"))
def test_whatever_is_named_the_place_is_garmins(text: str) -> None:
    for url in (
        text,
        f"https://apis.garmin.com{text}",
        f"https://apis.garmin.com/wellness-api{text}",
    ):
        told = read_ping(ping(url))
        assert len(told.fetches) + told.refused == 1
        for fetch in told.fetches:
            joined = httpx.URL(f"{MANIFEST.api_url}{fetch.location}")
            assert (joined.scheme, joined.host, joined.port) == ("https", HOST, None)
            assert joined.path.startswith("/wellness-api/rest/")


def test_what_comes_inline_is_counted_and_not_kept() -> None:
    entry = {"userId": USER, "summaryId": "s", "activityName": "Forged"}
    content = msgspec.json.encode({"activities": [entry, entry], "dailies": [entry]})
    assert read_ping(content) == Told(inline=3)


def test_ends_and_permissions() -> None:
    content = msgspec.json.encode(
        {
            "deregistrations": [{"userId": USER}, {"userId": USER}],
            "userPermissionsChange": [
                {"userId": USER, "summaryId": "x", "permissions": ["ACTIVITY_EXPORT"]}
            ],
        }
    )
    change = PermissionsChange(USER, ("ACTIVITY_EXPORT",))
    assert read_ping(content) == Told(left=(USER,), changes=(change,))


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"a": 1}', b'{"a": [{}]}', b"\xff"])
def test_what_is_no_ping_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        read_ping(content)


async def test_from_a_ping_to_records() -> None:
    """What the imitation answers at the place of a ping."""
    transport = httpx.ASGITransport(app=create_app(MemoryStore()))
    async with httpx.AsyncClient(transport=transport, base_url="https://apis.garmin.com") as garmin:
        token = await registered(garmin, APP)
        headers = {"Authorization": f"Bearer {token}"}
        (fetch,) = read_ping(ping(f"https://apis.garmin.com{PULL}")).fetches
        activities = (await garmin.get(fetch.location, headers=headers)).content
        days = (await garmin.get(PULL.replace("activities", "dailies"), headers=headers)).content
    (record,) = read_pulled(fetch.kind, fetch.user_id, activities)
    key = ("activities", USER, "EXAMPLE_12345")
    assert (record.kind, record.user_id, record.summary_id) == key
    assert record.item.id == "activity:5001968355"
    # Seconds since 1970, and the user's clock six hours behind.
    assert record.item.created_at == "2016-01-11T00:00:00.000Z"
    assert record.item.fields["startDateLocal"] == "2016-01-10T18:00:00"
    assert record.item.fields["utcOffset"] == -21600
    assert record.item.fields["distance"] == 519818.1
    (day,) = read_pulled("dailies", USER, days)
    assert (day.item.id, day.item.fields["steps"]) == ("day:2026-01-11", 4210)
    # What has been changed by hand takes the place of what it was.
    (changed,) = read_pulled("manuallyUpdatedActivities", USER, activities)
    assert (changed.kind, changed.user_id, changed.summary_id) == key


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("activities", [{"summaryId": "s"}]),
        ("activities", [{"summaryId": "s", "startTimeInSeconds": 10**18}]),
        ("dailies", [{"summaryId": "s", "calendarDate": "yesterday"}]),
    ],
)
def test_rows_of_another_form_are_unreadable(kind: str, rows: Any) -> None:
    with pytest.raises(UnreadableAnswer):
        read_pulled(kind, USER, msgspec.json.encode(rows))


def test_kinds_that_are_no_items_make_no_records() -> None:
    assert read_pulled("sleeps", USER, b"[]") == ()
