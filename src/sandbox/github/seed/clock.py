"""Moments of the seed, counted from a fixed day and never from the clock."""

from datetime import UTC, datetime, timedelta

_ORIGIN = datetime(2023, 1, 1, 12, tzinfo=UTC)
DAY = 86_400


def moment(seconds: int) -> str:
    """Write a moment the way GitHub does: UTC, to the second, with a Z."""
    return (_ORIGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
