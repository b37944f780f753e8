"""Pure ASGI layers around the whole application.

The order, outermost first: request context (id, security headers, access log, the last catch for
exceptions) → the rule for open mode → CORS → routes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from src.core.errors import AppError, BadRequest, Forbidden, InternalError
from src.core.logging import begin_log_context, get_logger
from src.core.proxies import TrustedProxies
from src.core.security import ip_literal, origin_of
from src.models.ids import IdPrefix, new_id

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
ErrorResponse = Callable[[AppError, Scope], ASGIApp]
"""Makes the enveloped answer to an error; the edge hands it in, since it owns the envelope."""

Served = Callable[[Scope, int, float], None]
"""Is told of a request: its scope, the status, the seconds it took."""

LONGEST_TAG = 64
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
_CLOSED_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")

_ONCE = {
    b"host": "Host",
    b"authorization": "Authorization",
    b"x-tenant-id": "X-Tenant-Id",
    b"x-user-id": "X-User-Id",
}
"""Headers that decide who is asked, and who asks."""

log = get_logger(__name__)


def header(scope: Scope, name: bytes) -> str | None:
    """The first value of a request header, ``name`` in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return None


def _request_id(scope: Scope) -> str:
    given = header(scope, b"x-request-id") or header(scope, b"x-correlation-id") or ""
    return given if _REQUEST_ID.fullmatch(given) else new_id(IdPrefix.REQUEST)


def _given_twice(scope: Scope) -> str | None:
    """A header of which a proxy and we could read different ones (RFC 9112 §3.2 for ``Host``)."""
    seen = set()
    for name, _ in scope["headers"]:
        if name in _ONCE:
            if name in seen:
                return _ONCE[name]
            seen.add(name)
    return None


def _printable(text: str) -> str:
    """A text that cannot steer the terminal of whoever reads the log."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()


class RequestContext:
    """Gives every request an id, every answer its headers, and every failure an answer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        error_response: ErrorResponse,
        html_paths: Collection[str] = (),
        proxies: TrustedProxies | None = None,
        served: Served | None = None,
    ) -> None:
        """Stand around ``app``.

        Args:
            app: What answers.
            error_response: Makes the answer to an error.
            html_paths: Pages that load scripts.
            proxies: Whose word on the caller's address is taken.
            served: Told of each request, when it is over.
        """
        self.app = app
        self.error_response = error_response
        self.html_paths = frozenset(html_paths)
        self.proxies = proxies or TrustedProxies(())
        self.served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; nothing that it raises goes further out."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        self.proxies.settle(scope)
        begin_log_context(request_id=request_id)
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._headers(scope, message, request_id)
            await send(message)

        try:
            if twice := _given_twice(scope):
                refusal = BadRequest(f"The header {twice} is given twice.")
                await self.error_response(refusal, scope)(scope, receive, send_with_headers)
            else:
                await self.app(scope, receive, send_with_headers)
        except Exception as error:
            log.exception("request.failed", error=type(error).__name__)
            if status:
                raise
            answer = self.error_response(InternalError("Something went wrong on our side."), scope)
            await answer(scope, receive, send_with_headers)
        finally:
            self._log(scope, status, started)
            if self.served is not None:
                self.served(scope, status, time.perf_counter() - started)

    def _headers(
        self, scope: Scope, message: Message, request_id: str
    ) -> list[tuple[bytes, bytes]]:
        headers = list(message.get("headers", ()))
        present = {name.lower() for name, _ in headers}
        wanted = (
            _SECURITY_HEADERS
            if scope["path"] in self.html_paths
            else (*_SECURITY_HEADERS, _CLOSED_PAGE)
        )
        headers += [pair for pair in wanted if pair[0] not in present]
        headers.append((b"x-request-id", request_id.encode()))
        return headers

    @staticmethod
    def _log(scope: Scope, status: int, started: float) -> None:
        client = scope.get("client")
        log.info(
            "request.served",
            method=scope["method"],
            path=_printable(scope["path"]),
            status=status,
            ms=round((time.perf_counter() - started) * 1000, 1),
            ip=client[0] if client else None,
            api_tag=(header(scope, b"x-api-tag") or "")[:LONGEST_TAG] or None,
        )


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_embedded(scope: Scope) -> bool:
    """Whether a browser sends this for an image or a script of another page, without ``Origin``.

    Source: W3C, Fetch Metadata Request Headers.
    """
    foreign = header(scope, b"sec-fetch-site") in {"cross-site", "same-site"}
    return foreign and header(scope, b"sec-fetch-mode") != "navigate"


class OpenModeGuard:
    """Keeps web pages in the developer's browser away from an API that asks for no key.

    A foreign page can send requests to localhost, directly (seen by its ``Origin``) or through a
    name that it points at 127.0.0.1 (seen by its ``Host``).
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        public_url: str,
        allowed_origins: Collection[str],
        error_response: ErrorResponse,
    ) -> None:
        self.app = app
        self.error_response = error_response
        self.public_host = urlsplit(public_url).hostname
        self.allowed_origins = {origin_of(origin) for origin in (*allowed_origins, public_url)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and (reason := self._refusal(scope)):
            await self.error_response(Forbidden(reason), scope)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        host = header(scope, b"host") or ""
        name = _host_name(host)
        if name not in {self.public_host, "localhost"} and ip_literal(name) is None:
            return "In open mode the API answers only to PUBLIC_URL, localhost and IP addresses."
        origin = header(scope, b"origin")
        if origin is None and not _is_embedded(scope):
            return None
        if origin is not None and self._is_allowed(origin, scope, host):
            return None
        return "In open mode a web page may call the API only from CORS_ALLOW_ORIGINS."

    def _is_allowed(self, origin: str, scope: Scope, host: str) -> bool:
        return origin in self.allowed_origins or origin == f"{scope['scheme']}://{host}"
