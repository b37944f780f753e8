"""What is kept of a request with an ``Idempotency-Key``."""

from __future__ import annotations

from src.models.base import Model, Timestamp


class FirstRequest(Model):
    """The first request with a key: on its way, or with its answer."""

    id: str
    """A keyed hash of tenant, principal, method, path and key."""

    turn: str
    """Who works on it; whoever takes it over from a process that died has another."""

    body: bytes
    """A keyed hash of what was sent."""

    sealed: str | None = None
    """The answer; none while the request is on its way."""

    until: Timestamp
    """While it is on its way, nobody else begins before this."""

    expires_at: Timestamp
