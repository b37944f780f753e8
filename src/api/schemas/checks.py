"""Bodies of what is checked without being stored: credentials, connections, the provider itself."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from src.api.schemas.base import Body, JsonObject, Name, Reply, Secret, Strict
from src.api.schemas.connect import ImportedToken, given_of
from src.api.schemas.connections import AccountOut
from src.core.errors import ValidationFailed
from src.models.rate_limit import RateLimit
from src.services.checks import Probe, Verdict
from src.services.connect import Authorization


class CredentialsBody(Strict):
    """Credentials to check: a key, or a token."""

    method: Name | None = None
    api_key: Secret | None = None
    api_secret: Secret | None = None
    token: ImportedToken | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.api_key is None) == (self.token is None):
            raise ValueError("needs either apiKey or token")
        return self


class ValidateBody(Body):
    """What to check before storing it; a form may send its config before it has credentials."""

    config: JsonObject | None = None
    credentials: CredentialsBody | None = None

    def to_authorization(self) -> Authorization | None:
        """What the service takes; None = the config alone.

        Raises:
            ValidationFailed: There is neither.
        """
        if self.credentials is None:
            if self.config is None:
                raise ValidationFailed([("credentials", "is required where there is no config")])
            return None
        given, method = given_of(
            self.credentials.method,
            self.credentials.api_key,
            self.credentials.api_secret,
            self.credentials.token,
        )
        return Authorization(given=given, method=method, config=self.config)


class FieldError(Reply):
    """What is wrong with one field."""

    field: str
    message: str


class ValidOut(Reply):
    """Whether credentials work."""

    valid: bool
    errors: list[FieldError]
    account: AccountOut | None

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """From the check."""
        return cls(**_told(verdict))


class ConnectionValidOut(ValidOut):
    """Whether a connection's credential works, and what its grant lacks."""

    missing_scopes: list[str]

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """From the check."""
        return cls(**_told(verdict), missing_scopes=list(verdict.missing_scopes))


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "valid": verdict.valid,
        "errors": [FieldError(field=field, message=text) for field, text in verdict.errors],
        "account": AccountOut.of(verdict.account),
    }


class RateLimitOut(Reply):
    """What the provider told us of its limit; `reset` in Unix seconds."""

    limit: int | None
    remaining: int | None
    reset: int | None

    @classmethod
    def of(cls, limit: RateLimit | None) -> Self | None:
        """From the call."""
        if limit is None:
            return None
        return cls(limit=limit.limit, remaining=limit.remaining, reset=limit.reset)


class ProbeOut(Reply):
    """How the provider answers right now."""

    reachable: bool
    authenticated: bool
    latency_ms: int
    account: AccountOut | None
    rate_limit: RateLimitOut | None

    @classmethod
    def of(cls, probe: Probe) -> Self:
        """From the check."""
        return cls(
            reachable=probe.reachable,
            authenticated=probe.authenticated,
            latency_ms=probe.latency_ms,
            account=AccountOut.of(probe.account),
            rate_limit=RateLimitOut.of(probe.rate_limit),
        )
