"""What a process does of what hints say, and what it leaves to the sweep."""

import asyncio
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from src.core.config import Settings
from src.core.errors import ServiceUnavailable
from src.jobs.processes import places
from src.jobs.stream import AT_A_TIME
from src.services.queue import Hint, Work
from src.services.workshop import Lane, Workshop, lanes, most_in_hand


def slice_of(job_id: str, *, is_called: bool = False) -> Hint:
    return Hint(Work.SLICE, "acme", job_id, is_called)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  nobody else can tell
            await asyncio.sleep(0)


class Bureau:
    """Work that goes on until it is let go, and what was counted of it."""

    def __init__(self, lane: Lane) -> None:
        self.begun: list[str] = []
        self.called: list[Work] = []
        self.counted: list[tuple[str, str]] = []
        self.working = 0
        self.failure: Exception | None = None
        self._gates: dict[str, asyncio.Event] = {}
        self.shop = Workshop(
            {Work.SLICE: self._work}, {Work.SLICE: lane}, call=self.call, observer=self
        )

    def begin(self, hint: Hint) -> asyncio.Task[None]:
        return asyncio.create_task(self.shop.do(hint))

    def let_go(self, job_id: str) -> None:
        self._gates.pop(job_id).set()

    async def _work(self, tenant_id: str, job_id: str) -> str:
        assert tenant_id == "acme"
        self.begun.append(job_id)
        if self.failure is not None:
            raise self.failure
        await self._gates.setdefault(job_id, asyncio.Event()).wait()
        return "over"

    async def call(self, work: Work) -> None:
        self.called.append(work)

    def count_work(self, work: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.counted.append((work, outcome))

    def set_working(self, work: str, count: int) -> None:
        assert work == "slice"
        self.working = count


class Uncounted:
    """Counts nothing."""

    def count_work(self, work: str, outcome: str, seconds: float) -> None:
        pass

    def set_working(self, work: str, count: int) -> None:
        pass


async def test_a_hint_that_comes_twice_is_worked_on_once_at_a_time_and_looked_at_again() -> None:
    bureau = Bureau(Lane(4))
    first = bureau.begin(slice_of("a"))
    await until(lambda: bureau.begun == ["a"])
    await bureau.shop.do(slice_of("a"))
    await bureau.shop.do(slice_of("a"))
    assert bureau.begun == ["a"]
    bureau.let_go("a")
    await until(lambda: bureau.begun == ["a", "a"])
    bureau.let_go("a")
    await first
    assert bureau.begun == ["a", "a"]
    assert bureau.counted == [("slice", "over")] * 2


async def test_where_there_is_no_room_those_who_wait_are_called_before_it_goes_on() -> None:
    """The job that has just been worked on does not keep its place."""
    bureau = Bureau(Lane(1))
    first = bureau.begin(slice_of("a"))
    await until(lambda: bureau.begun == ["a"])
    await bureau.shop.do(slice_of("b"))
    # The job hands itself on, as a slice does at its end.
    await bureau.shop.do(slice_of("a"))
    assert bureau.working == 1
    bureau.let_go("a")
    await first
    assert bureau.called == [Work.SLICE]
    assert bureau.begun == ["a"]
    second = bureau.begin(slice_of("b", is_called=True))
    await until(lambda: bureau.begun == ["a", "b"])
    bureau.let_go("b")
    await second
    assert bureau.called == [Work.SLICE]


async def test_what_may_wait_waits_for_room() -> None:
    bureau = Bureau(Lane(1, most_waiting=1))
    tasks = [bureau.begin(slice_of(job_id)) for job_id in ("a", "b", "c")]
    await until(lambda: bureau.begun == ["a"])
    await tasks[2]
    bureau.let_go("a")
    await until(lambda: bureau.begun == ["a", "b"])
    bureau.let_go("b")
    await asyncio.gather(*tasks)
    assert bureau.begun == ["a", "b"]


async def test_no_kind_of_work_takes_the_places_of_the_others() -> None:
    """However many hints of a slow kind come, a process has places left to read the others."""
    settings = Settings(_env_file=None)
    let_go = asyncio.Event()

    async def wait(_tenant_id: str, _id: str) -> None:
        await let_go.wait()

    bureau = Bureau(Lane(1))
    shop = Workshop(
        dict.fromkeys(Work, wait), lanes(settings), call=bureau.call, observer=Uncounted()
    )
    held: set[asyncio.Task[None]] = set()
    for work in Work:
        hints = [Hint(work, "acme", f"{work}{at}") for at in range(places(settings))]
        held |= {asyncio.create_task(shop.do(hint)) for hint in hints}
    await until(lambda: len([one for one in held if one.done()]) >= places(settings))
    for _ in range(5):
        await asyncio.sleep(0)
    waiting = [one for one in held if not one.done()]
    assert len(waiting) == most_in_hand(settings)
    assert len(waiting) + AT_A_TIME <= places(settings)
    let_go.set()
    await asyncio.gather(*held)


async def test_a_process_that_ends_begins_nothing_more() -> None:
    bureau = Bureau(Lane(1, most_waiting=5))
    tasks = [bureau.begin(slice_of(job_id)) for job_id in ("a", "b")]
    await until(lambda: bureau.begun == ["a"])
    bureau.shop.stopping.set()
    bureau.let_go("a")
    await asyncio.gather(*tasks)
    await bureau.shop.do(slice_of("c"))
    assert bureau.begun == ["a"]


@pytest.mark.parametrize(
    ("failure", "event"),
    [(ServiceUnavailable("away"), "hint.missed"), (RuntimeError("a bug"), "hint.failed")],
)
async def test_work_that_fails_ends_nothing_and_gives_its_room_back(
    failure: Exception, event: str
) -> None:
    bureau = Bureau(Lane(1))
    bureau.failure = failure
    with capture_logs() as logs:
        await bureau.shop.do(slice_of("a"))
    assert [entry["event"] for entry in logs] == [event]
    assert bureau.counted == [("slice", "failed")]
    bureau.failure = None
    again = bureau.begin(slice_of("b"))
    await until(lambda: bureau.begun == ["a", "b"])
    bureau.let_go("b")
    await again
    assert bureau.working == 0
