"""From a provider's answer to one of our errors, by consequence; nothing else reads statuses.

The table below holds for providers that use HTTP as meant. A provider that does not hands in a
``classify`` function that sees the answer first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import msgspec

from src.core.errors import (
    AppError,
    CredentialRefused,
    CredentialStale,
    InsufficientScope,
    InvalidCursor,
    LimitOf,
    ProviderConflict,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    UnreadableAnswer,
)
from src.core.logging import MASK, redact_text
from src.core.outbound import (
    AddressRefused,
    AnswerTooLarge,
    OutboundError,
    Response,
    TimedOut,
)
from src.core.waits import LONGEST_WAIT_SECONDS, provider_clock, wait_seconds

LONGEST_MESSAGE = 300
DEFAULT_WAIT_SECONDS = 60.0
_MOST_READ = 64 * LONGEST_MESSAGE
"""Characters of what a provider says: so many more than are shown that no cut secret is among
these."""
SHORTEST_SECRET = 4
"""What is shorter is none, and stands in every other word."""
_SAYINGS = ("message", "error_description", "detail", "msg", "errorMessage", "title", "error")
_DEEPEST = 4
_MOST_LISTED = 10


class Verdict(StrEnum):
    """What a refusal means for us."""

    BAD_KEY = "bad_key"
    """No newer credential would help."""
    STALE = "stale"
    """A newer token may help: it is refreshed once, where that can be done."""
    SCOPE = "scope"
    """The grant does not cover it (``Refusal.missing_scopes``)."""
    LIMITED = "limited"
    """Too many requests; it is tried again if the wait is short."""
    CURSOR = "cursor"
    """The page's token is too old, or of another question."""
    GONE = "gone"
    """It is not there, or hidden."""
    FORBIDDEN = "forbidden"
    """The account may not, whatever the scopes are."""
    CONFLICT = "conflict"
    """It has changed meanwhile, or is there already."""
    REJECTED = "rejected"
    """The values of the request are wrong."""
    TIMEOUT = "timeout"
    OUTAGE = "outage"
    """The provider's own trouble; reads are tried again."""
    NONSENSE = "nonsense"
    """An answer that means nothing."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A verdict with what the provider says about it."""

    verdict: Verdict
    missing_scopes: tuple[str, ...] = ()
    wait_until: float | None = None
    """Unix seconds, where the provider tells a moment and not a span."""
    wait: float | None = None
    """Seconds, where the provider tells neither, but this kind of limit is known to be short."""
    window: int | None = None
    """Seconds of the span of the UTC clock with which the limit begins anew: 900 = :00, :15 …"""
    reason: str | None = None
    """The provider's own word for it, where that helps a caller."""
    sentence: str | None = None
    """Ours, where more can be said than what the verdict means: what to do next."""
    limit_of: LimitOf = LimitOf.REQUEST
    """For ``LIMITED``: what is not asked again until it is over, beside this request."""


Classify = Callable[[Response], Refusal | None]
"""A provider's own reading of an answer; None = the table decides."""

TABLE: dict[int, Verdict] = {
    # RFC 6750 §3.1 has one word for expired and revoked; a connector that can tell may.
    401: Verdict.STALE,
    403: Verdict.FORBIDDEN,
    404: Verdict.GONE,
    408: Verdict.TIMEOUT,
    409: Verdict.CONFLICT,
    410: Verdict.GONE,
    429: Verdict.LIMITED,
    451: Verdict.FORBIDDEN,
    504: Verdict.TIMEOUT,
}

_BY_VERDICT: dict[Verdict, tuple[type[AppError], str]] = {
    Verdict.BAD_KEY: (CredentialRefused, "The provider does not accept the credential."),
    Verdict.STALE: (CredentialStale, "The provider does not accept the credential."),
    Verdict.LIMITED: (RateLimited, "The provider's rate limit is reached."),
    Verdict.CURSOR: (
        InvalidCursor,
        "The provider no longer knows this page. Start without cursor.",
    ),
    Verdict.GONE: (ProviderNotFound, "The provider does not have this, or hides it."),
    Verdict.FORBIDDEN: (ProviderForbidden, "The provider forbids this to the account."),
    Verdict.CONFLICT: (ProviderConflict, "The provider reports a conflict."),
    Verdict.REJECTED: (ProviderRejected, "The provider refuses the values of this request."),
    Verdict.TIMEOUT: (ProviderTimeout, "The provider did not answer in time."),
    Verdict.OUTAGE: (ProviderUnavailable, "The provider has an outage."),
    Verdict.NONSENSE: (UnreadableAnswer, "The provider's answer cannot be read."),
}


def to_error(
    response: Response, classify: Classify | None, at: datetime, secrets: Collection[str] = ()
) -> AppError | None:
    """The error in an answer; None when the answer is good.

    Args:
        response: The answer.
        classify: The provider's own reading, which goes first.
        at: Now; a wait until a moment counts from here.
        secrets: What signed the request, so that an answer that echoes it does not give it away.
    """
    refusal = classify(response) if classify else None
    if refusal is None:
        if response.status < HTTPStatus.MULTIPLE_CHOICES:
            return None
        refusal = Refusal(_by_status(response.status))
    message = provider_message(response, secrets)
    details = {"at": "provider", "status": response.status, "message": message}
    if refusal.reason is not None:
        details["reason"] = _clean(refusal.reason, secrets)
    if refusal.verdict is Verdict.SCOPE:
        return InsufficientScope(
            "The grant lacks a scope that the provider asks for.", refusal.missing_scopes
        )
    kind, usual = _BY_VERDICT[refusal.verdict]
    sentence = refusal.sentence or usual
    if refusal.verdict is Verdict.LIMITED:
        details["by"] = "provider"
        return RateLimited(
            sentence,
            details=details,
            retry_after=_wait(response, refusal, at),
            limit_of=refusal.limit_of,
        )
    outage = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    wait = wait_seconds(response.headers, at) if outage else None
    return kind(sentence, details=details, retry_after=wait)


def _wait(response: Response, refusal: Refusal, at: datetime) -> float:
    """How long a limit lasts, by whatever says it best."""
    told = wait_seconds(response.headers, at)
    if told is not None:
        return told
    if refusal.wait_until is not None:
        left = refusal.wait_until - provider_clock(response.headers, at).timestamp()
        return min(max(left, 1.0), LONGEST_WAIT_SECONDS)
    if refusal.window is not None:
        present = provider_clock(response.headers, at).timestamp()
        return max(refusal.window - present % refusal.window, 1.0)
    return DEFAULT_WAIT_SECONDS if refusal.wait is None else refusal.wait


def _by_status(status: int) -> Verdict:
    if status in TABLE:
        return TABLE[status]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Verdict.OUTAGE
    return Verdict.REJECTED if status >= HTTPStatus.BAD_REQUEST else Verdict.NONSENSE


def refused(refusal: Refusal, said: str | None, secrets: Collection[str]) -> AppError:
    """The error for a refusal that came by another protocol than HTTP."""
    details: dict[str, Any] = {"at": "provider", "message": said and _clean(said, secrets)}
    if refusal.reason is not None:
        details["reason"] = _clean(refusal.reason, secrets)
    if refusal.verdict is Verdict.SCOPE:
        return InsufficientScope(
            "The grant lacks a scope that the provider asks for.", refusal.missing_scopes
        )
    kind, usual = _BY_VERDICT[refusal.verdict]
    sentence = refusal.sentence or usual
    if refusal.verdict is not Verdict.LIMITED:
        return kind(sentence, details=details)
    wait = DEFAULT_WAIT_SECONDS if refusal.wait is None else refusal.wait
    return RateLimited(
        sentence,
        details={**details, "by": "provider"},
        retry_after=wait,
        limit_of=refusal.limit_of,
    )


def unsent(error: OutboundError) -> AppError:
    """The error for a call that brought no answer."""
    details = {"at": "provider", "reason": str(error)}
    match error:
        case TimedOut():
            return ProviderTimeout("The provider did not answer in time.", details=details)
        case AnswerTooLarge():
            return UnreadableAnswer("The provider's answer is too large.", details=details)
        case AddressRefused():
            return ProviderUnavailable("The provider's address is not allowed.", details=details)
        case _:
            return ProviderUnavailable("The provider cannot be reached.", details=details)


def unreadable(reason: str) -> UnreadableAnswer:
    """The error for an answer that has not the documented form."""
    return UnreadableAnswer(
        "The provider's answer has not the form it documents.",
        details={"at": "provider", "reason": reason},
    )


def provider_message(response: Response, secrets: Collection[str] = ()) -> str | None:
    """What the provider says about a failure, short and without secrets."""
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    # Salesforce's whole answer is a list of what is wrong.
    is_list = isinstance(body, list)
    said = {"errors": [one for one in body if isinstance(one, dict)]} if is_list else body
    text = _first_text(said, _DEEPEST)
    return _clean(text, secrets) if text else None


def _clean(text: str, secrets: Collection[str]) -> str:
    """A provider's text, short and without secrets."""
    text = text[:_MOST_READ]
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    return redact_text(text)[:LONGEST_MESSAGE]


def _first_text(body: Any, depth: int) -> str | None:
    if not isinstance(body, dict) or depth == 0:
        return None
    for name in _SAYINGS:
        value = body.get(name)
        if isinstance(value, str) and value:
            return value
        if inner := _first_text(value, depth - 1):
            return inner
    return _listed_text(body, depth)


def _listed_text(body: dict[str, Any], depth: int) -> str | None:
    """What stands in lists: ``errorMessages``, and ``errors`` by field or one after the other."""
    parts: list[str] = []
    for name in ("errorMessages", "errors", "message"):
        found = body.get(name)
        if isinstance(found, list):
            parts += [
                text
                for entry in found[:_MOST_LISTED]
                if (text := entry if isinstance(entry, str) else _first_text(entry, depth - 1))
            ]
        elif isinstance(found, dict):
            pairs = list(found.items())[:_MOST_LISTED]
            parts += [f"{key}: {text}" for key, text in pairs if isinstance(text, str)]
    return " ".join(parts) or None
