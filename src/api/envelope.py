"""The one form of every JSON answer: ``{ok, data, error}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

import msgspec
from fastapi import Response
from pydantic import BaseModel, ConfigDict

from src.models.base import Model
from src.models.rate_limit import RateLimit

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


class Envelope(Model, Generic[T]):
    """A success."""

    ok: Literal[True]
    data: T
    error: None


class ListOf(Model, Generic[T]):
    """A page. It may hold fewer than ``limit`` items, even none, while ``hasMore`` is true."""

    items: list[T]
    next_cursor: str | None
    has_more: bool
    truncated: bool


class ErrorBody(Model):
    """What went wrong: ``code`` for programs, ``message`` for people."""

    code: str
    message: str
    details: dict[str, Any]
    request_id: str


class ErrorEnvelope(Model):
    """A failure."""

    ok: Literal[False]
    data: None
    error: ErrorBody


class Problem(Model):
    """The same failure as RFC 9457 problem details, on ``Accept: application/problem+json``.

    What the envelope holds in ``details`` stands beside these members.
    """

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str


def ok(data: BaseModel | msgspec.Struct, status: int = 200) -> Response:
    """A success; ``data`` was built once and is written once."""
    return _answer(_encoded(data), status)


def ok_list(
    items: Sequence[BaseModel | msgspec.Struct],
    *,
    next_cursor: str | None = None,
    truncated: bool = False,
) -> Response:
    """A page as a success."""
    tail = {"nextCursor": next_cursor, "hasMore": next_cursor is not None, "truncated": truncated}
    if items and isinstance(items[0], BaseModel):
        encoded = b"[" + b",".join(map(_encoded, items)) + b"]"
    else:
        encoded = _encoder.encode(items)
    return _answer(b'{"items":' + encoded + b"," + _encoder.encode(tail)[1:], 200)


def with_rate_limit(response: Response, limit: RateLimit | None) -> Response:
    """Tell the caller what the provider told us."""
    response.headers.update(rate_limit_headers(limit))
    return response


def rate_limit_headers(limit: RateLimit | None) -> dict[str, str]:
    """What the provider told us, as headers."""
    if limit is None:
        return {}
    told: Mapping[str, int | None] = {
        "X-Provider-RateLimit-Limit": limit.limit,
        "X-Provider-RateLimit-Remaining": limit.remaining,
        "X-Provider-RateLimit-Reset": limit.reset,
    }
    return {name: str(number) for name, number in told.items() if number is not None}


def _encoded(data: BaseModel | msgspec.Struct) -> bytes:
    if isinstance(data, BaseModel):
        return data.model_dump_json(by_alias=True).encode()
    return _encoder.encode(data)


def _answer(data: bytes, status: int) -> Response:
    content = b'{"ok":true,"data":' + data + b',"error":null}'
    return Response(content, status, media_type="application/json")
