"""Plays a fault instead of, or upon, the provider's true answer."""

import asyncio
import contextlib
import time
import zlib
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from src.sandbox.kit.answers import capture, json_answer, replace_body
from src.sandbox.kit.endless import begin_again, next_number
from src.sandbox.kit.faults import Fault, FaultBook, FaultKind
from src.sandbox.kit.paging import provider_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from src.sandbox.kit.dialect import Dialect

_HTML = "<!DOCTYPE html><html><body><h1>We are back soon</h1></body></html>"
_OUTSIDE = "https://outside.example/"
_HUGE = 32 * 2**20
_CHUNK = b'"' + b"x" * (64 * 2**10 - 3) + b'",'
_GATEWAY = 502
_WAIT = 60
_GZIP = 16 + zlib.MAX_WBITS


class ConnectionCut(Exception):
    """Breaks off an answer that has begun; a server drops the connection when it escapes."""


def hang_up_on_cut(app: "ASGIApp") -> "ASGIApp":
    """Serve an imitation under a real server, which hangs up on an answer that does not end.

    To a server an exception is a bug, and it prints one for every cut.
    """

    async def served(scope: "Scope", receive: "Receive", send: "Send") -> None:
        with contextlib.suppress(ConnectionCut):
            await app(scope, receive, send)

    return served


def _html(fault: Fault) -> Response:
    return Response(_HTML, fault.status or _GATEWAY, media_type="text/html")


def _lead_outside(fault: Fault) -> Response:
    return Response(status_code=302, headers={"location": fault.location or _OUTSIDE})


_REPLACEMENTS: "dict[FaultKind, Callable[[Fault, Dialect], Response]]" = {
    FaultKind.RATE_LIMITED: lambda fault, dialect: dialect.rate_limited(fault.retry_after),
    FaultKind.SECONDARY_LIMIT: lambda fault, dialect: dialect.secondary_limit(fault.retry_after),
    FaultKind.PRIMARY_LIMIT: lambda fault, dialect: dialect.primary_limit(fault.retry_after),
    FaultKind.SERVER_ERROR: lambda fault, dialect: dialect.error(fault.status or 503),
    FaultKind.UNAUTHORIZED: lambda _, dialect: dialect.error(401),
    FaultKind.FORBIDDEN: lambda _, dialect: dialect.error(403),
    FaultKind.NOT_FOUND: lambda _, dialect: dialect.error(404),
    FaultKind.NOT_JSON: lambda *_: Response(_HTML, media_type="text/html"),
    FaultKind.HTML_ERROR: lambda fault, _: _html(fault),
    FaultKind.WRONG_TYPE: lambda *_: json_answer([["unexpected"]]),
    FaultKind.REDIRECT_OUTSIDE: lambda fault, _: _lead_outside(fault),
}


class FaultLayer:
    """Stands before the provider and lets it down where the book says so."""

    def __init__(
        self,
        app: "ASGIApp",
        book: FaultBook,
        dialect: "Dialect",
        clock: "Callable[[], float]" = time.time,
    ) -> None:
        """Know the wording of the provider, and the time that it tells."""
        self._app = app
        self._book = book
        self._dialect = dialect
        self._clock = clock
        self._upon: dict[FaultKind, Callable[[Fault, Scope, Receive], Awaitable[Response]]] = {
            FaultKind.TRUNCATED_JSON: self._halved,
            FaultKind.LATE_REPLY: self._late,
            FaultKind.MISLABELLED: self._mislabelled,
            FaultKind.CLOCK_SKEW: self._skewed,
            FaultKind.REPEATED_PAGE: self._repeated,
            FaultKind.ENDLESS_PAGES: self._endless,
        }

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the call on, unless a fault strikes it."""
        fault = None
        if scope["type"] == "http":
            fault = await self._book.strike(scope["method"], provider_path(scope))
        if fault is None:
            await self._app(scope, receive, send)
        elif replacement := _REPLACEMENTS.get(fault.kind):
            answer = self._timed(fault, replacement(fault, self._dialect))
            await answer(scope, receive, send)
        elif spoilt := self._upon.get(fault.kind):
            await (await spoilt(fault, scope, receive))(scope, receive, send)
        else:
            await self._interrupt(fault, scope, receive, send)

    async def _interrupt(
        self, fault: Fault, scope: "Scope", receive: "Receive", send: "Send"
    ) -> None:
        match fault.kind:
            case FaultKind.SLOW:
                await asyncio.sleep(_delay(fault))
                await self._app(scope, receive, send)
            case FaultKind.HUGE:
                await _flood(fault, send)
            case FaultKind.LOST_REPLY:
                await _cut(await capture(self._app, scope, receive), send, share=0)
            case _:
                await _cut(await capture(self._app, scope, receive), send, share=0.5)

    def _timed(self, fault: Fault, answer: Response) -> Response:
        """Say how long to wait in the words of the fault, if it has any."""
        if fault.skew is not None:
            now = self._clock() + fault.skew
            wait = _WAIT if fault.retry_after is None else fault.retry_after
            answer.headers["date"] = formatdate(now, usegmt=True)
            answer.headers["retry-after"] = formatdate(now + wait, usegmt=True)
        if fault.retry_after_text is not None:
            answer.headers["retry-after"] = fault.retry_after_text
        return answer

    async def _halved(self, _: Fault, scope: "Scope", receive: "Receive") -> Response:
        answer = await capture(self._app, scope, receive)
        return replace_body(answer, bytes(answer.body)[: len(answer.body) // 2])

    async def _late(self, fault: Fault, scope: "Scope", receive: "Receive") -> Response:
        answer = await capture(self._app, scope, receive)
        await asyncio.sleep(_delay(fault))
        return answer

    async def _mislabelled(self, _: Fault, scope: "Scope", receive: "Receive") -> Response:
        answer = await capture(self._app, scope, receive)
        answer.headers["content-type"] = "text/html; charset=iso-8859-1"
        return answer

    async def _skewed(self, fault: Fault, scope: "Scope", receive: "Receive") -> Response:
        answer = await capture(self._app, scope, receive)
        skew = fault.skew or 0
        body = _members(bytes(answer.body))
        if isinstance(body.get("expires_at"), int):
            body["expires_at"] += skew
            answer = replace_body(answer, msgspec.json.encode(body))
        answer.headers["date"] = formatdate(self._clock() + skew, usegmt=True)
        return answer

    async def _repeated(self, _: Fault, scope: "Scope", receive: "Receive") -> Response:
        answer = await capture(self._app, scope, receive)
        return self._dialect.repeat_page(str(Request(scope).url), answer)

    async def _endless(self, _: Fault, scope: "Scope", receive: "Receive") -> Response:
        url = str(Request(scope).url)
        answer = await capture(self._app, begin_again(scope), receive)
        return self._dialect.lead_on(url, answer, next_number(url))


def _delay(fault: Fault) -> float:
    return 1.0 if fault.delay is None else fault.delay


def _members(content: bytes) -> dict[str, Any]:
    """The members of a JSON object; none of anything else."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        body = msgspec.json.decode(content)
        if isinstance(body, dict):
            return body
    return {}


async def _flood(fault: Fault, send: "Send") -> None:
    """Send more JSON than anyone should read, without saying how much it will be."""
    size = _HUGE if fault.size is None else fault.size
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    if fault.packed:
        headers.append((b"content-encoding", b"gzip"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if fault.packed:
        await send({"type": "http.response.body", "body": _packed(size), "more_body": False})
        return
    for chunk in _chunks(size):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _chunks(size: int) -> "Iterator[bytes]":
    yield b"["
    for _ in range(0, size, len(_CHUNK)):
        yield _CHUNK
    yield b"0]"


@lru_cache(maxsize=4)
def _packed(size: int) -> bytes:
    packer = zlib.compressobj(wbits=_GZIP)
    return b"".join([*map(packer.compress, _chunks(size)), packer.flush()])


async def _cut(answer: Response, send: "Send", *, share: float) -> None:
    """Promise the whole answer, send a share of it, and break off."""
    whole = bytes(answer.body) or b"{}"
    promised = replace_body(answer, whole)
    await send(
        {
            "type": "http.response.start",
            "status": answer.status_code,
            "headers": promised.raw_headers,
        }
    )
    part = whole[: int(len(whole) * share)]
    await send({"type": "http.response.body", "body": part, "more_body": True})
    raise ConnectionCut("the connection was cut in the middle of an answer")
