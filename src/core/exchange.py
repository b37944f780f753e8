"""What goes out and what comes back, and what can go wrong between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class OutboundError(Exception):
    """No usable answer came back."""


class AddressRefused(OutboundError):
    """The address is not one that a tenant may make us call."""


class Unreachable(OutboundError):
    """No connection, or one that broke off."""


class TimedOut(OutboundError):
    """No whole answer within the deadline."""


class AnswerTooLarge(OutboundError):
    """The answer is over the size limit."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. ``url`` is absolute."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What came back, whole. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    asked_at: datetime | None = None
    """A moment right before the request was sent, where the sender tells."""
