"""What goes on beside the requests goes on, whatever happens to it."""

import asyncio
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from src.core.errors import ServiceUnavailable
from src.services.ticking import Ticker

AWAY = ServiceUnavailable("away")


class Work:
    """Fails as it is told to, one way after the other, and then goes well."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.done = 0

    async def __call__(self) -> None:
        self.done += 1
        if self.failures:
            raise self.failures.pop(0)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  nobody else can tell
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    "failure", [AWAY, ExceptionGroup("several", [AWAY, AWAY]), RuntimeError("a bug")]
)
async def test_work_that_fails_is_done_again(failure: Exception) -> None:
    work = Work(failure)
    ticker = Ticker("work", work, 0.0)
    ticker.start()
    await until(lambda: work.done > 2)
    await ticker.stop()


async def test_an_outage_is_told_once_and_a_bug_each_time() -> None:
    bug = RuntimeError("a bug")
    work = Work(AWAY, AWAY, ExceptionGroup("several", [AWAY]), bug, bug)
    ticker = Ticker("work", work, 0.0)
    with capture_logs() as events:
        ticker.start()
        await until(lambda: work.done > 5)
        await ticker.stop()
    assert [event["event"] for event in events] == ["work.missed", "work.failed", "work.failed"]


async def test_an_outage_after_a_success_is_told_again() -> None:
    work = Work(AWAY)
    ticker = Ticker("work", work, 0.0)
    with capture_logs() as events:
        ticker.start()
        await until(lambda: work.done > 1)
        work.failures.append(AWAY)
        await until(lambda: not work.failures)
        await ticker.stop()
    assert [event["event"] for event in events] == ["work.missed", "work.missed"]


@pytest.mark.parametrize(("finishes", "done"), [(True, 1), (False, 0)])
async def test_only_what_must_be_finished_is_done_at_the_end(finishes: bool, done: int) -> None:
    work = Work()
    ticker = Ticker("work", work, 3600.0, finishes=finishes)
    ticker.start()
    await ticker.stop()
    assert work.done == done
