"""Several reads side by side."""

import asyncio
from functools import partial

import pytest

from src.connectors.rest.together import together


async def test_answers_come_in_the_order_of_the_calls_and_not_of_their_ends() -> None:
    gates = [asyncio.Event() for _ in range(3)]

    async def read(number: int) -> int:
        if number < 2:
            await gates[number + 1].wait()
        gates[number].set()
        return number

    assert await together([partial(read, n) for n in range(3)], at_once=3) == [0, 1, 2]


@pytest.mark.parametrize("at_once", [1, 4, 100])
async def test_never_more_than_allowed_are_under_way(at_once: int) -> None:
    under_way, most = 0, 0

    async def read(number: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return number

    assert await together([partial(read, n) for n in range(10)], at_once=at_once) == [*range(10)]
    assert most == min(at_once, 10)


async def test_nothing_to_read_is_nothing() -> None:
    assert await together([], at_once=4) == []


async def test_the_first_error_ends_the_others_and_begins_no_more() -> None:
    began: list[int] = []
    ended: list[int] = []

    async def read(number: int) -> int:
        began.append(number)
        try:
            if number == 1:
                raise LookupError("gone")
            await asyncio.Event().wait()
        finally:
            ended.append(number)
        return number

    with pytest.raises(LookupError, match="gone"):
        await together([partial(read, n) for n in range(5)], at_once=2)
    assert began == [0, 1]
    assert sorted(ended) == [0, 1]


async def test_a_caller_who_goes_away_leaves_nothing_running() -> None:
    began = asyncio.Event()
    ended: list[int] = []

    async def read(number: int) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    task = asyncio.ensure_future(together([partial(read, n) for n in range(3)], at_once=3))
    await began.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(ended) == [0, 1, 2]
