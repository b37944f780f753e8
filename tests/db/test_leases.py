"""Leases: one holder at a time, by the database's clock. On the real server only."""

import asyncio
from datetime import UTC, datetime, timedelta

from src.db.client import Mongo
from src.db.leases import Leases


async def run_out(mongo: Mongo) -> None:
    past = {"$set": {"until": datetime.now(UTC) - timedelta(seconds=1)}}
    await mongo.database["leases"].update_many({}, past)


async def test_of_many_who_want_a_lease_one_gets_it(mongo: Mongo) -> None:
    owners = [f"owner {number}" for number in range(8)]
    leases = Leases(mongo.database)
    took = await asyncio.gather(*(leases.acquire("work", owner, 60) for owner in owners))
    assert sum(took) == 1
    holder = owners[took.index(True)]
    again = [await leases.acquire("work", owner, 60) for owner in owners]
    assert [owner for owner, held in zip(owners, again, strict=True) if held] == [holder]


async def test_a_lease_that_has_run_out_is_free(mongo: Mongo) -> None:
    leases = Leases(mongo.database)
    assert await leases.acquire("work", "one", 60)
    assert not await leases.acquire("work", "two", 60)
    await run_out(mongo)
    assert await leases.acquire("work", "two", 60)
    assert not await leases.acquire("work", "one", 60)


async def test_holding_on_makes_it_longer_by_the_database_s_clock(mongo: Mongo) -> None:
    leases = Leases(mongo.database)
    for seconds in (60, 600):
        before = await leases.now()
        assert await leases.acquire("work", "one", seconds)
        lease = await mongo.database["leases"].find_one({"_id": "work"})
        assert lease
        length = lease["until"] - before
        assert timedelta(seconds=seconds) <= length < timedelta(seconds=seconds + 5)


async def test_only_its_holder_gives_a_lease_back(mongo: Mongo) -> None:
    leases = Leases(mongo.database)
    assert await leases.acquire("work", "one", 60)
    await leases.release("work", "two")
    assert not await leases.acquire("work", "two", 60)
    await leases.release("work", "one")
    assert await leases.acquire("work", "two", 60)
    assert await leases.acquire("other work", "one", 60)
