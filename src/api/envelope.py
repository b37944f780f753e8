"""The one form of every JSON answer: ``{ok, data, error}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

import msgspec
from fastapi import Response
from pydantic import BaseModel

from src.models.base import Model
from src.models.rate_limit import RateLimit

T = TypeVar("T")

Data = BaseModel | msgspec.Struct | Mapping[str, Any]


def _written(model: object) -> msgspec.Raw:
    """What msgspec does not know: a pydantic model, which writes itself."""
    if not isinstance(model, BaseModel):
        raise TypeError(f"{type(model).__name__} has no place in an answer")
    return msgspec.Raw(model.model_dump_json(by_alias=True).encode())


_encoder = msgspec.json.Encoder(enc_hook=_written)


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
    """The same failure as RFC 9457 problem details, on ``Accept: application/problem+json``."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    details: dict[str, Any]


def ok(data: Data, status: int = 200, *, rate_limit: RateLimit | None = None) -> Response:
    """A success; ``data`` was built once and is written once.

    Args:
        data: What is answered.
        status: A success.
        rate_limit: What the provider told us of its limit, told on.
    """
    content = _encoder.encode({"ok": True, "data": data, "error": None})
    return Response(content, status, rate_limit_headers(rate_limit), "application/json")


def ok_list(
    items: Sequence[Data],
    *,
    next_cursor: str | None = None,
    truncated: bool = False,
    rate_limit: RateLimit | None = None,
    beside: Mapping[str, Any] | None = None,
) -> Response:
    """A page as a success; ``beside`` stands next to its items."""
    page = {
        "items": items,
        "nextCursor": next_cursor,
        "hasMore": next_cursor is not None,
        "truncated": truncated,
        **(beside or {}),
    }
    return ok(page, rate_limit=rate_limit)


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
