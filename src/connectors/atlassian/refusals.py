"""How Atlassian says no, in Jira and Confluence alike, and what it tells of its limits.

Three shapes of errors meet here: the product's (``errorMessages``, ``errors``), the gateway's
(``code``, ``message``), and none at all (empty, or HTML). Source: developer.atlassian.com,
"Rate limiting", and what the gateway answers in life.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from src.connectors.rest.errors import Refusal, Verdict, provider_message
from src.connectors.rest.values import seconds_after, whole_number
from src.core.errors import LimitOf
from src.core.outbound import Response
from src.models.rate_limit import RateLimit

BURST_SECONDS = 2.0
"""How long to wait after a burst of calls, where nobody says."""

_LONGEST_REASON = 64
_PART = re.compile(r"(?:^|;)\s*([qrt])\s*=\s*([0-9]{1,15})")


def classify(response: Response) -> Refusal | None:
    """Tell what the common table cannot; it knows the rest."""
    match response.status:
        case 401 | 403:
            return _refused(response)
        case 429:
            return _limited(response)
        case _:
            return None


def _refused(response: Response) -> Refusal | None:
    if "scope does not match" in (provider_message(response) or "").lower():
        # A fresh token of the same grant would lack it, too.
        return Refusal(Verdict.SCOPE)
    if response.headers.get("x-seraph-loginreason", "").upper().startswith("AUTHENTICAT"):
        # AUTHENTICATED_FAILED, and after several of these AUTHENTICATION_DENIED: a CAPTCHA.
        return Refusal(Verdict.BAD_KEY)
    if policy := response.headers.get("atlassian-datasecuritypolicy"):
        return Refusal(Verdict.FORBIDDEN, reason=policy[:_LONGEST_REASON])
    return None


def _limited(response: Response) -> Refusal:
    headers = response.headers
    reason = headers.get("ratelimit-reason", "")
    if "burst" in reason or "per-issue" in reason:
        return Refusal(
            Verdict.LIMITED,
            wait=BURST_SECONDS,
            reason=reason[:_LONGEST_REASON],
            limit_of=LimitOf.ENDPOINT,
        )
    # A quota is over for the whole app or site: no call before its reset would be taken.
    return Refusal(
        Verdict.LIMITED,
        wait_until=_moment(headers.get("x-ratelimit-reset")),
        reason=reason[:_LONGEST_REASON] or None,
        limit_of=LimitOf.CONNECTION,
    )


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """What is left of the limit: as enforced, else as announced (``Beta-RateLimit``)."""
    if "x-ratelimit-limit" in headers or "x-ratelimit-remaining" in headers:
        reset = _moment(headers.get("x-ratelimit-reset"))
        return RateLimit(
            limit=whole_number(headers.get("x-ratelimit-limit")),
            remaining=whole_number(headers.get("x-ratelimit-remaining")),
            reset=None if reset is None else int(reset),
        )
    told = headers.get("ratelimit") or headers.get("beta-ratelimit")
    policy = headers.get("ratelimit-policy") or headers.get("beta-ratelimit-policy") or ""
    if told is None:
        return None
    # The first policy is the narrowest; q is the quota, r what remains, t the seconds until reset.
    parts = dict(_PART.findall(policy.split(",")[0])) | dict(_PART.findall(told.split(",")[0]))
    return RateLimit(
        limit=whole_number(parts.get("q")),
        remaining=whole_number(parts.get("r")),
        reset=seconds_after(headers.get("date"), whole_number(parts.get("t"))),
    )


def _moment(text: str | None) -> float | None:
    """Unix seconds of an ISO 8601 time, which is how Atlassian writes a reset."""
    try:
        moment = datetime.fromisoformat(text or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
