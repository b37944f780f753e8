"""Our own limits as headers; the provider's have names of their own."""

from __future__ import annotations

from src.services.usage import Standing

STANDING = "standing"
"""Under this name the state of a request holds where its caller stands."""


def own_limit_headers(standing: Standing) -> dict[str, str]:
    """Where the caller stands with the limit that is nearest."""
    return {
        "X-RateLimit-Limit": str(standing.limit),
        "X-RateLimit-Remaining": str(standing.remaining),
        "X-RateLimit-Reset": str(standing.reset),
    }
