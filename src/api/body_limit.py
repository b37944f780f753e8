"""How large a request body may be and how long it may take, refused in our own words.

FastAPI's ``max_body_size`` stands outside every other layer and answers in plain text. The time is
bounded here and not in the server, so that it holds under every server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from src.core.errors import AppError, BadRequest, PayloadTooLarge
from src.core.middleware import ASGIApp, ErrorResponse, Message, Receive, Scope, Send

TOO_LARGE = "The request body is larger than this route takes."
TOO_SLOW = "The request body did not arrive in time."
CUT_OFF = "The connection was closed before the request body was complete."
_DIGITS = 20


class BodyLimit:
    """Refuses a body that says it is too large, and one that turns out too large or too slow.

    The time runs from the first look at the body. A request without a body costs nothing here.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        most_bytes: int,
        most_seconds: float,
        error_response: ErrorResponse,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        """Stand around ``app``; ``larger`` are limits of their own, by the start of the path."""
        self.app = app
        self.most_bytes = most_bytes
        self.larger = tuple((larger or {}).items())
        self.most_seconds = most_seconds
        self.error_response = error_response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a watched body, or refuse it."""
        announced = _announced(scope) if scope["type"] == "http" else 0
        if announced == 0:
            await self.app(scope, receive, send)
            return
        most_bytes = self._most_bytes(scope)
        if announced is not None and announced > most_bytes:
            await self.error_response(PayloadTooLarge(TOO_LARGE), scope)(scope, receive, send)
            return
        body = _Body(receive, send, most_bytes, self.most_seconds)
        try:
            await self.app(scope, body.receive, body.send)
        except Exception:
            if body.refusal is None or body.is_answered:
                raise
        if body.refusal is not None and not body.is_answered:
            # The rest of a late body may never come, so the connection is of no more use.
            is_useless = isinstance(body.refusal, BadRequest) and _is_http_1(scope)
            answer = self.error_response(body.refusal, scope)
            await answer(scope, receive, _closing(send) if is_useless else send)

    def _most_bytes(self, scope: Scope) -> int:
        for start, most_bytes in self.larger:
            if scope["path"].startswith(start):
                return most_bytes
        return self.most_bytes


class _Body:
    """One body on its way in.

    Its reader meets the refusal as an exception. Readers differ in what they make of one, so what
    is then answered is dropped, and the layer answers.
    """

    def __init__(self, receive: Receive, send: Send, most_bytes: int, most_seconds: float) -> None:
        self.refusal: AppError | None = None
        self.is_answered = False
        self._receive = receive
        self._send = send
        self._bytes_left = most_bytes
        self._most_seconds = most_seconds
        self._deadline: float | None = None
        self._is_whole = False

    async def receive(self) -> Message:
        """The next part.

        Raises:
            PayloadTooLarge: There is more than may come.
            BadRequest: It did not come in time, or will not come.
        """
        if self._is_whole:
            return await self._receive()
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._most_seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise self._refused(BadRequest(TOO_SLOW)) from None
        if message["type"] == "http.disconnect":
            raise self._refused(BadRequest(CUT_OFF))
        self._bytes_left -= len(message.get("body", b""))
        if self._bytes_left < 0:
            raise self._refused(PayloadTooLarge(TOO_LARGE))
        self._is_whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass on what is answered, unless the body was refused before."""
        if self.refusal is None or self.is_answered:
            self.is_answered = True
            await self._send(message)

    def _refused(self, refusal: AppError) -> AppError:
        self.refusal = refusal
        return refusal


def _announced(scope: Scope) -> int | None:
    """How many bytes of body will come, as the headers say; None when they do not say it."""
    announced = 0 if _is_http_1(scope) else None
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            is_number = value.isdigit() and len(value) < _DIGITS
            announced = int(value) if is_number else None
    return announced


def _is_http_1(scope: Scope) -> bool:
    """Whether the headers tell of every body; later versions of HTTP frame it without them."""
    version: str = scope["http_version"]
    return version.startswith("1")


def _closing(send: Send) -> Send:
    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return closing
