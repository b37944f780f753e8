"""Documents held for a moment: never longer than a second, never past a write of this process."""

import asyncio
import weakref

import pytest

from src.db.cache import MOST_ENTRIES, SECONDS, BriefCache


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Source:
    """What is read: counts the reads, and can be held back."""

    def __init__(self, value: object = "first") -> None:
        self.value = value
        self.reads = 0
        self.began = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def read(self) -> object:
        self.reads += 1
        self.began.set()
        value = self.value
        await self.may_answer.wait()
        return value


async def test_a_warm_value_costs_no_read() -> None:
    cache, source = BriefCache(Clock()), Source()
    assert [await cache.get("k", source.read) for _ in range(3)] == ["first"] * 3
    assert source.reads == 1


async def test_many_who_ask_at_once_cost_one_read() -> None:
    cache, source = BriefCache(Clock()), Source()
    source.may_answer.clear()
    asking = [asyncio.create_task(cache.get("k", source.read)) for _ in range(64)]
    await source.began.wait()
    asking[0].cancel()
    await asyncio.sleep(0)
    source.may_answer.set()
    assert await asyncio.gather(*asking[1:]) == ["first"] * 63
    assert source.reads == 1


async def test_absence_is_held_too() -> None:
    cache, source = BriefCache(Clock()), Source(None)
    assert await cache.get("k", source.read) is None
    assert await cache.get("k", source.read) is None
    assert source.reads == 1


async def test_a_value_lives_a_second_from_the_moment_its_read_began() -> None:
    clock = Clock()
    cache, source = BriefCache(clock), Source()
    source.may_answer.clear()
    reading = asyncio.create_task(cache.get("k", source.read))
    await source.began.wait()
    clock.now += 0.9
    source.may_answer.set()
    await reading
    clock.now += SECONDS - 0.9 - 0.01
    await cache.get("k", source.read)
    assert source.reads == 1
    clock.now += 0.02
    await cache.get("k", source.read)
    assert source.reads == 2


async def test_what_was_read_before_a_write_is_not_kept_after_it() -> None:
    cache, source = BriefCache(Clock()), Source("old")
    source.may_answer.clear()
    reading = asyncio.create_task(cache.get("k", source.read))
    await source.began.wait()
    source.value = "new"
    cache.drop("k")
    source.may_answer.set()
    assert await reading == "old"
    assert await cache.get("k", source.read) == "new"


async def test_a_drop_touches_only_its_key() -> None:
    cache, one, other = BriefCache(Clock()), Source(), Source()
    await cache.get("one", one.read)
    await cache.get("other", other.read)
    cache.drop("one")
    await cache.get("one", one.read)
    await cache.get("other", other.read)
    assert (one.reads, other.reads) == (2, 1)


async def test_a_failed_read_is_not_kept() -> None:
    async def fail() -> None:
        raise ConnectionError

    cache, source = BriefCache(Clock()), Source()
    with pytest.raises(ConnectionError):
        await cache.get("k", fail)
    assert await cache.get("k", source.read) == "first"


async def test_the_number_of_entries_is_bounded() -> None:
    cache, source = BriefCache(Clock()), Source()
    await cache.get("oldest", source.read)
    for number in range(MOST_ENTRIES):
        await cache.get(number, source.read)
    await cache.get(MOST_ENTRIES - 1, source.read)
    assert source.reads == MOST_ENTRIES + 1
    await cache.get("oldest", source.read)
    assert source.reads == MOST_ENTRIES + 2


async def test_a_value_that_is_too_old_is_let_go_though_nobody_asks_for_it_again() -> None:
    class Document:
        """What can be watched going."""

    clock = Clock()
    cache = BriefCache(clock)

    async def read() -> Document:
        return Document()

    first = weakref.ref(await cache.get("first", read))
    clock.now += SECONDS / 2
    second = weakref.ref(await cache.get("second", read))
    clock.now += SECONDS / 2
    await cache.get("third", read)
    assert (first() is None, second() is None) == (True, False)
