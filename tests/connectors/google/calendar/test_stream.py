"""The stream of events: each calendar is kept up by a token of its own."""

import pytest

from src.connectors.google.calendar.reader import CalendarReader
from src.models.unified import Item
from src.testing.bench import Bench
from src.testing.streams import hand
from tests.connectors.google.deeds import OWN, TEAM, cancel_event, make_event
from tests.connectors.google.runs import asked, bench_of, full, later, read_by, tokens

STANDUP = "calendar:event:ann@example.com:standup"
CALLED_OFF = f"{STANDUP}_20260119T080000Z"


@pytest.fixture
def bench() -> Bench:
    return bench_of()


async def test_all_calendars_of_the_list_are_read(bench: Bench) -> None:
    done = await full(bench, "events")
    assert len(done.ids) == len(set(done.ids))
    holidays = "calendar:list:de.german~23holiday@group.v.calendar.google.com"
    assert set(tokens(done)) == {OWN, TEAM, holidays, "calendar:list:ben@example.com"}
    assert not (await later(bench, "events", done)).ids


async def test_small_pages_give_the_same(bench: Bench) -> None:
    reader = CalendarReader(bench.connector().rest, limit=30)
    paged = await read_by(reader, asked(bench, "events", containers=(OWN, TEAM)))
    whole = await full(bench, "events", (OWN, TEAM))
    assert sorted(paged.ids) == sorted(whole.ids)
    assert tokens(paged) == tokens(whole)
    assert len(paged.pages) > len((await full(bench, "events", (OWN, TEAM))).pages) + 2


async def test_what_is_called_off_out_of_a_series_stays_and_says_so(bench: Bench) -> None:
    first = await full(bench, "events", (OWN,))
    kept = first.records[CALLED_OFF]
    assert isinstance(kept, Item)
    assert (kept.status, kept.parent_id) == ("cancelled", STANDUP)
    await cancel_event(hand(bench), f"{STANDUP}_20260126T080000Z")
    done = await later(bench, "events", first, (OWN,))
    assert done.ids == [f"{STANDUP}_20260126T080000Z"]
    assert not done.deleted


async def test_with_a_series_goes_what_was_changed_in_it(bench: Bench) -> None:
    first = await full(bench, "events", (OWN,))
    of_it = {one for one in first.ids if one.startswith(STANDUP)}
    assert len(of_it) == 3
    await cancel_event(hand(bench), STANDUP)
    done = await later(bench, "events", first, (OWN,))
    assert done.deleted == of_it
    assert not of_it & set((await full(bench, "events", (OWN,))).ids)


async def test_what_changes_while_a_calendar_is_read_comes_with_its_token(bench: Bench) -> None:
    reader = CalendarReader(bench.connector().rest, limit=30)
    bench.wires.meanwhile(3, lambda: make_event(hand(bench)))
    done = await read_by(reader, asked(bench, "events", containers=(OWN,)))
    found = await later(bench, "events", done, (OWN,))
    assert [one for one in found.ids if "created" in one]
