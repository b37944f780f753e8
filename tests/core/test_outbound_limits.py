"""No answer may take for ever, or all of our memory."""

import asyncio
import gzip
import tracemalloc
from collections.abc import Iterator

import pytest

from src.core.outbound import AnswerTooLarge, Outbound, Request, Response, TimedOut, Unreachable
from tests.core.conftest import Serve
from tests.core.servers import Answer, dripping, plain, raw, silent

MEGABYTE = 1024 * 1024
GZIP = ("Content-Encoding: gzip",)


async def get(
    outbound: Outbound, url: str, *, deadline: float = 30, max_bytes: int = 100
) -> Response:
    return await outbound.send(
        Request("GET", url), operator_address=True, deadline=deadline, max_bytes=max_bytes
    )


def chunked(body: bytes) -> Answer:
    text = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
    return raw(text % (len(body), body))


@pytest.mark.parametrize("of", [plain, chunked], ids=["with a length", "chunked"])
async def test_an_answer_of_exactly_the_limit_is_read(
    serve: Serve, outbound: Outbound, of: type[Answer]
) -> None:
    server = await serve(of(b"x" * 100))
    assert len((await get(outbound, server.url)).content) == 100


@pytest.mark.parametrize("of", [plain, chunked], ids=["with a length", "chunked"])
async def test_an_answer_over_the_limit_is_refused(
    serve: Serve, outbound: Outbound, of: type[Answer]
) -> None:
    server = await serve(of(b"x" * 101))
    with pytest.raises(AnswerTooLarge, match="over 100 bytes"):
        await get(outbound, server.url)


async def test_an_answer_without_end_is_cut_off_and_its_connection_closed(
    serve: Serve, outbound: Outbound
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
    server = await serve(dripping(head, b"x" * 60))
    with pytest.raises(AnswerTooLarge):
        await get(outbound, server.url)
    await asyncio.wait_for(server.left.wait(), 60)


async def test_a_packed_answer_is_measured_unpacked(serve: Serve, outbound: Outbound) -> None:
    fits = await serve(plain(gzip.compress(b"x" * 100), headers=GZIP))
    assert len((await get(outbound, fits.url)).content) == 100
    over = await serve(plain(gzip.compress(b"x" * 101), headers=GZIP))
    with pytest.raises(AnswerTooLarge):
        await get(outbound, over.url)


@pytest.fixture
def memory() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


async def test_a_packed_bomb_does_not_go_off(
    serve: Serve, outbound: Outbound, memory: None
) -> None:
    server = await serve(plain(gzip.compress(bytes(50 * MEGABYTE)), headers=GZIP))
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    with pytest.raises(AnswerTooLarge):
        await get(outbound, server.url, max_bytes=MEGABYTE)
    assert tracemalloc.get_traced_memory()[1] - before < 4 * MEGABYTE


async def test_a_bomb_that_is_packed_twice_does_not_go_off(
    serve: Serve, outbound: Outbound, memory: None
) -> None:
    bomb = gzip.compress(gzip.compress(bytes(50 * MEGABYTE)))
    server = await serve(plain(bomb, headers=("Content-Encoding: gzip, gzip",)))
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    with pytest.raises(Unreachable):
        await get(outbound, server.url, max_bytes=MEGABYTE)
    assert tracemalloc.get_traced_memory()[1] - before < 4 * MEGABYTE


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(silent, id="never answers"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), id="drips its head"),
        pytest.param(
            dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"), id="drips its body"
        ),
    ],
)
async def test_the_deadline_holds_for_the_whole_answer(
    serve: Serve, outbound: Outbound, answer: Answer
) -> None:
    server = await serve(answer)
    with pytest.raises(TimedOut):
        await get(outbound, server.url, deadline=0.05)
    await asyncio.wait_for(server.left.wait(), 60)


async def test_the_deadline_of_one_call_does_not_touch_another(
    serve: Serve, outbound: Outbound
) -> None:
    slow, quick = await serve(silent), await serve(plain())
    late, answer = await asyncio.gather(
        get(outbound, slow.url, deadline=0.05),
        get(outbound, quick.url),
        return_exceptions=True,
    )
    assert isinstance(late, TimedOut)
    assert isinstance(answer, Response)


async def test_a_call_that_is_given_up_closes_its_connection(
    serve: Serve, outbound: Outbound
) -> None:
    server = await serve(silent)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(get(outbound, server.url), 0.05)
    await asyncio.wait_for(server.left.wait(), 60)
