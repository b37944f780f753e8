"""The limit of request bodies in size and time, whoever serves and whoever reads."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from src.api.body_limit import BodyLimit
from src.api.errors import error_response
from src.core.errors import AppError, BadRequest, PayloadTooLarge
from src.core.middleware import ASGIApp, Message, Receive, Scope, Send
from tests.api.answers import error_of
from tests.conftest import StartService

MOST_BYTES = 10
PART: Message = {"type": "http.request", "body": b"123456", "more_body": True}
LAST: Message = {"type": "http.request", "body": b"", "more_body": False}
GONE: Message = {"type": "http.disconnect"}
LONG = (b"content-length", b"9")
CHUNKED = (b"transfer-encoding", b"chunked")


async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer when the body is whole."""
    while (await receive()).get("more_body"):
        pass
    await PlainTextResponse("read")(scope, receive, send)


async def answer_all(scope: Scope, receive: Receive, send: Send) -> None:
    """Make an answer of one's own of whatever happens."""
    try:
        await read_all(scope, receive, send)
    except AppError:
        await PlainTextResponse("oops", 500)(scope, receive, send)


async def answer_first(scope: Scope, receive: Receive, send: Send) -> None:
    """Begin the answer, then read."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await read_all(scope, receive, send)


async def serve(
    app: ASGIApp, parts: list[Message], *headers: tuple[bytes, bytes], version: str = "1.1"
) -> list[Message]:
    """What a server is given to send, when these parts come in and then nothing more."""
    sent: list[Message] = []

    async def receive() -> Message:
        if not parts:
            await asyncio.Event().wait()
        return parts.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    limit = BodyLimit(app, most_bytes=MOST_BYTES, most_seconds=0.01, error_response=error_response)
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": version,
        "method": "POST",
        "path": "/",
        "headers": list(headers),
    }
    await limit(scope, receive, send)
    return sent


@pytest.mark.parametrize("kind", ["http", "lifespan"])
async def test_a_request_without_a_body_passes_untouched(kind: str) -> None:
    seen: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend((receive, send))

    async def receive() -> Message:
        return LAST

    async def send(message: Message) -> None:
        """Nobody sends."""

    limit = BodyLimit(app, most_bytes=MOST_BYTES, most_seconds=1, error_response=error_response)
    for headers in ([], [(b"content-length", b"0")]):
        scope = {"type": kind, "http_version": "1.1", "headers": headers}
        await limit(scope, receive, send)
    assert seen == [receive, send] * 2


@pytest.mark.parametrize("app", [read_all, answer_all])
@pytest.mark.parametrize(
    ("parts", "header", "status", "code"),
    [
        ([], LONG, 400, b"bad_request"),
        ([PART], CHUNKED, 400, b"bad_request"),
        ([PART, GONE], LONG, 400, b"bad_request"),
        ([PART, PART], CHUNKED, 413, b"payload_too_large"),
        ([], (b"content-length", b"11"), 413, b"payload_too_large"),
        ([PART, PART], (b"content-length", b"9" * 5000), 413, b"payload_too_large"),
        ([PART, PART], (b"content-length", b"five"), 413, b"payload_too_large"),
    ],
    ids=["nothing", "a part", "gone", "too much", "announced", "digits", "no number"],
)
async def test_the_layer_answers_for_whoever_reads(
    app: ASGIApp, parts: list[Message], header: tuple[bytes, bytes], status: int, code: bytes
) -> None:
    start, body = await serve(app, list(parts), header)
    assert start["status"] == status
    assert code in body["body"]


@pytest.mark.parametrize("app", [read_all, answer_all])
async def test_a_body_within_the_limits_is_read(app: ASGIApp) -> None:
    start, body = await serve(app, [PART, LAST], CHUNKED)
    assert (start["status"], body["body"]) == (200, b"read")


@pytest.mark.parametrize(("version", "is_told"), [("1.0", True), ("1.1", True), ("2", False)])
async def test_a_late_body_ends_the_connection_where_http_knows_one(
    version: str, is_told: bool
) -> None:
    start, _ = await serve(read_all, [PART], CHUNKED, version=version)
    assert start["status"] == 400
    assert ((b"connection", b"close") in start["headers"]) is is_told


async def test_http_2_tells_of_a_body_by_sending_it() -> None:
    start, _ = await serve(read_all, [PART, PART], version="2")
    assert start["status"] == 413


@pytest.mark.parametrize(
    ("parts", "refusal"), [([PART], BadRequest), ([PART, PART], PayloadTooLarge)]
)
async def test_an_answer_that_has_begun_is_not_answered_again(
    parts: list[Message], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await serve(answer_first, list(parts), CHUNKED)


async def test_a_failure_of_the_reader_stays_its_own() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await serve(broken, [PART, LAST], CHUNKED)


async def test_after_the_body_a_reader_may_wait_for_the_caller_to_hang_up() -> None:
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend([await receive(), await receive()])

    await serve(app, [LAST, GONE], CHUNKED)
    assert seen == [LAST, GONE]


async def test_the_setting_bounds_a_body_that_does_not_come(start: StartService) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    service = await start(request_read_timeout_seconds=0.01)
    answer: httpx.Response = await service.client.post("/api/connections", content=endless())
    error = error_of(answer, 400, "bad_request")
    assert error["message"] == "The request body did not arrive in time."
    assert answer.headers["Connection"] == "close"
