"""Small conversions that mappings and readers of refusals need."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from src.connectors.rest.errors import unreadable
from src.models.base import rfc3339

_WHOLE = re.compile(r"[0-9]{1,15}")
_SECONDS_END = len("2024-03-01T12:00:00")
_OFFSET_BEGIN = len("2024-03-01T12:00:00.000")
_WITH_OFFSET = len("2024-03-01T12:00:00.000+0100")
_OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3])([0-5][0-9])")


def timestamp(text: str | None) -> str | None:
    """A provider's ISO 8601 time as ours: UTC, milliseconds, ``Z``. A time without zone is UTC.

    Raises:
        UnreadableAnswer: It is no ISO 8601 time.
    """
    if not text:
        return None
    try:
        if len(text) == _WITH_OFFSET and (shifted := _shifted(text)) is not None:
            return shifted
        moment = datetime.fromisoformat(text)
        if text[_SECONDS_END:] == "Z" and text[10] == "T":
            return f"{text[:_SECONDS_END]}.000Z"
        return rfc3339(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise unreadable("a time is not ISO 8601") from error


def _shifted(text: str) -> str | None:
    """A time with milliseconds and an offset, which some providers write by the hundred.

    Offsets are whole minutes, so that the milliseconds can stay as they are.
    """
    if text[_SECONDS_END] not in ".,":
        return None
    offset = _offset(text[_OFFSET_BEGIN:])
    milliseconds = text[_SECONDS_END + 1 : _OFFSET_BEGIN]
    if offset is None or not (milliseconds.isdigit() and text.isascii()):
        return None
    moment = datetime.fromisoformat(text[:_SECONDS_END])
    if moment.tzinfo is not None or moment.microsecond:
        return None
    return f"{(moment - offset).isoformat()}.{milliseconds}Z"


@lru_cache(maxsize=128)
def _offset(text: str) -> timedelta | None:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -offset if found[1] == "-" else offset


def whole_seconds(moment: datetime) -> str:
    """A time for a provider that knows only seconds, rounded down so that nothing is missed."""
    utc = moment.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return f"{utc.isoformat()}Z"


def whole_number(text: str | None) -> int | None:
    """A count or a time in a header; None for what is none."""
    return int(text) if text and _WHOLE.fullmatch(text) else None


def seconds_after(date: str | None, seconds: int | None) -> int | None:
    """The Unix time so many seconds after the ``Date`` of an answer; None if nobody says."""
    if date is None or seconds is None:
        return None
    try:
        return int(parsedate_to_datetime(date).timestamp()) + seconds
    except (ValueError, OverflowError):
        return None
