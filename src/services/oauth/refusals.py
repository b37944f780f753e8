"""What an authorization server refuses, as an error of ours."""

from __future__ import annotations

from src.core.errors import (
    AppError,
    ConnectorNotConfigured,
    OAuthDenied,
    OAuthExchangeFailed,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)
from src.core.oauth import (
    ClientRefused,
    Denied,
    LateReply,
    OAuthError,
    ProviderOutage,
    Throttled,
)


def translated(error: OAuthError) -> AppError:
    """A failure at the authorization server as one of ours, with the provider's own word."""
    told = {"error": error.word, "description": error.description}
    details = {"at": "provider", **{key: text for key, text in told.items() if text is not None}}
    match error:
        case Denied():
            return OAuthDenied("The authorization was not approved.", details=details)
        case ClientRefused():
            return ConnectorNotConfigured(
                error.explanation or "The provider does not accept the OAuth app.",
                details={**details, "reason": "app_refused"},
            )
        case Throttled():
            return RateLimited(
                "The provider is asked too often.",
                details={**details, "by": "provider"},
                retry_after=error.retry_after,
            )
        case ProviderOutage():
            outage = ProviderTimeout if isinstance(error, LateReply) else ProviderUnavailable
            return outage(str(error), details=details, retry_after=error.retry_after)
        case _:
            return OAuthExchangeFailed(error.explanation or str(error), details=details)
