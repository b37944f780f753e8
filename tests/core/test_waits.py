"""Moments that a provider tells are by its own clock."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from src.core.waits import LONGEST_WAIT_SECONDS, provider_clock, wait_seconds

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def told(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize("skew", [timedelta(hours=1), -timedelta(hours=1), timedelta(days=900)])
def test_a_date_to_wait_for_is_by_the_clock_that_told_it(skew: timedelta) -> None:
    headers = {"date": told(NOW + skew), "retry-after": told(NOW + skew + timedelta(seconds=90))}
    assert wait_seconds(headers, NOW) == 90


@pytest.mark.parametrize(
    "date", ["", "yesterday", told(NOW - timedelta(seconds=30)), told(NOW.replace(year=9999))]
)
def test_a_clock_that_is_about_right_or_untold_is_taken_as_right(date: str) -> None:
    assert provider_clock({"date": date}, NOW) == NOW


def test_no_clock_makes_a_wait_longer_than_the_longest() -> None:
    headers = {"date": told(NOW - timedelta(days=900)), "retry-after": told(NOW)}
    assert wait_seconds(headers, NOW) == LONGEST_WAIT_SECONDS
