"""Every failure that a caller can meet, as a tree by consequence.

AppError
├── CallerError            the request cannot be used as it is
├── SetupError             something must be completed or configured first
├── AskUser                only the end user can help: authorize again, grant more
├── Wait                   a limit; try again after a known time
├── TryLater               an outage; try again
├── SkipThis               this one thing cannot be had; others can
└── OurBug                 we asked wrongly, or cannot read the answer

The stable code is on the class. The HTTP status is not: ``api.errors`` holds the one table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

from src.models.rate_limit import RateLimit


class ErrorCode(StrEnum):
    """The stable names of failures (contract §6)."""

    BAD_REQUEST = "bad_request"
    INVALID_CURSOR = "invalid_cursor"
    INVALID_STATE = "invalid_state"
    OAUTH_DENIED = "oauth_denied"
    OAUTH_EXCHANGE_FAILED = "oauth_exchange_failed"
    TENANT_REQUIRED = "tenant_required"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    TENANT_MISMATCH = "tenant_mismatch"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    CONNECTION_EXISTS = "connection_exists"
    ACCOUNT_MISMATCH = "account_mismatch"
    STALE_VERSION = "stale_version"
    CONNECTOR_NOT_CONFIGURED = "connector_not_configured"
    CONNECTION_NOT_READY = "connection_not_ready"
    REAUTHORIZATION_REQUIRED = "reauthorization_required"
    CREDENTIALS_UNREADABLE = "credentials_unreadable"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    VALIDATION_ERROR = "validation_error"
    UNSUPPORTED_CAPABILITY = "unsupported_capability"
    UNSUPPORTED_FILTER = "unsupported_filter"
    PROVIDER_REJECTED = "provider_rejected"
    RATE_LIMITED = "rate_limited"
    INTERNAL_ERROR = "internal_error"
    PROVIDER_ERROR = "provider_error"
    PROVIDER_TIMEOUT = "provider_timeout"
    SERVICE_UNAVAILABLE = "service_unavailable"


class AppError(Exception):
    """A failure with a stable code, a sentence for a person and details for a program."""

    code: ClassVar[ErrorCode]

    def __init__(
        self,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = dict(details or {})
        self.retry_after = retry_after
        self.rate_limit: RateLimit | None = None


class CallerError(AppError):
    """The request cannot be used as it is."""


class BadRequest(CallerError):
    """The body cannot be read."""

    code = ErrorCode.BAD_REQUEST


class InvalidCursor(CallerError):
    """The cursor was edited, has expired or belongs to another question."""

    code = ErrorCode.INVALID_CURSOR


class InvalidState(CallerError):
    """The OAuth state is unknown, used, too old, or belongs to somebody or something else."""

    code = ErrorCode.INVALID_STATE


class OAuthDenied(CallerError):
    """The user, or the provider in their place, did not approve."""

    code = ErrorCode.OAUTH_DENIED


class OAuthExchangeFailed(CallerError):
    """The provider does not turn the code into tokens."""

    code = ErrorCode.OAUTH_EXCHANGE_FAILED


class TenantRequired(CallerError):
    """Nothing names the tenant."""

    code = ErrorCode.TENANT_REQUIRED


class Unauthorized(CallerError):
    """No proof of who is calling, or one that does not hold."""

    code = ErrorCode.UNAUTHORIZED


class Forbidden(CallerError):
    """The caller is known and may not."""

    code = ErrorCode.FORBIDDEN


class TenantMismatch(CallerError):
    """The request names another tenant than the caller's."""

    code = ErrorCode.TENANT_MISMATCH


class NotFound(CallerError):
    """Absent, or somebody else's: the answer does not tell which."""

    code = ErrorCode.NOT_FOUND


class MethodNotAllowed(CallerError):
    """The route exists, the method on it does not."""

    code = ErrorCode.METHOD_NOT_ALLOWED


class Conflict(CallerError):
    """The request contradicts what is there."""

    code = ErrorCode.CONFLICT


class ConnectionExists(CallerError):
    """The same account is already connected."""

    code = ErrorCode.CONNECTION_EXISTS


class AccountMismatch(CallerError):
    """A reconnect came back as another account."""

    code = ErrorCode.ACCOUNT_MISMATCH


class StaleVersion(CallerError):
    """Somebody else wrote in between."""

    code = ErrorCode.STALE_VERSION


class PayloadTooLarge(CallerError):
    """The request body is over the limit."""

    code = ErrorCode.PAYLOAD_TOO_LARGE


class ValidationFailed(CallerError):
    """One or more fields are wrong; ``details.errors`` names each."""

    code = ErrorCode.VALIDATION_ERROR

    def __init__(self, errors: Sequence[tuple[str, str]], message: str | None = None) -> None:
        super().__init__(
            message or f"{errors[0][0]}: {errors[0][1]}",
            details={"errors": [{"field": field, "message": text} for field, text in errors]},
        )


class UnsupportedCapability(CallerError):
    """The connector cannot do this."""

    code = ErrorCode.UNSUPPORTED_CAPABILITY


class UnsupportedFilter(CallerError):
    """The provider cannot honour this filter, so it is refused rather than ignored."""

    code = ErrorCode.UNSUPPORTED_FILTER

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, details={"errors": [{"field": field, "message": message}]})


class SetupError(AppError):
    """Something must be completed or configured first."""


class ConnectorNotConfigured(SetupError):
    """Disabled for this tenant, or without an app."""

    code = ErrorCode.CONNECTOR_NOT_CONFIGURED


class ConnectionNotReady(SetupError):
    """The connection is pending or disconnected."""

    code = ErrorCode.CONNECTION_NOT_READY


class AskUser(AppError):
    """Only the end user can help."""


class ReauthorizationRequired(AskUser):
    """The provider no longer accepts the credential."""

    code = ErrorCode.REAUTHORIZATION_REQUIRED


class CredentialRefused(ReauthorizationRequired):
    """The provider answered a call with "who are you?"."""


class CredentialStale(CredentialRefused):
    """The same, and a newer credential may be all that it takes."""


class CredentialsUnreadable(AskUser):
    """The stored secret does not open with the present ENCRYPTION_KEY."""

    code = ErrorCode.CREDENTIALS_UNREADABLE


class InsufficientScope(AskUser):
    """The grant lacks a scope."""

    code = ErrorCode.INSUFFICIENT_SCOPE

    def __init__(self, message: str, missing_scopes: Sequence[str]) -> None:
        super().__init__(
            message, details={"missingScopes": sorted(missing_scopes), "reauthorizeUrl": None}
        )


class Wait(AppError):
    """A limit; try again after a known time."""


class LimitOf(StrEnum):
    """How far a provider's limit reaches: what had better not be asked until it is over."""

    REQUEST = "request"
    """Nothing is known but that this request was refused."""
    ENDPOINT = "endpoint"
    CONNECTION = "connection"


class RateLimited(Wait):
    """Too many calls, at the provider or here (``details.by``)."""

    code = ErrorCode.RATE_LIMITED

    def __init__(
        self,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
        limit_of: LimitOf = LimitOf.REQUEST,
    ) -> None:
        super().__init__(message, details=details, retry_after=retry_after)
        self.limit_of = limit_of


class TryLater(AppError):
    """An outage; try again."""


class ProviderUnavailable(TryLater):
    """The provider answered 5xx or could not be reached."""

    code = ErrorCode.PROVIDER_ERROR


class ProviderTimeout(TryLater):
    """The provider did not answer in time."""

    code = ErrorCode.PROVIDER_TIMEOUT


class ServiceUnavailable(TryLater):
    """Our own database is away."""

    code = ErrorCode.SERVICE_UNAVAILABLE


class SkipThis(AppError):
    """This one thing cannot be had; others can."""


class ProviderNotFound(SkipThis):
    """Gone at the provider, or hidden from this account."""

    code = ErrorCode.NOT_FOUND


class ProviderForbidden(SkipThis):
    """The provider forbids this one thing to this account, and not for want of a scope."""

    code = ErrorCode.FORBIDDEN


class ProviderConflict(SkipThis):
    """The provider's own conflict."""

    code = ErrorCode.CONFLICT


class OurBug(AppError):
    """We asked wrongly, or cannot read the answer."""


class ProviderRejected(OurBug):
    """The provider refuses the values of this request."""

    code = ErrorCode.PROVIDER_REJECTED


class UnreadableAnswer(OurBug):
    """The provider's answer has not the form it documents."""

    code = ErrorCode.PROVIDER_ERROR


class InternalError(OurBug):
    """A bug of ours; nothing of it leaves the process but the request id."""

    code = ErrorCode.INTERNAL_ERROR


class StartError(Exception):
    """The process cannot start; the message is one sentence that says what to do."""


def all_errors(root: type[AppError] = AppError) -> list[type[AppError]]:
    """Every concrete class of the tree below ``root``."""
    found = [root] if hasattr(root, "code") else []
    for child in root.__subclasses__():
        found += all_errors(child)
    return found
