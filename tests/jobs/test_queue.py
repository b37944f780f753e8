"""The queue of a process that serves: where hints are worked on, and how it ends."""

import asyncio
from contextvars import ContextVar
from typing import Any

import pytest
from structlog.testing import capture_logs

from src.core.config import Settings
from src.jobs.queue import InProcess, ToWorkers, open_queue
from src.jobs.tasks import task_in_memory
from src.services.queue import Hint, Work
from tests.processes.conftest import free_port

HINT = Hint(Work.SLICE, "acme", "job_0123456789abcdef01234567", is_called=True)
of_the_sender: ContextVar[str] = ContextVar("of_the_sender", default="nothing")


def test_the_setting_says_where_jobs_are_done() -> None:
    assert open_queue(Settings(_env_file=None)).works
    assert not open_queue(Settings(_env_file=None, jobs_broker_url="redis://localhost/0")).works


async def test_a_hint_is_carried_out_here_and_apart_from_who_sends_it() -> None:
    """Or work that is sent from within a transaction would become a part of it."""
    done: asyncio.Queue[tuple[Hint, str]] = asyncio.Queue()

    async def do(hint: Hint) -> None:
        done.put_nowait((hint, of_the_sender.get()))

    queue = InProcess()
    queue.serve(do)
    of_the_sender.set("a transaction")
    await queue.send(HINT)
    async with asyncio.timeout(60):
        assert await done.get() == (HINT, "nothing")
    assert await queue.state() == "in_process"
    await queue.close(5)


async def test_nothing_is_sent_before_the_beginning_and_after_the_end() -> None:
    done: list[Hint] = []

    async def do(hint: Hint) -> None:
        done.append(hint)

    queue = InProcess()
    await queue.send(HINT)
    queue.serve(do)
    await queue.close(5)
    await queue.send(HINT)
    assert done == []


@pytest.mark.parametrize(("patience", "ended"), [(60.0, "handed over"), (0.0, "cut off")])
async def test_an_end_waits_for_those_who_hand_over_and_not_for_ever(
    patience: float, ended: str
) -> None:
    begun, stopping = asyncio.Event(), asyncio.Event()
    ends: list[str] = []

    async def do(_: Hint) -> None:
        begun.set()
        try:
            await stopping.wait()
            # Handing over takes a few turns.
            for _ in range(5):
                await asyncio.sleep(0)
            ends.append("handed over")
        except asyncio.CancelledError:
            ends.append("cut off")
            raise

    queue = InProcess()
    queue.serve(do)
    await queue.send(HINT)
    async with asyncio.timeout(60):
        await begun.wait()
    if patience:
        stopping.set()
    await queue.close(patience)
    assert ends == [ended]


@pytest.mark.parametrize(
    "message",
    [
        ("slice", {"$ne": ""}, HINT.id, True),
        ("slice", ["acme"], HINT.id, True),
        ("slice", "acme\n", HINT.id, True),
        ("slice", "", HINT.id, True),
        ("slice", "acme", {"$ne": ""}, True),
        ("slice", "acme", "whk_0123456789abcdef01234567", True),
        ("delivery", "acme", HINT.id, True),
        ("event", "acme", "evt_0123456789abcdef01234567", True),
        ("payroll", "acme", HINT.id, True),
        (None, "acme", HINT.id, True),
        (["slice"], "acme", HINT.id, True),
    ],
)
async def test_a_message_that_is_no_hint_of_ours_reaches_no_service(
    message: tuple[Any, Any, Any, Any],
) -> None:
    """Whoever can write to the broker must not get a filter into where a tenant belongs."""
    done: asyncio.Queue[Hint] = asyncio.Queue()
    task = task_in_memory(done.put)
    with capture_logs() as logs:
        await (await task.kiq(*message)).wait_result(check_interval=0.01)
    assert done.empty()
    assert [entry["event"] for entry in logs] == ["hint.dropped"]
    await (await task.kiq("slice", "acme", HINT.id, True)).wait_result(check_interval=0.01)
    assert done.get_nowait() == HINT
    await task.broker.shutdown()


async def test_a_broker_that_hangs_holds_nobody_up() -> None:
    """Packets are dropped on the way: nothing is refused, and nothing is answered."""
    visits: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: visits.append(writer), "127.0.0.1")
    host, port = server.sockets[0].getsockname()
    queue = ToWorkers(f"redis://{host}:{port}/0", "connectors")
    with capture_logs() as logs:
        # The engine is imported with the first hint, which takes as long as it takes.
        await queue.state()
        before = len(visits)
        async with asyncio.timeout(60):
            for _ in range(100):
                await queue.send(HINT)
    assert [entry["event"] for entry in logs] == ["broker.missed"]
    # After the first it is left alone.
    assert len(visits) == before + 1
    async with asyncio.timeout(60):
        assert "in time" in await queue.state()
    await queue.close(5)
    server.close()
    for writer in visits:
        writer.close()
        await writer.wait_closed()


async def test_a_broker_that_hangs_is_left_alone_however_little_patience_callers_have() -> None:
    """Each provider that delivers would wait anew otherwise."""
    server = await asyncio.start_server(lambda _, writer: visits.append(writer), "127.0.0.1")
    visits: list[asyncio.StreamWriter] = []
    host, port = server.sockets[0].getsockname()
    queue = ToWorkers(f"redis://{host}:{port}/0", "connectors")
    await queue.state()
    with capture_logs() as logs:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await queue.send(HINT)
        async with asyncio.timeout(60):
            while not logs:  # noqa: ASYNC110  nobody else can tell
                await asyncio.sleep(0.01)
        before = len(visits)
        await queue.send(HINT)
        assert len(visits) == before
    assert [entry["event"] for entry in logs] == ["broker.missed"]
    await queue.close(5)
    server.close()
    for writer in visits:
        writer.close()
        await writer.wait_closed()


async def test_a_broker_that_is_away_raises_nothing_and_is_told_once_in_a_while() -> None:
    url = f"redis://somebody:hidden-word@127.0.0.1:{free_port()}/0"
    queue = ToWorkers(url, "connectors")
    with capture_logs() as logs:
        for _ in range(3):
            await queue.send(HINT)
    assert [entry["event"] for entry in logs] == ["broker.missed"]
    state = await queue.state()
    assert "cannot be reached" in state
    assert "hidden-word" not in state + str(logs)
    await queue.close(5)
