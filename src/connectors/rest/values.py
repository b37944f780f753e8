"""Small conversions that every mapping needs."""

from __future__ import annotations

from datetime import UTC, datetime

from src.connectors.rest.errors import unreadable
from src.models.base import rfc3339

_SECONDS_END = len("2024-03-01T12:00:00")


def timestamp(text: str | None) -> str | None:
    """A provider's ISO 8601 time as ours: UTC, milliseconds, ``Z``. A time without zone is UTC.

    Raises:
        UnreadableAnswer: It is no ISO 8601 time.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if text[_SECONDS_END:] == "Z" and text[10] == "T":
            return f"{text[:_SECONDS_END]}.000Z"
        return rfc3339(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise unreadable("a time is not ISO 8601") from error


def whole_seconds(moment: datetime) -> str:
    """A time for a provider that knows only seconds, rounded down so that nothing is missed."""
    utc = moment.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return f"{utc.isoformat()}Z"
