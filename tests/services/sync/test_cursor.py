"""The cursor: whoever follows it has, in the end, exactly what is stored."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from src.models.base import now
from src.models.job import SyncMode
from src.models.record import Record, RecordCounts
from src.models.unified import Item
from src.services.record_batches import Batch, latest, versions
from src.services.record_reading import RecordPage, RecordsQuery
from tests.services.sync.conftest import Build
from tests.services.sync.ledger import ACME, World

STREAM = "entries"


def item(number: int, text: str) -> Item:
    return Item(id=f"main-{number}", type="entry", container_id="main", title=text)


class Follower:
    """A caller that keeps a copy."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.copy: dict[str, bytes] = {}
        self.cursor: str | None = None
        self._world = world
        self._chance = chance

    async def step(self) -> RecordPage:
        query = RecordsQuery(
            stream=STREAM,
            cursor=self.cursor,
            includes_deleted=True,
            limit=self._chance.randint(1, 20),
        )
        reading = self._world.container.record_reading
        page = await reading.list(ACME, self._world.connection.id, query)
        for record in page.records:
            self._take(record)
        self.cursor = page.next_cursor
        return page

    def _take(self, record: Record) -> None:
        if record.data is None:
            self.copy.pop(record.id, None)
        else:
            self.copy[record.id] = bytes(record.data)

    async def catch_up(self) -> None:
        while (await self.step()).has_more:
            pass


async def stored(world: World) -> dict[str, bytes]:
    return {
        one.record_id: one.data.encode()
        for one in await world.records(STREAM)
        if one.data is not None
    }


class Dead(Exception):
    """What a writer dies of, with everything written and nothing committed."""


async def write(world: World, chance: random.Random, name: str) -> None:
    """Batches of changes and deletions, in the way of the other writers'."""

    async def survive(_: RecordCounts) -> None:
        if chance.random() < 0.05:
            raise Dead

    for turn in range(12):
        numbers = chance.sample(range(60), chance.randint(1, 25))
        gone = numbers[: chance.randint(0, 3)]
        batch = Batch(
            records=[item(number, f"{name} {turn}") for number in numbers[len(gone) :]],
            deleted=[f"main-{number}" for number in gone],
            fetched_at=now(),
        )
        read = latest(versions(batch))
        # The claim that nobody else writes is a wrong one, and only spares what is not needed.
        heads = await world.scope.records.heads(world.connection.id)
        alone_at = chance.choice([None, 0, *(head.seq for head in heads)])
        await world.container.records.keep(
            world.connection, STREAM, read, survive, alone_at=alone_at
        )


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_writers_beside_each_other_and_dying_ones_hide_nothing_from_a_reader(
    build: Build, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  nothing secret
    worlds = [await build(), await build()]
    follower = Follower(worlds[0], chance)
    writers = [
        asyncio.create_task(write(worlds[index % 2], chance, f"w{index}")) for index in range(5)
    ]

    while not all(writer.done() for writer in writers):
        await follower.step()
    await follower.catch_up()

    assert {type(writer.exception()) for writer in writers} <= {Dead, type(None)}
    assert follower.copy
    assert follower.copy == await stored(worlds[0])
    seqs = [one.seq for one in await worlds[0].records(STREAM)]
    assert len(set(seqs)) == len(seqs)
    (head,) = await worlds[0].scope.records.heads(worlds[0].connection.id)
    assert (head.live, head.seq) == (len(follower.copy), max(seqs))


async def test_a_run_that_is_alone_meets_again_what_it_has_added(world: World) -> None:
    """Nothing is looked up for it, until the provider gives a record twice."""
    records = world.container.records

    async def keep(numbers: range, text: str, alone_at: int | None) -> RecordCounts:
        batch = Batch(records=[item(one, text) for one in numbers], fetched_at=now())
        read = latest(versions(batch))
        return await records.keep(world.connection, STREAM, read, alone_at=alone_at)

    assert await keep(range(3), "first", 0) == RecordCounts(added=3)
    assert await keep(range(3, 6), "first", 3) == RecordCounts(added=3)
    assert await keep(range(5, 8), "first", 6) == RecordCounts(added=2, unchanged=1)
    assert await keep(range(7, 9), "second", 8) == RecordCounts(added=1, updated=1)
    (head,) = await world.scope.records.heads(world.connection.id)
    assert (head.live, head.seq) == (9, 10)
    assert [one.seq for one in await world.records(STREAM)] == [1, 2, 3, 4, 5, 6, 7, 9, 10]


@pytest.mark.parametrize("alone_at", [0, None])
async def test_a_large_batch_is_numbered_without_a_gap(world: World, alone_at: int | None) -> None:
    records = world.container.records

    async def keep(text: str, alone_at: int | None) -> RecordCounts:
        batch = Batch(records=[item(one, text) for one in range(600)], fetched_at=now())
        read = latest(versions(batch))
        return await records.keep(world.connection, STREAM, read, alone_at=alone_at)

    assert await keep("first", alone_at) == RecordCounts(added=600)
    assert [one.seq for one in await world.records(STREAM)] == list(range(1, 601))
    assert await keep("second", None) == RecordCounts(updated=600)
    assert [one.seq for one in await world.records(STREAM)] == list(range(601, 1201))


async def test_what_was_asked_for_earlier_does_not_overwrite_what_came_later(
    world: World,
) -> None:
    records, early, late = world.container.records, now(), now()
    await records.store(
        world.connection, STREAM, Batch(records=[item(1, "later")], fetched_at=late)
    )
    early = early.replace(year=early.year - 1)
    for stale in (
        Batch(records=[item(1, "earlier")], fetched_at=early),
        Batch(deleted=["main-1"], fetched_at=early),
    ):
        await records.store(world.connection, STREAM, stale)
    assert [msgspec.json.decode(data)["title"] for data in (await stored(world)).values()] == [
        "later"
    ]
    await records.store(world.connection, STREAM, Batch(deleted=["main-1"], fetched_at=late))
    await records.store(
        world.connection, STREAM, Batch(records=[item(1, "earlier")], fetched_at=early)
    )
    assert await stored(world) == {}


async def test_a_deletion_is_remembered_before_the_run_beside_it_brings_the_record(
    world: World,
) -> None:
    await world.job()
    asked_at = now()
    records, later = world.container.records, asked_at + timedelta(seconds=5)
    await records.store(world.connection, STREAM, Batch(deleted=["main-1"], fetched_at=later))
    counts = await records.store(
        world.connection, STREAM, Batch(records=[item(1, "earlier")], fetched_at=asked_at)
    )
    assert counts.added == 0
    assert await stored(world) == {}
    (head,) = await world.scope.records.heads(world.connection.id)
    assert head.live == 0


async def test_of_unknown_records_nothing_is_kept_but_beside_a_run_and_never_for_ever(
    build: Build,
) -> None:
    """An address without a signature takes any id from whoever knows it."""
    world = await build(records_deleted_retention_days=0)
    await world.job("feed")
    await world.run()
    gone = Batch(deleted=["unknown-1", "unknown-2"], fetched_at=now())
    await world.container.records.store(world.connection, STREAM, gone)
    assert await world.records(STREAM) == []
    await world.job()
    await world.container.records.store(world.connection, STREAM, gone)
    kept = world.container.mongo.database["records"].find({"tenantId": "acme"})
    ends = [one["dropAt"] async for one in kept]
    assert len(ends) == 2
    assert all(end is not None and end < now() + timedelta(days=8) for end in ends)


async def test_a_record_of_a_webhook_is_not_swept_by_the_run_beside_it(world: World) -> None:
    ids = world.ledger.fill(60)
    await world.run(mode=SyncMode.FULL)

    async def hear(_: Any) -> None:
        # The run is past this one; the webhook's fetch is the first to bring it.
        world.ledger.put("main-00000-a", "by webhook")
        unit = Item(id="main-00000-a", type="entry", container_id="main", title="by webhook")
        batch = Batch(records=[unit], fetched_at=now())
        await world.container.records.store(world.connection, STREAM, batch)

    async def nothing(_: Any) -> None:
        return

    world.ledger.hooks = [*[nothing] * 4, hear]
    job = await world.run(mode=SyncMode.FULL)

    assert job.counts.deleted == 0
    assert set(await stored(world)) == {*ids, "main-00000-a"}
    assert "/entries/main-00000-a" not in world.ledger.asked
