"""Plays a fault instead of, or upon, the provider's true answer."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from src.sandbox.kit.answers import capture, json_answer, replace_body
from src.sandbox.kit.faults import Fault, FaultBook, FaultKind
from src.sandbox.kit.paging import provider_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from src.sandbox.kit.dialect import Dialect

_HTML = "<!DOCTYPE html><html><body><h1>We are back soon</h1></body></html>"
_OUTSIDE = "https://outside.example/"
_HUGE = 32 * 2**20
_CHUNK = b'"' + b"x" * (64 * 2**10 - 3) + b'",'


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
    FaultKind.WRONG_TYPE: lambda *_: json_answer([["unexpected"]]),
    FaultKind.REDIRECT_OUTSIDE: lambda fault, _: _lead_outside(fault),
}


class FaultLayer:
    """Stands before the provider and lets it down where the book says so."""

    def __init__(self, app: "ASGIApp", book: FaultBook, dialect: "Dialect") -> None:
        """Know the wording of the provider."""
        self._app = app
        self._book = book
        self._dialect = dialect

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the call on, unless a fault strikes it."""
        fault = None
        if scope["type"] == "http":
            fault = await self._book.strike(scope["method"], provider_path(scope))
        if fault is None:
            await self._app(scope, receive, send)
        elif replacement := _REPLACEMENTS.get(fault.kind):
            await replacement(fault, self._dialect)(scope, receive, send)
        else:
            await self._spoil(fault, scope, receive, send)

    async def _spoil(self, fault: Fault, scope: "Scope", receive: "Receive", send: "Send") -> None:
        match fault.kind:
            case FaultKind.SLOW:
                await asyncio.sleep(1.0 if fault.delay is None else fault.delay)
                await self._app(scope, receive, send)
            case FaultKind.HUGE:
                await _flood(_HUGE if fault.size is None else fault.size, send)
            case FaultKind.CUT:
                await _cut(await capture(self._app, scope, receive), send)
            case FaultKind.TRUNCATED_JSON:
                answer = await capture(self._app, scope, receive)
                half = replace_body(answer, bytes(answer.body)[: len(answer.body) // 2])
                await half(scope, receive, send)
            case _:
                answer = await capture(self._app, scope, receive)
                again = self._dialect.repeat_page(str(Request(scope).url), answer)
                await again(scope, receive, send)


async def _flood(size: int, send: "Send") -> None:
    """Send more JSON than anyone should read, without saying how much it will be."""
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"[", "more_body": True})
    for _ in range(0, size, len(_CHUNK)):
        await send({"type": "http.response.body", "body": _CHUNK, "more_body": True})
    await send({"type": "http.response.body", "body": b"0]", "more_body": False})


async def _cut(answer: Response, send: "Send") -> None:
    """Promise the whole answer, send half of it, and break off."""
    whole = bytes(answer.body) or b"{}"
    promised = replace_body(answer, whole)
    await send(
        {
            "type": "http.response.start",
            "status": answer.status_code,
            "headers": promised.raw_headers,
        }
    )
    half = whole[: len(whole) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    raise ConnectionCut("the connection was cut in the middle of an answer")
