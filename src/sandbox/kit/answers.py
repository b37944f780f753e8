"""Answers as values: made from JSON, caught from an inner app, and altered."""

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope

JSON = "application/json; charset=utf-8"


def json_answer(
    data: Any, status: int = 200, headers: "Mapping[str, str] | None" = None
) -> Response:
    """Encode an answer with the encoder that costs a benchmark the least."""
    return Response(msgspec.json.encode(data), status, headers=dict(headers or {}), media_type=JSON)


def replace_body(answer: Response, body: bytes) -> Response:
    """Return the same answer with another body and the length that belongs to it."""
    changed = Response(body, answer.status_code)
    changed.raw_headers = [*answer.raw_headers]
    changed.headers["content-length"] = str(len(body))
    return changed


async def capture(app: "ASGIApp", scope: "Scope", receive: "Receive") -> Response:
    """Run an app and catch its whole answer, so that a layer can look at it before sending."""
    answer = Response()
    parts: list[bytes] = []

    async def catch(message: "Message") -> None:
        if message["type"] == "http.response.start":
            answer.status_code = message["status"]
            answer.raw_headers = list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, catch)
    answer.body = b"".join(parts)
    return answer
