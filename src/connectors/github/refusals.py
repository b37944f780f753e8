"""How GitHub says no.

A 403 has four meanings: a limit, a missing scope, a missing permission, or plainly forbidden.
Writes add a 409 and a 422 that both mean "read the file again", and a 422 that means "too quickly".
Source: docs.github.com/rest/using-the-rest-api, "Rate limits" and "Troubleshooting".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from src.connectors.rest.decoding import Fragment
from src.connectors.rest.errors import Refusal, Verdict, provider_message
from src.connectors.rest.values import whole_number
from src.core.errors import LimitOf
from src.core.outbound import Response
from src.models.rate_limit import RateLimit

_TOO_MANY = 429
_CHANGED = re.compile(r"does not match [0-9a-f]{40}|but expected [0-9a-f]{40}")
_MOST_REASONS = 5


class _Fault(Fragment):
    """An entry of ``errors`` in a 422; some are plain sentences."""

    resource: str | None = None
    field: str | None = None
    code: str | None = None
    message: str | None = None


class _Faults(Fragment):
    errors: list[_Fault | str] = []  # noqa: RUF012  a struct copies its defaults


def classify(response: Response) -> Refusal | None:
    """Tell the meanings of 403 apart, and what a write is told; the common table knows the rest."""
    match response.status:
        case 403 | 429:
            return _limited(response) or _scope_missing(response)
        case 409:
            return _file_changed(response)
        case 422:
            return _unprocessable(response)
        case _:
            return None


def _limited(response: Response) -> Refusal | None:
    headers = response.headers
    spent = headers.get("x-ratelimit-remaining") == "0"
    words = (provider_message(response) or "").lower()
    # "abuse" is what servers of one's own still say for "secondary rate limit".
    said = "rate limit" in words or "abuse detection" in words
    if not (spent or said or "retry-after" in headers or response.status == _TOO_MANY):
        return None
    reset = whole_number(headers.get("x-ratelimit-reset")) if spent else None
    reach = _reach(headers, words, spent=spent, said=said)
    return Refusal(Verdict.LIMITED, wait_until=reset, limit_of=reach)


def _reach(headers: Mapping[str, str], words: str, *, spent: bool, said: bool) -> LimitOf:
    """What had better not be asked; those who go on asking are banned, GitHub says."""
    if spent:
        is_core = headers.get("x-ratelimit-resource", "core") == "core"
        return LimitOf.CONNECTION if is_core else LimitOf.ENDPOINT
    if "content creation" in words:
        return LimitOf.ENDPOINT
    return LimitOf.CONNECTION if said else LimitOf.REQUEST


def _file_changed(response: Response) -> Refusal | None:
    if not _CHANGED.search(provider_message(response) or ""):
        return None
    return Refusal(
        Verdict.CONFLICT,
        sentence="The file has changed since it was read. Read it again, and write with its sha.",
    )


def _unprocessable(response: Response) -> Refusal | None:
    """The reasons in the body; a missing sha and a too quick write are no wrong values."""
    if '"sha" wasn\'t supplied' in (provider_message(response) or ""):
        return Refusal(
            Verdict.CONFLICT,
            sentence="The file exists already. Read it, and write with its sha to replace it.",
        )
    reasons = _reasons(response.content)
    if any("submitted too quickly" in reason for reason in reasons):
        return Refusal(Verdict.LIMITED)
    return Refusal(Verdict.REJECTED, reason="; ".join(reasons)) if reasons else None


def _reasons(content: bytes) -> list[str]:
    try:
        faults = msgspec.json.decode(content, type=_Faults).errors
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return [_reason(fault) for fault in faults[:_MOST_REASONS]]


def _reason(fault: _Fault | str) -> str:
    if isinstance(fault, str):
        return fault
    where = " ".join(filter(None, (fault.field, fault.code)))
    return fault.message or where


def _scope_missing(response: Response) -> Refusal | None:
    headers = response.headers
    if "x-github-sso" in headers:
        # No other scope would help.
        return Refusal(
            Verdict.FORBIDDEN,
            sentence="The organisation wants a single sign-on first: authorize the token for it at"
            " GitHub.",
        )
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
        limit=whole_number(headers.get("x-ratelimit-limit")),
        remaining=whole_number(headers.get("x-ratelimit-remaining")),
        reset=whole_number(headers.get("x-ratelimit-reset")),
    )


def is_partial(headers: Mapping[str, str]) -> bool:
    """Whether organisations were left out of a list because they want a single sign-on first."""
    return headers.get("x-github-sso", "").strip().startswith("partial-results")


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
