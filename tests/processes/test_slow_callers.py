"""Callers who trickle, stall or do not read: each wait for them ends, and only theirs."""

import time

import pytest

from tests.processes.conftest import Server, Starter, until
from tests.processes.wire import GOOD, Wire, get, named, post, slow_github

GRANTED = 1.0
"""What ``REQUEST_READ_TIMEOUT_SECONDS`` grants here."""
LENIENCE = 30.0
"""How much later a busy machine may notice."""
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LONG = b"Content-Length: 100000\r\n"

BODIES: dict[str, tuple[bytes, bytes]] = {
    "nothing": (post(LONG), b""),
    "bytes": (post(LONG), b" "),
    "chunks": (post(CHUNKED), b"1\r\n \r\n"),
    "the size of a chunk": (post(CHUNKED), b"0"),
    "an extension of a chunk": (post(CHUNKED, body=b"1;"), b"a"),
    "trailers": (post(CHUNKED, body=b"1\r\n \r\n0\r\n"), b"X-A: a\r\n"),
}
HEADS: dict[str, tuple[bytes, bytes]] = {
    "half a method": (b"GE", b""),
    "a path": (b"GET /", b"a"),
    "headers": (b"GET / HTTP/1.1\r\n", b"X-A: a\r\n"),
    "a header": (b"GET / HTTP/1.1\r\nX-A: ", b"a"),
    "all but the end": (GOOD[:-2], b""),
}
AFTER_AN_ANSWER: dict[str, tuple[bytes, bytes]] = {
    "blank lines": (GOOD, b"\r\n"),
    "a body that nobody reads": (get(b"/", LONG), b" "),
    "chunks that nobody reads": (get(b"/", CHUNKED), b"1\r\n \r\n"),
    "a body of 10 MB that was refused": (post(b"Content-Length: 10000000\r\n"), b" "),
}


class Stopwatch:
    """How long the server waited."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def is_fair(self) -> bool:
        """Whether it was what is granted."""
        return GRANTED * 0.9 <= time.monotonic() - self._started <= GRANTED + LENIENCE


@pytest.mark.parametrize(("start", "part"), BODIES.values(), ids=BODIES.keys())
def test_a_body_that_trickles_is_refused_and_the_connection_ends(
    hasty: Server, start: bytes, part: bytes
) -> None:
    with Wire(hasty) as wire:
        watch = Stopwatch()
        (answer,) = wire.send(start).trickle(part).answers()
    assert watch.is_fair()
    assert (answer.status, answer.error["code"]) == (400, "bad_request")
    assert answer.error["message"] == "The request body did not arrive in time."
    assert answer.headers["connection"] == "close"


def test_a_body_that_trickles_is_refused_under_plain_uvicorn_too(servers: Starter) -> None:
    with Wire(servers.start(REQUEST_READ_TIMEOUT_SECONDS="1")) as wire:
        watch = Stopwatch()
        (answer,) = wire.send(post(LONG)).trickle(b" ").answers()
    assert watch.is_fair()
    assert (answer.status, answer.error["code"]) == (400, "bad_request")


@pytest.mark.parametrize("first", [b"", GOOD], ids=["first", "second"])
@pytest.mark.parametrize(("start", "part"), HEADS.values(), ids=HEADS.keys())
def test_a_head_that_trickles_is_refused_and_the_connection_ends(
    hasty: Server, first: bytes, start: bytes, part: bytes
) -> None:
    with Wire(hasty) as wire:
        if first:
            assert wire.send(first).answer().status == 200
        watch = Stopwatch()
        (answer,) = wire.send(start).trickle(part).answers()
    assert watch.is_fair()
    assert answer.status == 400
    assert answer.body == b"The head of the request did not arrive in time."


@pytest.mark.parametrize("part", [b"", b"\r\n"], ids=["silence", "blank lines"])
def test_a_connection_without_a_request_ends(hasty: Server, part: bytes) -> None:
    with Wire(hasty) as wire:
        watch = Stopwatch()
        assert wire.trickle(part).answers() == []
    assert watch.is_fair()


@pytest.mark.parametrize(("start", "part"), AFTER_AN_ANSWER.values(), ids=AFTER_AN_ANSWER.keys())
def test_what_trickles_after_an_answer_ends_too(hasty: Server, start: bytes, part: bytes) -> None:
    with Wire(hasty) as wire:
        watch = Stopwatch()
        assert wire.send(start).answer().is_ours
        assert wire.trickle(part).answers() == []
    assert watch.is_fair()


def test_a_caller_who_takes_no_answer_loses_the_connection(hasty: Server) -> None:
    with Wire(hasty) as wire:
        watch = Stopwatch()
        wire.send(get(b"/openapi.json") * 200)
        until(lambda: wire.port in hasty.callers())
        until(lambda: wire.port not in hasty.callers(), GRANTED * 2 + LENIENCE)
    assert watch.is_fair()


def test_a_caller_who_takes_an_answer_slowly_gets_all_of_it(hasty: Server) -> None:
    amount = 200
    with Wire(hasty) as wire:
        wire.send(get(b"/openapi.json") * amount)
        for at in range(amount):
            if at % 25 == 0:
                # Together twice what is granted, and each far from it.
                rested = time.monotonic() + GRANTED / 4
                until(lambda: time.monotonic() >= rested)  # noqa: B023  called in this turn only
            assert wire.answer().status == 200


def test_who_waits_for_us_is_not_hurried(hasty: Server) -> None:
    path = "/api/connectors/github/items?containerId=repo:1296269&connectionId="
    request = get((path + hasty.connect()).encode())
    with slow_github(hasty, GRANTED * 1.5), Wire(hasty) as wire:
        watch = Stopwatch()
        assert wire.send(request).answer().status == 200
        assert watch.is_fair()
        assert wire.send(GOOD).answer().status == 200


def test_others_are_served_while_some_trickle(hasty: Server) -> None:
    with Wire(hasty) as slow, Wire(hasty) as good:
        slow.send(post(LONG, named("slow")))
        for _ in range(20):
            assert good.send(GOOD).answer().status == 200
        (answer,) = slow.trickle(b" ").answers()
    assert answer.error["requestId"] == "slow"
