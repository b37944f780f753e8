"""Runs over several parts: side by side, broken off and taken up again, and what goes wrong."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from src.connectors.syncing import PartPage, SyncPage, SyncQuery, over_parts
from src.core.errors import AppError, ProviderNotFound, RateLimited
from src.models.base import now
from src.models.record import RecordKind
from src.models.unified import Item

QUERY = SyncQuery(stream="things", started_at=datetime(2026, 1, 1, tzinfo=UTC))


class Provider:
    """Parts with so many pages of two records each; answers overtake each other."""

    def __init__(self, seed: int = 1, **parts: int) -> None:
        self.parts = parts
        self.chance = random.Random(seed)  # noqa: S311  order, not secrecy
        self.listed = 0
        self.reading = self.most = 0
        self.read_pages: list[tuple[str, int]] = []
        self.moments: dict[str, datetime] = {}
        """When each record was given."""
        self.trouble: dict[tuple[str, int], AppError] = {}

    async def list(self) -> list[str]:
        self.listed += 1
        return list(self.parts)

    async def read(self, part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        self.reading += 1
        self.most = max(self.most, self.reading)
        try:
            for number in range(int(token or 0), self.parts[part]):
                for _ in range(self.chance.randint(0, 4)):
                    await asyncio.sleep(0)
                if (part, number) in self.trouble:
                    raise self.trouble[part, number]
                self.read_pages.append((part, number))
                is_last = number + 1 == self.parts[part]
                moment = now()
                self.moments |= {record(part, number, half).id: moment for half in (0, 1)}
                yield PartPage(
                    records=[record(part, number, half) for half in (0, 1)],
                    next_token=None if is_last else str(number + 1),
                )
        finally:
            self.reading -= 1

    def run(self, query: SyncQuery = QUERY, at_once: int = 3) -> AsyncGenerator[SyncPage, None]:
        return over_parts(query, self.list, self.read, at_once=at_once)

    @property
    def ids(self) -> Counter[str]:
        return Counter(
            record(part, number, half).id
            for part, pages in self.parts.items()
            for number in range(pages)
            for half in (0, 1)
        )


def record(part: str, number: int, half: int) -> Item:
    name = f"{part}-{number}-{half}"
    return Item(id=name, type="thing", container_id=part, title=name)


def ids(pages: list[SyncPage]) -> Counter[str]:
    return Counter(one.id for page in pages for one in page.records)


async def all_of(run: AsyncGenerator[SyncPage, None]) -> list[SyncPage]:
    return [page async for page in run]


async def until_error(
    run: AsyncGenerator[SyncPage, None],
) -> tuple[list[SyncPage], AppError | None]:
    pages: list[SyncPage] = []
    try:
        async for page in run:
            pages.append(page)  # noqa: PERF401  what came before the error counts
    except AppError as error:
        return pages, error
    return pages, None


def left_of(query: SyncQuery, pages: list[SyncPage]) -> SyncQuery:
    for page in pages:
        query = replace(
            query,
            plan=query.plan if page.plan is None else page.plan,
            position=page.position or query.position,
        )
    return query


async def test_every_page_of_every_part_comes_once_and_in_its_order() -> None:
    provider = Provider(a=3, b=1, c=7, d=2, e=4)
    pages = await all_of(provider.run())
    assert ids(pages) == provider.ids
    for part in provider.parts:
        of_part = [one.id for page in pages if page.container_id == part for one in page.records]
        assert of_part == sorted(of_part)
    assert provider.most == 3


async def test_the_plan_is_told_once_and_before_anything_is_read() -> None:
    provider = Provider(a=2, b=2)
    first, *others = await all_of(provider.run())
    assert first.plan == ("a", "b")
    assert not first.records
    assert {page.plan for page in others} == {None}


async def test_named_containers_are_the_plan_and_nothing_is_listed() -> None:
    provider = Provider(a=2, b=2, c=2)
    pages = await all_of(provider.run(replace(QUERY, container_ids=("b",))))
    assert {page.container_id for page in pages[1:]} == {"b"}
    assert provider.listed == 0


@pytest.mark.parametrize("seed", range(20))
async def test_a_run_goes_on_behind_any_page_and_repeats_nothing(seed: int) -> None:
    """Broken off behind each page in turn: with the rest, all comes exactly once."""
    whole = await all_of(Provider(seed, a=4, b=1, c=6, d=3).run())
    for count in range(1, len(whole) + 1):
        provider = Provider(seed + count, a=4, b=1, c=6, d=3)
        rest = await all_of(provider.run(left_of(QUERY, whole[:count])))
        assert ids(whole[:count]) + ids(rest) == provider.ids
        assert provider.listed == 0


async def test_a_run_that_is_broken_off_again_and_again_comes_to_its_end() -> None:
    provider = Provider(a=5, b=5, c=5, d=1, e=1)
    query, got = QUERY, Counter[str]()
    for _ in range(100):
        taken: list[SyncPage] = []
        async with aclosing(provider.run(query)) as run:
            async for page in run:
                taken.append(page)
                if len(taken) == 2:
                    break
        got += ids(taken)
        query = left_of(query, taken)
        if not taken:
            break
    assert got == provider.ids


async def test_a_part_that_is_gone_is_told_and_the_others_are_read() -> None:
    provider = Provider(a=3, b=3, c=3)
    gone = ProviderNotFound("gone")
    provider.trouble = {("b", 1): gone}
    pages = await all_of(provider.run())
    told = [(page.container_id, one) for page in pages for one in page.unread]
    assert [(part, one.id, one.kind, one.error) for part, one in told] == [
        ("b", "b", RecordKind.CONTAINER, gone)
    ]
    assert ids(pages) == provider.ids - Counter(["b-1-0", "b-1-1", "b-2-0", "b-2-1"])


async def test_a_part_that_is_gone_is_not_asked_for_again() -> None:
    provider = Provider(a=3, b=3)
    provider.trouble = {("b", 0): ProviderNotFound("gone")}
    pages = await all_of(provider.run())
    after = next(index for index, page in enumerate(pages) if page.unread) + 1
    again = Provider(a=3, b=3)
    await all_of(again.run(left_of(QUERY, pages[:after])))
    assert "b" not in {part for part, _ in again.read_pages}


async def test_another_error_ends_the_run_behind_the_pages_before_it() -> None:
    provider = Provider(a=4, b=4, c=4)
    limit = RateLimited("slowly")
    provider.trouble = {("b", 2): limit}
    pages, error = await until_error(provider.run())
    assert error is limit
    assert {"b-0-0", "b-1-0"} <= set(ids(pages))
    assert provider.reading == 0
    provider.trouble = {}
    rest = await all_of(provider.run(left_of(QUERY, pages)))
    assert ids(pages) + ids(rest) == provider.ids


async def test_an_error_while_the_parts_are_listed_passes() -> None:
    async def parts() -> list[str]:
        raise RateLimited("slowly")

    with pytest.raises(RateLimited):
        await all_of(over_parts(QUERY, parts, Provider().read))


async def test_who_takes_no_pages_lets_only_a_few_be_read() -> None:
    provider = Provider(a=50, b=50, c=50, d=50)
    async with aclosing(provider.run(at_once=2)) as run:
        await anext(run)
        await anext(run)
        for _ in range(200):
            await asyncio.sleep(0)
        # One that was taken, two that wait, and one in each hand that finds no room.
        assert len(provider.read_pages) <= 5


async def test_who_stops_leaves_no_task_and_no_open_reader_behind() -> None:
    provider = Provider(a=50, b=50, c=50)
    others = asyncio.all_tasks()
    run = provider.run()
    for _ in range(4):
        await anext(run)
    await run.aclose()
    assert asyncio.all_tasks() == others
    assert provider.reading == 0


async def test_who_is_cancelled_leaves_no_task_and_no_open_reader_behind() -> None:
    provider = Provider(a=5, b=5)
    stuck = asyncio.Event()

    async def read(part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        async with aclosing(provider.read(part, token)) as pages:
            async for page in pages:
                yield page
                stuck.set()
                await asyncio.Event().wait()

    async def take() -> None:
        async with aclosing(over_parts(QUERY, provider.list, read)) as run:
            async for _ in run:
                pass

    others = asyncio.all_tasks()
    taking = asyncio.create_task(take())
    await stuck.wait()
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert asyncio.all_tasks() == others
    assert provider.reading == 0


async def test_a_run_without_parts_ends() -> None:
    (page,) = await all_of(Provider().run())
    assert page.plan == ()


async def test_each_page_was_asked_for_before_it_was_given_however_late_it_is_taken() -> None:
    provider = Provider(a=6, b=6, c=6)
    taken = 0
    async with aclosing(provider.run()) as run:
        async for page in run:
            for _ in range(50):
                # The parts are read on meanwhile.
                await asyncio.sleep(0)
            for one in page.records:
                assert page.asked_at is not None
                assert page.asked_at <= provider.moments[one.id]
                taken += 1
    assert taken == 36


async def test_what_a_page_says_of_its_time_holds() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    async def read(part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        number = int(token or 0)
        for each in range(number, 3):
            following = str(each + 1) if each < 2 else None
            yield PartPage(next_token=following, asked_at=moment + timedelta(seconds=each))

    pages = await all_of(over_parts(QUERY, Provider(a=1).list, read))
    assert [page.asked_at for page in pages[1:]] == [
        moment + timedelta(seconds=each) for each in range(3)
    ]
