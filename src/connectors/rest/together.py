"""Single reads side by side, for providers whose lists give nothing but ids."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

R = TypeVar("R")


async def together(calls: Sequence[Callable[[], Awaitable[R]]], *, at_once: int) -> list[R]:
    """What the calls answer, in their order; the first error ends those that are not done.

    Args:
        calls: Each one read.
        at_once: How many may be under way at a time; providers refuse a user's crowd of requests.
    """
    answers: dict[int, R] = {}
    waiting = iter(enumerate(calls))

    async def work() -> None:
        for index, call in waiting:
            answers[index] = await call()

    tasks = [asyncio.ensure_future(work()) for _ in range(min(at_once, len(calls)))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [answers[index] for index in range(len(calls))]
