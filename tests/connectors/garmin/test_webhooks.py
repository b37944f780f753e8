"""What a ping means for the connections that it names."""

import json
import time

from src.connectors.garmin.connector import GarminConnector
from src.connectors.webhooks import Delivery, Notice

REST = "https://apis.garmin.com/wellness-api/rest"


def read(**kinds: list[dict[str, object]]) -> dict[str | None, Notice]:
    reading = GarminConnector.read(Delivery(body=json.dumps(kinds).encode()))
    assert reading.delivery_id is None
    found = {notice.key: notice for notice in reading.notices}
    assert len(found) == len(reading.notices)
    return found


def entry(user: str, kind: str, number: int = 1) -> dict[str, object]:
    return {"userId": user, "callbackURL": f"{REST}/{kind}?token=CPT{number}"}


def test_each_user_gets_its_own_changes_once() -> None:
    found = read(
        activities=[entry("ada", "activities"), entry("bob", "activities")],
        manuallyUpdatedActivities=[entry("ada", "manuallyUpdatedActivities")],
        dailies=[entry("ada", "dailies"), entry("ada", "dailies")],
        sleeps=[entry("cleo", "sleeps")],
        userPermissionsChange=[{"userId": "bob", "permissions": []}],
        deregistrations=[{"userId": "dan"}],
    )
    told = [(change.event, change.stream) for change in found["ada"].changes]
    assert sorted(told) == [
        ("activities", "activities"),
        ("activities", "activities"),
        ("dailies", "daily"),
    ]
    assert {user for user, notice in found.items() if notice.doubts_grant} == {"bob", "dan"}
    assert len(found["bob"].changes) == 1
    assert found["dan"].changes == found["cleo"].changes == ()


def test_the_pull_token_is_shown_nowhere() -> None:
    (change,) = read(dailies=[entry("ada", "dailies")])["ada"].changes
    assert "CPT1" not in repr(change)
    assert change.ticket is not None
    assert change.ticket.get_secret_value() == "/wellness-api/rest/dailies?token=CPT1"


def test_a_ping_of_very_many_users_takes_no_long_time() -> None:
    began = time.process_time()
    found = read(dailies=[entry(f"user-{number}", "dailies", number) for number in range(30_000)])
    assert len(found) == 30_000
    assert time.process_time() - began < 5
