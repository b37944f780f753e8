"""What a provider told us about its limit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Calls per window, calls left in it, and when it begins anew (Unix seconds)."""

    limit: int | None
    remaining: int | None
    reset: int | None
