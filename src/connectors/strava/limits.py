"""Strava's limits: of the app, by quarter of an hour and by day, for all and for reading requests.

Source: developers.strava.com/docs/rate-limits. The windows begin with :00, :15, :30 and :45, and at
midnight in UTC. Requests over a limit still count, so they must not be sent. What an app may do
differs from app to app: each answer tells its limits and what is used of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

from src.connectors.app_limits import READING, AppLimit, AppWindow, ToldUsage
from src.models.rate_limit import RateLimit

QUARTER = 900
DAY = 86_400

_OVERALL = (
    AppWindow(seconds=QUARTER, points=200, reserve=40),
    AppWindow(seconds=DAY, points=2_000, reserve=400),
)
_READ = (
    AppWindow(seconds=QUARTER, points=100, reserve=20, methods=READING),
    AppWindow(seconds=DAY, points=1_000, reserve=200, methods=READING),
)
_PAIR = re.compile(r"\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*")


def told(headers: Mapping[str, str]) -> Sequence[ToldUsage]:
    """What an answer says of each window: two values, of the quarter and of the day."""
    return (
        *_told_of(_OVERALL, headers, "x-ratelimit"),
        *_told_of(_READ, headers, "x-readratelimit"),
    )


def _told_of(
    windows: Sequence[AppWindow], headers: Mapping[str, str], name: str
) -> Sequence[ToldUsage]:
    limits = _PAIR.fullmatch(headers.get(f"{name}-limit", ""))
    used = _PAIR.fullmatch(headers.get(f"{name}-usage", ""))
    if limits is None or used is None:
        return ()
    return [
        ToldUsage(window, used=int(used[place]), points=int(limits[place]))
        for place, window in enumerate(windows, 1)
    ]


APP_LIMIT = AppLimit(windows=(*_READ, *_OVERALL), told=told)


def exhausted(headers: Mapping[str, str]) -> int:
    """The length of the longest window that is used up; a quarter of an hour if none is told."""
    full = [one.window.seconds for one in told(headers) if one.used >= one.points]
    return max(full, default=QUARTER)


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """The window of which the least is left; when it ends follows from when it was written."""
    known = told(headers)
    if not known:
        return None
    tightest = min(known, key=lambda one: (one.points - one.used, -one.window.seconds))
    return RateLimit(
        limit=tightest.points,
        remaining=max(tightest.points - tightest.used, 0),
        reset=_end(headers.get("date"), tightest.window.seconds),
    )


def _end(date: str | None, seconds: int) -> int | None:
    try:
        written: datetime = parsedate_to_datetime(date or "")
    except (ValueError, OverflowError):
        return None
    moment = int(written.timestamp())
    return moment - moment % seconds + seconds
