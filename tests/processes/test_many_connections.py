"""Hundreds of connections that do nothing: others are served as if they were not there."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from statistics import median

from tests.processes.conftest import Server, until
from tests.processes.wire import GOOD, Wire, get, post

IDLE = 600
STALLED = 200
LONG = b"Content-Length: 1000000\r\n"
PROMPT = 0.5
"""The middle of twenty answers; one that has to wait for anybody's time limit takes seconds."""
MOST_KILOBYTES = 25
"""For one connection; uvicorn's objects and the parser take about seven."""


@contextmanager
def connected(server: Server, starts: Iterator[bytes], number: int) -> Iterator[list[Wire]]:
    """Callers who have sent the start of something."""
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire(server)) for _ in range(number)]
        for wire, start in zip(wires, starts, strict=False):
            wire.send(start)
        yield wires


def are_known(server: Server, wires: list[Wire]) -> bool:
    """Whether the server has taken all connections."""
    return {wire.port for wire in wires} <= server.callers()


def served_promptly(server: Server) -> bool:
    """Whether new callers get their answers at once."""
    seconds = []
    for _ in range(20):
        started = time.monotonic()
        with Wire(server) as wire:
            assert wire.send(get(b"/api/connectors")).answer().status == 200
        seconds.append(time.monotonic() - started)
    return median(seconds) < PROMPT


def test_idle_connections_are_in_nobodys_way(server: Server) -> None:
    before = server.megabytes()
    with connected(server, cycle([b""]), IDLE) as wires:
        until(lambda: are_known(server, wires))
        assert served_promptly(server)
        assert server.megabytes() - before < IDLE * MOST_KILOBYTES / 1024
        assert all(wire.send(GOOD).answer().status == 200 for wire in wires)


def test_stalled_requests_are_in_nobodys_way(server: Server) -> None:
    before = server.megabytes()
    starts = [b"GET /api HT", GOOD[:-2], post(LONG), post(LONG, body=b" " * 50_000)]
    with connected(server, cycle(starts), STALLED) as wires:
        until(lambda: are_known(server, wires))
        assert served_promptly(server)
        # What they have sent may be kept, and nothing of what they have announced.
        assert server.megabytes() - before < STALLED * (MOST_KILOBYTES + 50) / 1024


def test_all_that_stall_are_let_go(hasty: Server) -> None:
    starts = [b"", b"GET /api HT", GOOD[:-2], post(LONG), post(LONG, body=b" " * 50_000)]
    with connected(hasty, cycle(starts), STALLED):
        assert served_promptly(hasty)
        until(lambda: hasty.callers() == set())


def test_heads_without_end_take_no_memory(server: Server) -> None:
    before = server.megabytes()
    for _ in range(10):
        with Wire(server) as wire:
            (answer,) = wire.send(GOOD[:-2] + b"X-A: ").trickle(b"a" * 4_000_000).answers()
        assert answer.status == 400
    assert server.megabytes() - before < 20
