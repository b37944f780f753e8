"""Streams of an athlete, and what the subscription of the app tells."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from src.connectors.manager import Use
from src.connectors.strava.config import LastStart
from src.connectors.strava.connector import StravaConnector
from src.connectors.syncing import SyncPage, SyncQuery
from src.connectors.webhooks import Delivery, Reading, Wish
from src.core.errors import InsufficientScope, ProviderRejected, UnreadableAnswer
from src.core.oauth import OAuth2App
from src.sandbox.strava.callers import DANA_TOKEN, FOLLOWER_TOKEN, PROFILE_TOKEN
from src.sandbox.strava.oauth import APP
from src.sandbox.strava.seed.activities import COUNT, FIRST
from tests.connectors.strava.conftest import ACCOUNT, Held, Strava

NOW = datetime(2025, 10, 21, 12, tzinfo=UTC)
LATEST = datetime(2025, 10, 19, 20, tzinfo=UTC)
WISH = Wish(
    webhook_id="whk_0123456789abcdef01234567",
    url=SecretStr("https://ours.example/api/hooks/whk_1/unguessable"),
    secret=SecretStr("verify-0123456789"),
    events=("activity",),
)


def opened(strava: Strava, token: str = DANA_TOKEN, **settings: Any) -> StravaConnector:
    method = strava.manager.registry.find("strava").manifest.auth_method("import")
    assert method is not None
    use = Use(method=method, tokens=Held(token), config={}, settings=settings, account=ACCOUNT)
    connector = strava.manager.open("strava", use)
    assert isinstance(connector, StravaConnector)
    return connector


def as_app(strava: Strava) -> StravaConnector:
    app = OAuth2App(APP.client_id, SecretStr(APP.client_secret))
    connector = strava.manager.open_as_app("strava", app, {})
    assert isinstance(connector, StravaConnector)
    return connector


async def run(connector: StravaConnector, stream: str, **more: Any) -> list[SyncPage]:
    query = SyncQuery(stream=stream, started_at=NOW, **more)
    return [page async for page in connector.sync(query)]


def ids(pages: list[SyncPage]) -> list[str]:
    return [record.id for page in pages for record in page.records]


async def test_a_full_run_reads_from_the_oldest_on(strava: Strava) -> None:
    pages = await run(opened(strava), "activities")
    found = ids(pages)
    assert len(found) == COUNT
    assert found[0] == f"activity:{FIRST + COUNT - 1}"
    assert pages[-1].checkpoint == LastStart(last_start=LATEST)
    assert strava.asked()[0] == "GET /athlete/activities?after=1&page=1&per_page=200"


async def test_an_incremental_run_looks_back_a_month_from_the_latest_start(strava: Strava) -> None:
    pages = await run(
        opened(strava), "activities", checkpoint=LastStart(last_start=LATEST - timedelta(days=10))
    )
    since = int((LATEST - timedelta(days=40)).timestamp()) - 1
    assert strava.asked()[0] == f"GET /athlete/activities?after={since}&page=1&per_page=200"
    assert len(ids(pages)) == 41
    assert pages[-1].checkpoint == LastStart(last_start=LATEST)


async def test_a_clock_that_runs_ahead_does_not_end_the_looking(strava: Strava) -> None:
    answer = await strava.client.put(
        f"/_sandbox/activities/{FIRST}", json={"start_date": "2036-01-01T00:00:00Z"}
    )
    answer.raise_for_status()
    pages = await run(opened(strava), "activities")
    assert pages[-1].checkpoint == LastStart(last_start=NOW)


async def test_an_account_without_activities_has_a_checkpoint(strava: Strava) -> None:
    for number in range(COUNT):
        await strava.client.delete(f"/_sandbox/activities/{FIRST + number}")
    (end,) = [page for page in await run(opened(strava), "activities") if page.checkpoint]
    assert LastStart.model_validate_json(end.checkpoint.model_dump_json()) == end.checkpoint  # type: ignore[union-attr]


async def test_what_may_not_be_seen_makes_pages_shorter_and_ends_nothing(strava: Strava) -> None:
    seen = ids(await run(opened(strava, FOLLOWER_TOKEN), "activities"))
    assert 0 < len(seen) < COUNT
    assert f"activity:{FIRST}" in seen


async def test_gear_is_read_only_where_the_settings_say_so(strava: Strava) -> None:
    (page,) = await run(opened(strava), "gear")
    assert (page.records, page.truncated) == ((), True)
    assert strava.asked() == []
    (page,) = await run(opened(strava, syncGear=True), "gear")
    assert not page.truncated
    assert {one.fields["gearType"] for one in page.records} == {"bike", "shoe"}  # type: ignore[union-attr]


async def test_gear_that_may_not_be_seen_is_not_taken_for_gone(strava: Strava) -> None:
    with pytest.raises(InsufficientScope):
        await run(opened(strava, FOLLOWER_TOKEN, syncGear=True), "gear")


async def test_activities_without_the_scope_are_an_error(strava: Strava) -> None:
    with pytest.raises(InsufficientScope):
        await run(opened(strava, PROFILE_TOKEN), "activities")


def told(**fields: Any) -> Reading:
    event = {
        "object_type": "activity",
        "object_id": FIRST,
        "aspect_type": "update",
        "owner_id": 134815,
        "event_time": 1516126040,
        "subscription_id": 120475,
        "updates": {"title": "Messy"},
        **fields,
    }
    body = json.dumps(event).encode()
    return StravaConnector.read(Delivery(body=body, handle={"id": 120475}))


@pytest.mark.parametrize("aspect", ["create", "update", "delete"])
def test_an_activity_is_fetched_whatever_became_of_it(aspect: str) -> None:
    reading = told(aspect_type=aspect)
    (notice,) = reading.notices
    (change,) = notice.changes
    assert (notice.key, notice.doubts_grant) == ("134815", False)
    assert (change.stream, change.record_id) == ("activities", f"activity:{FIRST}")


def test_an_athlete_who_took_back_the_grant_is_doubted() -> None:
    (notice,) = told(object_type="athlete", updates={"authorized": "false"}).notices
    assert (notice.key, notice.doubts_grant, notice.changes) == ("134815", True, ())


@pytest.mark.parametrize(
    "fields",
    [
        {"subscription_id": 1},
        {"object_type": "athlete", "updates": {}},
        {"object_type": "athlete", "updates": {"authorized": "true"}},
        {"object_type": "something new"},
    ],
    ids=["another's", "nothing", "agreed", "unknown"],
)
def test_what_is_not_for_us_says_nothing(fields: dict[str, Any]) -> None:
    assert told(**fields).notices == ()


def test_nonsense_is_refused() -> None:
    with pytest.raises(UnreadableAnswer):
        StravaConnector.read(Delivery(body=b"{}"))


async def test_the_apps_subscription_is_made_once_and_taken_over(strava: Strava) -> None:
    app = as_app(strava)
    made = await app.subscribe(WISH)
    assert await app.subscribe(WISH) == made
    assert [one for one in strava.asked() if one.startswith("POST")] == ["POST /push_subscriptions"]
    await app.unsubscribe(made)
    await app.unsubscribe(made)
    deletes = [one for one in strava.asked() if one.startswith("DELETE")]
    assert len(deletes) == 1


async def test_a_subscription_that_leads_elsewhere_is_not_ended(strava: Strava) -> None:
    app = as_app(strava)
    await app.subscribe(replace(WISH, url=SecretStr("https://theirs.example/hook")))
    with pytest.raises(ProviderRejected):
        await app.subscribe(WISH)
