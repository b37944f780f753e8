"""What Atlassian tells of its limits, as enforced and as announced."""

import pytest

from src.connectors.atlassian.refusals import rate_limit
from src.models.rate_limit import RateLimit

DATE = "Sun, 04 Oct 2026 21:30:00 GMT"
RESET = 1_791_151_200
"""2026-10-04T22:00Z."""


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        ({}, None),
        (
            {
                "x-ratelimit-limit": "350",
                "x-ratelimit-remaining": "12",
                "x-ratelimit-reset": "2026-10-04T22:00Z",
            },
            RateLimit(350, 12, RESET),
        ),
        ({"x-ratelimit-remaining": "0"}, RateLimit(None, 0, None)),
        (
            {"x-ratelimit-limit": "-1", "x-ratelimit-remaining": "٣", "x-ratelimit-reset": "soon"},
            RateLimit(None, None, None),
        ),
        # A data center tells how fast its bucket fills, and no moment.
        (
            {
                "x-ratelimit-limit": "10",
                "x-ratelimit-remaining": "9",
                "x-ratelimit-interval-seconds": "60",
                "x-ratelimit-fillrate": "5",
            },
            RateLimit(10, 9, None),
        ),
        (
            {
                "beta-ratelimit-policy": '"tenant-app-quota";q=100100;w=3600',
                "beta-ratelimit": '"tenant-app-quota";r=17842;t=1800',
                "date": DATE,
            },
            RateLimit(100_100, 17_842, RESET),
        ),
        # The prefix goes when it is enforced.
        (
            {
                "ratelimit-policy": '"a";q=10;w=60,"b";q=99;w=3600',
                "ratelimit": '"a";r=7;t=1800, "b";r=98;t=9',
                "date": DATE,
            },
            RateLimit(10, 7, RESET),
        ),
        ({"beta-ratelimit": '"q";r=5;t=9'}, RateLimit(None, 5, None)),
        ({"beta-ratelimit": "nonsense", "date": DATE}, RateLimit(None, None, None)),
        ({"beta-ratelimit": '"q";r=5;t=9', "date": "nonsense"}, RateLimit(None, 5, None)),
        ({"beta-ratelimit-policy": '"q";q=5;w=9'}, None),
    ],
    ids=str,
)
def test_what_is_left(headers: dict[str, str], limit: RateLimit | None) -> None:
    assert rate_limit(headers) == limit
