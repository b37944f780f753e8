"""Reading ahead: whatever is deleted and added meanwhile, nothing that stays is lost."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.connectors.rest.ahead import Sheet, read_ahead
from src.core.errors import InvalidCursor, ProviderUnavailable, RateLimited

SIZE = 4


class Shelf:
    """A list of numbers in pages of four; ``meanwhile`` is called before each answer."""

    def __init__(self, rows: int, *, numbered: bool = True) -> None:
        self.rows = [str(number) for number in range(rows)]
        self.created = rows
        self.asked: list[str] = []
        self.under_way = self.most = 0
        self.numbered = numbered
        self.meanwhile: Callable[[], object] = lambda: None
        self.chance = random.Random(7)  # noqa: S311  order, not secrecy

    async def read(self, number: int) -> Sheet[str]:
        return await self._answer(f"read {number}", number)

    async def look(self, number: int) -> Sheet[str]:
        return await self._answer(f"look {number}", number)

    async def follow(self, token: str) -> Sheet[str]:
        return await self._answer(f"follow {token}", int(token))

    async def _answer(self, what: str, number: int) -> Sheet[str]:
        self.asked.append(what)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(self.chance.randint(0, 5)):
            # Answers overtake each other.
            await asyncio.sleep(0)
        self.meanwhile()
        self.under_way -= 1
        rows = self.rows[(number - 1) * SIZE : number * SIZE]
        last = max(1, -(-len(self.rows) // SIZE))
        return Sheet(
            items=[] if what.startswith("look") else rows,
            ids=rows,
            following=str(number + 1) if number < last else None,
            last=last if self.numbered and number < last else None,
            asked_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
        )

    def delete(self, index: int) -> None:
        if self.rows:
            del self.rows[index % len(self.rows)]

    def add(self) -> None:
        self.rows.append(str(self.created))
        self.created += 1


async def collected(shelf: Shelf, token: str | None = None, *, at_once: int = 4) -> set[str]:
    return {row async for page in read_ahead(shelf, token, at_once=at_once) for row in page.items}


@pytest.mark.parametrize("rows", [0, 1, 4, 5, 8, 9, 37, 64, 65])
@pytest.mark.parametrize("at_once", [1, 2, 4, 8])
async def test_a_list_that_rests_comes_whole_in_order_and_once(rows: int, at_once: int) -> None:
    shelf = Shelf(rows)
    given = [row async for page in read_ahead(shelf, None, at_once=at_once) for row in page.items]
    assert given == shelf.rows
    reads = [one for one in shelf.asked if one.startswith("read")]
    assert len(reads) == len(set(reads)) == max(1, -(-rows // SIZE))
    assert shelf.most <= at_once


async def test_several_pages_are_read_at_once_and_looks_are_few() -> None:
    shelf = Shelf(SIZE * 100)
    await collected(shelf, at_once=8)
    assert shelf.most == 8
    assert len([one for one in shelf.asked if one.startswith("look")]) <= 100 // 7 + 2


async def test_one_page_takes_one_request() -> None:
    shelf = Shelf(3)
    await collected(shelf)
    assert shelf.asked == ["read 1"]


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 90), st.integers(1, 8), st.integers(0, 8), st.integers(0, 10_000))
async def test_what_stays_is_never_lost(rows: int, at_once: int, haste: int, seed: int) -> None:
    """Deletions, and a few additions, before any of the answers, which come in any order."""
    shelf = Shelf(rows)
    chance = shelf.chance = random.Random(seed)  # noqa: S311  order, not secrecy
    before = set(shelf.rows)
    left = rows // 2

    def meanwhile() -> None:
        nonlocal left
        if left > 0 and chance.randint(0, 20) < haste:
            left -= 1
            shelf.add() if chance.randint(0, 4) == 0 else shelf.delete(chance.randint(0, rows))

    shelf.meanwhile = meanwhile
    try:
        given = await collected(shelf, at_once=at_once)
    except ProviderUnavailable:
        # Half of a list went while it was read: it is said, not hidden.
        return
    assert before & set(shelf.rows) <= given


@settings(max_examples=400, deadline=None)
@given(
    st.integers(1, 90),
    st.integers(1, 8),
    st.integers(0, 30),
    st.integers(0, 60),
    st.integers(0, 10_000),
)
async def test_what_stays_is_never_lost_to_who_goes_on_later(
    rows: int, at_once: int, stop: int, gone: int, seed: int
) -> None:
    """Broken off behind any page, with deletions before it goes on."""
    shelf = Shelf(rows)
    chance = random.Random(seed)  # noqa: S311  order, not secrecy
    before = set(shelf.rows)
    given: set[str] = set()
    token = None
    pages = read_ahead(shelf, None, at_once=at_once)
    async for page in pages:
        given |= set(page.items)
        token = page.next_token
        stop -= 1
        if stop < 0 or token is None:
            break
    await pages.aclose()
    for _ in range(min(gone, rows)):
        shelf.delete(chance.randint(0, rows))
    if token is not None:
        given |= await collected(shelf, token, at_once=at_once)
    assert before & set(shelf.rows) <= given


async def test_a_run_that_goes_on_does_not_read_everything_again() -> None:
    shelf = Shelf(SIZE * 60)
    tokens = [page.next_token async for page in read_ahead(shelf, None, at_once=4)]
    shelf.asked.clear()
    await collected(shelf, tokens[50])
    assert "read 1" not in shelf.asked
    assert len(shelf.asked) <= 25


async def test_a_list_without_numbers_is_read_page_by_page_and_goes_on_there() -> None:
    shelf = Shelf(SIZE * 6, numbered=False)
    pages = [page async for page in read_ahead(shelf, None)]
    assert [row for page in pages for row in page.items] == shelf.rows
    assert shelf.most == 1
    shelf.asked.clear()
    assert await collected(shelf, pages[3].next_token) == set(shelf.rows[SIZE * 4 :])
    assert shelf.asked == ["follow 5", "follow 6"]


async def test_a_list_that_never_rests_is_an_outage() -> None:
    shelf = Shelf(SIZE * 3_000)
    shelf.meanwhile = lambda: shelf.delete(0)
    with pytest.raises(ProviderUnavailable):
        await collected(shelf)


async def test_a_list_that_is_emptied_ends() -> None:
    shelf = Shelf(SIZE * 20)
    calls = iter(range(10_000))
    shelf.meanwhile = lambda: shelf.rows.clear() if next(calls) == 7 else None
    await collected(shelf)


async def test_an_error_passes_and_nothing_is_left_behind() -> None:
    shelf = Shelf(SIZE * 40)
    calls = iter(range(10_000))

    def limit() -> None:
        if next(calls) == 20:
            raise RateLimited("slowly")

    shelf.meanwhile = limit
    others = asyncio.all_tasks()
    given: list[str] = []

    async def take() -> None:
        async for page in read_ahead(shelf, None, at_once=4):
            given.extend(page.items)

    with pytest.raises(RateLimited):
        await take()
    assert len(given) >= 10 * SIZE
    assert asyncio.all_tasks() == others


async def test_who_stops_leaves_no_task_behind() -> None:
    others = asyncio.all_tasks()
    pages = read_ahead(Shelf(SIZE * 40), None)
    for _ in range(5):
        await anext(pages)
    await pages.aclose()
    assert asyncio.all_tasks() == others


async def test_a_token_of_another_form_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        await collected(Shelf(9), "nonsense")


@pytest.mark.parametrize("numbered", [True, False])
async def test_each_page_tells_when_it_was_asked_for(numbered: bool) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    pages = [page async for page in read_ahead(Shelf(SIZE * 9, numbered=numbered), None)]
    numbers = [int(page.items[0]) // SIZE + 1 for page in pages if page.items]
    told = [page.asked_at for page in pages if page.items]
    assert told == [begin + timedelta(seconds=number) for number in numbers]
    assert len(told) == 9
