"""Limits and usage: counted here, summed with the other processes, never waited for."""

import pytest

from src.core.errors import ServiceUnavailable
from src.db.client import Mongo
from src.db.tenant import TenantScope
from src.db.usage_store import Added, Span, UsageStore
from src.models.principal import ALL_PERMISSIONS, Principal, Quota, Via
from src.services.usage import Standing, Usage

NOON = 1_795_262_400.0
"""A time at the beginning of an hour."""


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


class Process:
    """One process over the shared database, and a clock that all share."""

    def __init__(self, mongo: Mongo, clock: Clock, **limits: int) -> None:
        self.usage = Usage(
            UsageStore(lambda: mongo.database),
            lambda tenant_id: TenantScope(mongo.database, tenant_id),
            clock=clock,
            **limits,
        )

    def served(self, principal: Principal, times: int) -> int:
        """How many of so many requests are let through."""
        standings = [self.usage.take(principal) for _ in range(times)]
        return sum(standing is None or not standing.is_over for standing in standings)


def key(number: int, tenant: str = "acme", **fields: object) -> Principal:
    return Principal(tenant, Via.API_KEY, ALL_PERMISSIONS, key_id=f"key_{number}", **fields)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_minute_holds_so_many(mongo: Mongo, clock: Clock) -> None:
    process = Process(mongo, clock, per_minute=3)
    assert [process.usage.take(key(1)) for _ in range(4)] == [
        Standing(3, 2, int(NOON) + 60, False, 60.0),
        Standing(3, 1, int(NOON) + 60, False, 60.0),
        Standing(3, 0, int(NOON) + 60, False, 60.0),
        Standing(3, 0, int(NOON) + 60, True, 60.0),
    ]
    clock.now += 59
    assert process.served(key(1), 1) == 0
    clock.now += 1
    assert process.served(key(1), 5) == 3


def test_each_key_and_each_tenant_counts_for_itself(mongo: Mongo, clock: Clock) -> None:
    process = Process(mongo, clock, per_minute=2)
    callers = [
        key(1),
        key(2),
        Principal("acme", Via.PLATFORM, ALL_PERMISSIONS),
        Principal("globex", Via.PLATFORM, ALL_PERMISSIONS),
        Principal("acme", Via.JWT, ALL_PERMISSIONS, "ada"),
        Principal("acme", Via.JWT, ALL_PERMISSIONS, "bob"),
        Principal("globex", Via.JWT, ALL_PERMISSIONS, "ada"),
    ]
    assert [process.served(caller, 3) for caller in callers] == [2] * len(callers)


def test_the_nearest_limit_is_told(mongo: Mongo, clock: Clock) -> None:
    process = Process(mongo, clock, per_minute=3, per_hour=4)
    assert process.served(key(1), 5) == 3
    clock.now += 60
    standing = process.usage.take(key(1))
    assert standing == Standing(4, 0, int(NOON) + 3600, False, 3540.0)
    assert process.served(key(1), 1) == 0


def test_a_users_quota_counts_all_ways_of_the_user(mongo: Mongo, clock: Clock) -> None:
    process = Process(mongo, clock)
    ada = {"user_id": "ada", "quota": Quota(per_hour=3, per_month=4)}
    by_key, by_other = key(1, **ada), key(2, **ada)
    by_token = Principal("acme", Via.JWT, ALL_PERMISSIONS, **ada)  # type: ignore[arg-type]
    assert [process.served(each, 1) for each in (by_key, by_other, by_token, by_key)] == [
        1,
        1,
        1,
        0,
    ]
    assert process.served(key(1, tenant="globex", **ada), 1) == 1
    clock.now += 3600
    assert process.served(by_token, 2) == 1
    clock.now += 32 * 86400
    assert process.served(by_token, 1) == 1


def test_without_limits_nothing_is_told(mongo: Mongo, clock: Clock) -> None:
    assert Process(mongo, clock).usage.take(key(1)) is None


async def test_processes_learn_of_each_other(mongo: Mongo, clock: Clock) -> None:
    one, two = Process(mongo, clock, per_minute=10), Process(mongo, clock, per_minute=10)
    assert (one.served(key(1), 6), two.served(key(1), 3)) == (6, 3)
    for process in (one, two, one):
        await process.usage.flush()
    assert one.served(key(1), 5) == 1
    await one.usage.flush()
    await two.usage.flush()
    assert two.served(key(1), 5) == 0
    # A process that starts now, too.
    three = Process(mongo, clock, per_minute=10)
    three.served(key(1), 1)
    await three.usage.flush()
    assert three.served(key(1), 1) == 0


async def test_what_is_used_is_told(mongo: Mongo, clock: Clock) -> None:
    one, two = Process(mongo, clock, per_hour=100), Process(mongo, clock)
    one.served(key(1), 3)
    await one.usage.flush()
    two.served(key(1), 2)
    used = await two.usage.of(key(1))
    assert (used.this_hour, used.this_month) == (5, 5)
    clock.now += 3600
    two.served(key(1), 1)
    await two.usage.flush()
    used = await one.usage.of(key(1))
    assert (used.this_hour, used.this_month) == (1, 6)
    assert (await one.usage.of(key(1, tenant="globex"))).this_month == 0


async def test_nothing_is_lost_while_the_database_is_away(mongo: Mongo, clock: Clock) -> None:
    class Store(UsageStore):
        is_away = True

        async def add(self, added: dict[Span, Added]) -> None:  # type: ignore[override]
            if self.is_away:
                raise ServiceUnavailable("away")
            await super().add(added)

    store = Store(lambda: mongo.database)
    usage = Usage(store, lambda tenant: TenantScope(mongo.database, tenant), clock=clock)
    for _ in range(2):
        usage.take(key(1))
        with pytest.raises(ServiceUnavailable):
            await usage.flush()
    clock.now += 3600
    usage.take(key(1))
    store.is_away = False
    await usage.flush()
    await usage.flush()
    assert (await usage.of(key(1))).this_month == 3


async def test_who_is_not_seen_any_more_takes_no_memory(mongo: Mongo, clock: Clock) -> None:
    process = Process(mongo, clock, per_hour=5)
    process.served(key(1), 3)
    await process.usage.flush()
    clock.now += 600
    await process.usage.flush()
    assert process.usage.known == 0
    process.served(key(1), 1)
    await process.usage.flush()
    assert process.served(key(1), 5) == 1
