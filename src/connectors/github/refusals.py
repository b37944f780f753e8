"""How GitHub says no.

A 403 has four meanings: a limit, a missing scope, a missing permission, or plainly forbidden.
Source: docs.github.com/rest/using-the-rest-api, "Rate limits" and "Troubleshooting".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from src.connectors.rest.errors import Refusal, Verdict, provider_message
from src.core.outbound import Response
from src.models.rate_limit import RateLimit

_FORBIDDEN = 403
_TOO_MANY = 429
_DIGITS = re.compile(r"[0-9]{1,15}")


def classify(response: Response) -> Refusal | None:
    """Tell the meanings of 403 apart; the common table knows the rest."""
    if response.status not in {_FORBIDDEN, _TOO_MANY}:
        return None
    return _limited(response) or _scope_missing(response)


def _limited(response: Response) -> Refusal | None:
    headers = response.headers
    spent = headers.get("x-ratelimit-remaining") == "0"
    said = "rate limit" in (provider_message(response) or "").lower()
    if not (spent or said or "retry-after" in headers or response.status == _TOO_MANY):
        return None
    reset = _number(headers.get("x-ratelimit-reset")) if spent else None
    return Refusal(Verdict.LIMITED, wait_until=reset)


def _scope_missing(response: Response) -> Refusal | None:
    headers = response.headers
    if "x-github-sso" in headers:
        # The organisation wants a single sign-on first; no other scope would help.
        return Refusal(Verdict.FORBIDDEN)
    if permissions := _names(headers.get("x-accepted-github-permissions", "").partition(";")[0]):
        # Semicolons separate sets of permissions, any one of which would do.
        return Refusal(Verdict.SCOPE, missing_scopes=permissions)
    accepted = _names(headers.get("x-accepted-oauth-scopes", ""))
    granted = _names(headers.get("x-oauth-scopes", ""))
    if not accepted or "x-oauth-scopes" not in headers or set(accepted) & set(granted):
        return None
    # Any one of them would do; the one that only reads asks the least of the user.
    least = next((scope for scope in accepted if scope.startswith("read:")), accepted[0])
    return Refusal(Verdict.SCOPE, missing_scopes=(least,))


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """What is left of the limit that a call fell under."""
    if "x-ratelimit-limit" not in headers:
        return None
    return RateLimit(
        limit=_number(headers.get("x-ratelimit-limit")),
        remaining=_number(headers.get("x-ratelimit-remaining")),
        reset=_number(headers.get("x-ratelimit-reset")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and _DIGITS.fullmatch(text) else None


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
