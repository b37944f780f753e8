"""What a failed refresh means: for the caller, for the connection, and for the next attempt."""

from __future__ import annotations

from src.core.errors import (
    AppError,
    ConnectorNotConfigured,
    ProviderUnavailable,
    RateLimited,
    UnreadableAnswer,
)
from src.core.oauth import (
    ClientRefused,
    GrantDead,
    OAuthError,
    ProviderOutage,
    Throttled,
)
from src.models.connection import FAILURES_UNTIL_FAILING
from src.models.credential import StoredToken
from src.models.refresh import RefreshLease, Trouble, TroubleKind
from src.services.credentials import reauthorization_required

FIRST_REST = 2.0
LONGEST_REST = 300.0
LONGEST_APP_REST = 30.0
"""Shorter: somebody is repairing the configuration, and wants to see it work."""

DEAD = "The provider no longer accepts the refresh token. Connect again."
LOST = (
    "The answer to the last refresh was lost, and the provider does not accept the earlier refresh "
    "token any more. Connect again."
)
_SENTENCES = {
    TroubleKind.OUTAGE: "The token cannot be refreshed now: the provider has an outage.",
    TroubleKind.LIMITED: "The token cannot be refreshed now: the provider is asked too often.",
    TroubleKind.REFUSED: "The token cannot be refreshed: the provider refuses the request.",
    TroubleKind.APP: "The provider does not accept the OAuth app. Check its id and secret.",
}


def trouble_of(error: OAuthError, token: StoredToken, *, lost: bool) -> Trouble:
    """What an attempt ended with.

    Args:
        error: The failure.
        token: Whose refresh token was sent.
        lost: It had been sent before, and that answer is lost.
    """
    match error:
        case GrantDead():
            kind = TroubleKind.DEAD
        case ClientRefused():
            kind = TroubleKind.APP
        case Throttled():
            kind = TroubleKind.LIMITED
        case ProviderOutage():
            kind = TroubleKind.OUTAGE
        case _:
            kind = TroubleKind.REFUSED
    sentence = (LOST if lost else DEAD) if kind is TroubleKind.DEAD else _SENTENCES[kind]
    if error.word and not lost:
        sentence = f"{sentence} It says: {error.word}."
    return Trouble(kind=kind, message=sentence, generation=token.generation, version=token.version)


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
        case TroubleKind.OUTAGE:
            details = {"at": "provider"}
            return ProviderUnavailable(trouble.message, details=details, retry_after=wait)


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
