"""Page tokens that hold for one question only, and go on behind the row that they name."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

from src.sandbox.kit import Refused

T = TypeVar("T")
_NOT_OF_THE_QUESTION = frozenset({"pageToken", "syncToken", "maxResults", "pageSize", "fields"})


class PageToken(msgspec.Struct, frozen=True, array_like=True):
    """Where the next page begins."""

    start: int
    question: str
    behind: Any = None
    """The key of the last row that was given: rows that come and go before it move nothing."""
    kept: int = 0
    """What a list wants to know again on its later pages."""


def cut(
    request: "Request",
    rows: Sequence[T],
    *,
    size: str,
    default: int,
    most: int,
    invalid: "Response",
    keys: Sequence[Any] | None = None,
    kept: int = 0,
) -> tuple[Sequence[T], str | None]:
    """Return a page of the rows and the token of the next one.

    Args:
        request: What was asked.
        rows: All of them.
        size: The parameter that says how many are wanted.
        default: How many, if it does not.
        most: How many at the most.
        invalid: The answer to a token of another question.
        keys: For each row what it is ordered by, rising.
        kept: What the next page's token is to hold besides.
    """
    text = request.query_params.get(size, "")
    wanted = min(int(text), most) if text.isdecimal() and int(text) else default
    token = read_token(request, invalid)
    start = token.start if token else 0
    if token is not None and keys is not None:
        start = bisect_right(keys, token.behind)
    stop = start + wanted
    if stop >= len(rows):
        return rows[start:stop], None
    behind = keys[stop - 1] if keys is not None else None
    following = PageToken(stop, question_of(request), behind, kept)
    return rows[start:stop], encoded(msgspec.json.encode(following))


def question_of(request: "Request") -> str:
    """Name what is asked for, whatever the page."""
    asked = sorted(
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in _NOT_OF_THE_QUESTION
    )
    return sha256(f"{request.url.path}{asked}".encode()).hexdigest()[:12]


def encoded(content: bytes) -> str:
    """Write a token."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(token: str) -> bytes | None:
    """Read a token; None if it is none."""
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None


def read_token(request: "Request", invalid: "Response") -> PageToken | None:
    """Return the token of the request, if it has one of this question."""
    text = request.query_params.get("pageToken")
    if text is None:
        return None
    try:
        token = msgspec.json.decode(decoded(text) or b"", type=PageToken)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refused(invalid) from None
    if token.question != question_of(request):
        raise Refused(invalid)
    return token
