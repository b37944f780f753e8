"""How long somebody asks us to wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT_SECONDS = 24 * 3600.0

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


def wait_seconds(headers: Mapping[str, str], at: datetime) -> float | None:
    """How long ``Retry-After`` asks to wait, in seconds or as a date (RFC 9110 §10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(text):
        return min(float(text), LONGEST_WAIT_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - at).total_seconds(), 0.0), LONGEST_WAIT_SECONDS)
