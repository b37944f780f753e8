"""Daily summaries: by windows into the past, over gaps, to an end; whole days one by one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from src.connectors.garmin.days import LONGEST_RANGE, MOST_EMPTY
from src.core.errors import InvalidCursor, ProviderNotFound
from src.models.query import ItemQuery, OneItemQuery
from src.sandbox.garmin.seed import DAYS, GAP, steps
from tests.connectors.garmin.conftest import NOW, Garmin

PROFILE = "GET /userprofile-service/socialProfile"
RANGE = "GET /usersummary-service/stats/steps/daily"
TODAY = datetime.fromtimestamp(NOW, UTC).date()


def on(back: int) -> str:
    return (TODAY - timedelta(days=back)).isoformat()


def known() -> list[str]:
    """Every day with a record, newest first."""
    days = [TODAY - timedelta(days=back) for back in range(DAYS)]
    return [day.isoformat() for day in days if steps(day, TODAY)["totalSteps"] is not None]


async def test_the_first_window_ends_on_the_providers_day(garmin: Garmin) -> None:
    page = await garmin.key().items(ItemQuery(container_id="daily", limit=7))
    assert garmin.asked() == [PROFILE, f"{RANGE}/{on(6)}/{on(0)}"]
    assert [one.title for one in page.items] == [day for day in known() if day >= on(6)]
    assert page.items[0].id == f"day:{page.items[0].title}"
    assert page.items[0].created_at is None
    assert set(page.items[0].fields) == {"calendarDate", "steps", "stepGoal", "distance"}


@pytest.mark.parametrize("limit", [1, 10, 28, 100])
async def test_the_walk_crosses_gaps_and_ends(garmin: Garmin, limit: int) -> None:
    connector = garmin.tokens()
    query = ItemQuery(container_id="daily", limit=limit)
    found: list[str] = []
    pages = 0
    while True:
        page = await connector.items(query)
        found += [one.title for one in page.items]
        pages += 1
        assert len(page.items) <= limit
        if page.next_token is None:
            break
        query = ItemQuery(container_id="daily", limit=limit, token=page.next_token)
    assert found == known()
    assert len(GAP) > LONGEST_RANGE
    asked = [one for one in garmin.asked() if one.startswith(RANGE)]
    assert len(asked) == pages
    spans = [
        date.fromisoformat(end) - date.fromisoformat(start)
        for start, end in (one.split("/")[-2:] for one in asked)
    ]
    assert max(spans) <= timedelta(days=LONGEST_RANGE - 1)
    # A year without any record is the end.
    last = TODAY - date.fromisoformat(asked[-1].split("/")[-2])
    assert last <= timedelta(days=DAYS + MOST_EMPTY + 2 * LONGEST_RANGE)


@pytest.mark.parametrize("token", ["", "2026-06-01", "2026-02-30~0", "~", "x~1", "2026-06-01~-1"])
async def test_a_token_of_another_form_is_refused(garmin: Garmin, token: str) -> None:
    with pytest.raises(InvalidCursor):
        await garmin.tokens().items(ItemQuery(container_id="daily", token=token))


async def test_a_whole_day_by_the_name_of_its_user(garmin: Garmin) -> None:
    day = known()[0]
    item = await garmin.tokens().item(OneItemQuery(item_id=f"day:{day}"))
    assert garmin.asked() == [
        PROFILE,
        # The name has a space in it.
        f"GET /usersummary-service/usersummary/daily/mia%20krystof?calendarDate={day}",
    ]
    assert item.fields["restingHeartrate"] == 51
    assert item.body is not None
    assert "Resting heart rate: 51 bpm" in item.body


async def test_a_key_reads_a_day_from_the_range(garmin: Garmin) -> None:
    day = known()[0]
    item = await garmin.key().item(OneItemQuery(item_id=f"day:{day}"))
    assert garmin.asked() == [f"{RANGE}/{day}/{day}"]
    assert item.id == f"day:{day}"


@pytest.mark.parametrize("way", ["tokens", "key"])
async def test_a_day_without_any_record_is_not_there(garmin: Garmin, way: str) -> None:
    """Garmin answers 204 for a whole day, and a row without figures in the range."""
    connector = garmin.tokens() if way == "tokens" else garmin.key()
    with pytest.raises(ProviderNotFound):
        await connector.item(OneItemQuery(item_id=f"day:{on(25)}"))
