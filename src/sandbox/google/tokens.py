"""Page tokens that hold for one question only."""

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

from src.sandbox.kit import Refused

T = TypeVar("T")
_NOT_OF_THE_QUESTION = frozenset({"pageToken", "maxResults", "pageSize", "fields"})


def cut(
    request: "Request",
    rows: Sequence[T],
    *,
    size: str,
    default: int,
    most: int,
    invalid: "Response",
) -> tuple[Sequence[T], str | None]:
    """Return a page of the rows and the token of the next one.

    Args:
        request: What was asked.
        rows: All of them.
        size: The parameter that says how many are wanted.
        default: How many, if it does not.
        most: How many at the most.
        invalid: The answer to a token of another question.
    """
    text = request.query_params.get(size, "")
    wanted = min(int(text), most) if text.isdecimal() and int(text) else default
    start = _start(request, invalid)
    stop = start + wanted
    return rows[start:stop], _token(request, stop) if stop < len(rows) else None


def _question(request: "Request") -> str:
    asked = sorted(
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in _NOT_OF_THE_QUESTION
    )
    return sha256(f"{request.url.path}{asked}".encode()).hexdigest()[:12]


def _token(request: "Request", start: int) -> str:
    return base64.urlsafe_b64encode(f"{start}:{_question(request)}".encode()).decode().rstrip("=")


def _start(request: "Request", invalid: "Response") -> int:
    token = request.query_params.get("pageToken")
    if token is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, ValueError):
        raise Refused(invalid) from None
    start, _, question = text.partition(":")
    if not start.isdecimal() or question != _question(request):
        raise Refused(invalid)
    return int(start)
