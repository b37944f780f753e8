"""How long somebody asks us to wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT_SECONDS = 24 * 3600.0

_RIGHT = timedelta(minutes=1)
"""A clock that is wrong by less is taken at its word."""
_ABSURD = timedelta(days=3_650)
"""One that is wrong by more is none."""
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


def wait_seconds(headers: Mapping[str, str], at: datetime) -> float | None:
    """How long ``Retry-After`` asks to wait, in seconds or as a date (RFC 9110 §10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(text):
        return min(float(text), LONGEST_WAIT_SECONDS)
    moment = _moment(text)
    if moment is None:
        return None
    left = (moment - provider_clock(headers, at)).total_seconds()
    return min(max(left, 0.0), LONGEST_WAIT_SECONDS)


def provider_clock(headers: Mapping[str, str], at: datetime) -> datetime:
    """What the provider's clock showed at ``at``: moments that it tells are by that clock.

    It is told by ``Date`` (RFC 9110 §6.6.1); a provider that tells none has the right time.
    """
    told = _moment(headers.get("date", "").strip())
    return told if told is not None and _RIGHT <= abs(told - at) <= _ABSURD else at


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
