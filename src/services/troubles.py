"""What a failed refresh means: for the caller, for the connection, and for the next attempt."""

from __future__ import annotations

from datetime import timedelta

from src.core.errors import (
    AppError,
    ConnectorNotConfigured,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    UnreadableAnswer,
)
from src.core.oauth import (
    ClientRefused,
    GrantDead,
    LateReply,
    OAuthError,
    ProviderOutage,
    Throttled,
)
from src.models.base import now
from src.models.connection import FAILURES_UNTIL_FAILING
from src.models.credential import StoredToken
from src.models.refresh import RefreshLease, Trouble, TroubleKind
from src.services.credentials import reauthorization_required

FIRST_REST = 2.0
LONGEST_REST = 300.0
TOLERANCE = timedelta(hours=1)
"""How much earlier than it was told a refresh token may have ended."""
LONGEST_APP_REST = 30.0
"""Shorter: somebody is repairing the configuration, and wants to see it work."""

DEAD = "The provider no longer accepts the refresh token. Connect again."
LOST = (
    "The answer to the last refresh was lost, and the provider does not accept the earlier refresh "
    "token any more. Connect again."
)
_SENTENCES = {
    TroubleKind.OUTAGE: "The token cannot be refreshed now: the provider has an outage.",
    TroubleKind.TIMEOUT: "The token cannot be refreshed now: the provider does not answer in time.",
    TroubleKind.LIMITED: "The token cannot be refreshed now: the provider is asked too often.",
    TroubleKind.REFUSED: "The token cannot be refreshed: the provider refuses the request.",
    TroubleKind.APP: "The provider does not accept the OAuth app. Check its id and secret.",
}


def trouble_of(
    error: OAuthError, token: StoredToken, *, lost: bool, explained_end: str | None = None
) -> Trouble:
    """What an attempt ended with.

    Args:
        error: The failure.
        token: Whose refresh token was sent.
        explained_end: What to tell of one that ended when it was said that it would.
        lost: It had been sent before, and that answer is lost.
    """
    match error:
        case GrantDead():
            kind = TroubleKind.DEAD
        case ClientRefused():
            kind = TroubleKind.APP
        case Throttled():
            kind = TroubleKind.LIMITED
        case LateReply():
            kind = TroubleKind.TIMEOUT
        case ProviderOutage():
            kind = TroubleKind.OUTAGE
        case _:
            kind = TroubleKind.REFUSED
    if kind is TroubleKind.DEAD:
        is_over = token.refresh_end_told and _has_ended(token)
        told = (explained_end if is_over else None) or error.explanation
        sentence = LOST if lost else told or DEAD
    else:
        sentence = _SENTENCES[kind]
    if error.word and not lost:
        sentence = f"{sentence} It says: {error.word}."
    return Trouble(kind=kind, message=sentence, generation=token.generation, version=token.version)


def _has_ended(token: StoredToken) -> bool:
    end = token.refresh_expires_at
    return end is not None and end <= now() + TOLERANCE


def error_of(trouble: Trouble, rest_seconds: float) -> AppError:
    """The error for a caller who cannot do without a new token."""
    wait = max(rest_seconds, 1.0)
    match trouble.kind:
        case TroubleKind.DEAD:
            return reauthorization_required(trouble.message)
        case TroubleKind.APP:
            return ConnectorNotConfigured(trouble.message, details={"reason": "app_refused"})
        case TroubleKind.LIMITED:
            details = {"at": "provider", "by": "provider"}
            return RateLimited(trouble.message, details=details, retry_after=wait)
        case TroubleKind.REFUSED:
            return UnreadableAnswer(trouble.message, details={"at": "provider"})
        case TroubleKind.OUTAGE | TroubleKind.TIMEOUT as kind:
            is_late = kind is TroubleKind.TIMEOUT
            outage = ProviderTimeout if is_late else ProviderUnavailable
            return outage(trouble.message, details={"at": "provider"}, retry_after=wait)


def rest_after(error: OAuthError, lease: RefreshLease) -> float:
    """For how many seconds nobody is to ask again: twice as long each time, or as it is told."""
    longest = LONGEST_APP_REST if isinstance(error, ClientRefused) else LONGEST_REST
    ours = min(FIRST_REST * 2.0 ** min(lease.failures, 10), longest)
    asked = error.retry_after if isinstance(error, ProviderOutage) else None
    return max(ours, asked or 0.0)


def failures_after(trouble: Trouble, lease: RefreshLease) -> int:
    """How many failed refreshes a connection shows; no attempt will repair a wrong app."""
    failures = lease.failures + 1
    if trouble.kind is TroubleKind.APP:
        return max(failures, FAILURES_UNTIL_FAILING)
    return failures
