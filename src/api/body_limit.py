"""The largest request body, refused in our own words.

FastAPI's ``max_body_size`` stands outside every other layer and answers in plain text.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException

from src.core.errors import PayloadTooLarge
from src.core.middleware import ASGIApp, ErrorResponse, Message, Receive, Scope, Send, header

TOO_LARGE = "The request body is larger than this route takes."


class BodyLimit:
    """Refuses a body that says it is too large, and stops reading one that turns out to be."""

    def __init__(self, app: ASGIApp, *, most_bytes: int, error_response: ErrorResponse) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.error_response = error_response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _announced(scope) > self.most_bytes:
            await self.error_response(PayloadTooLarge(TOO_LARGE), scope)(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most_bytes:
                # The one exception that FastAPI lets through while it reads a body.
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self.app(scope, counted, send)


def _announced(scope: Scope) -> int:
    """What ``Content-Length`` says; one that is no number is left to the count."""
    try:
        return int(header(scope, b"content-length") or 0)
    except ValueError:
        return 0
