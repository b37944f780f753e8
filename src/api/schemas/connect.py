"""Bodies of the connect flow."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from src.api.schemas.base import (
    Alias,
    Body,
    ConnectionId,
    JsonObject,
    Moment,
    Name,
    Reply,
    Secret,
    Strict,
    UserId,
)
from src.api.schemas.connections import AccountOut
from src.api.schemas.connectors import KeyFieldOut
from src.models.connection import Connection
from src.models.credential import Credential
from src.models.rate_limit import RateLimit
from src.services.checks import Probe, Verdict
from src.services.connect import Authorization, GivenKey, GivenToken
from src.services.scopes import ScopeReport

Scope = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7E]{1,256}$")]


class ConnectBody(Body):
    """Begin to connect with a key."""

    method: Name = Field(description="An id of the connector's `authMethods`, or `apiKey`.")


class KeyForm(Reply):
    """What a person has to type, and the header that the key is sent in."""

    fields: list[KeyFieldOut]
    header: str


class ImportedToken(Strict):
    """A token in our form, or `raw`: as the provider or its usual library writes it."""

    access_token: Secret | None = None
    refresh_token: Secret | None = None
    expires_at: Moment | None = None
    scopes: list[Scope] | None = None
    raw: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.access_token is None) == (self.raw is None):
            raise ValueError("needs either accessToken or raw")
        return self

    def to_given(self) -> GivenToken:
        """The token as the service takes it."""
        if self.access_token is None:
            return GivenToken(raw=self.raw)
        return GivenToken(
            Credential(
                access_token=self.access_token,
                refresh_token=self.refresh_token,
                expires_at=self.expires_at,
                scopes=None if self.scopes is None else tuple(self.scopes),
            )
        )


class CallbackBody(Body):
    """The end of a connect flow: a key, or a token to import."""

    method: Name | None = Field(
        default=None, description="An id of the connector's `authMethods`; `apiKey` by default."
    )
    api_key: Secret | None = None
    api_secret: Secret | None = None
    config: JsonObject | None = None
    token: ImportedToken | None = None
    connection_id: ConnectionId | None = Field(
        default=None, description="Reconnect this connection."
    )
    alias: Alias | None = None
    user_id: UserId | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.api_key is None) == (self.token is None):
            raise ValueError("needs either apiKey or token")
        if self.api_secret is not None and self.api_key is None:
            raise ValueError("apiSecret goes with apiKey")
        return self

    def to_authorization(self) -> Authorization:
        """What the service takes."""
        given, method = _given(self.method, self.api_key, self.api_secret, self.token)
        return Authorization(
            given=given,
            method=method,
            connection_id=self.connection_id,
            config=self.config,
            alias=self.alias,
            user_id=self.user_id,
        )


def _given(
    method: str | None,
    api_key: Secret | None,
    api_secret: Secret | None,
    token: ImportedToken | None,
) -> tuple[GivenKey | GivenToken, str]:
    if token is not None:
        return token.to_given(), method or "import"
    if api_key is None:
        raise AssertionError("a key or a token: the model has seen to it")
    return GivenKey(api_key, api_secret), method or "apiKey"


class ImportBody(Body):
    """A token for a connection."""

    connection_id: ConnectionId
    token: ImportedToken

    def to_authorization(self) -> Authorization:
        """What the service takes."""
        return Authorization(
            given=self.token.to_given(), method="import", connection_id=self.connection_id
        )


class ConnectedOut(Reply):
    """A connection that has just been authorized."""

    connection_id: str
    status: str
    account: AccountOut | None
    granted_scopes: list[str] | None
    missing_scopes: list[str]

    @classmethod
    def of(cls, connection: Connection, report: ScopeReport) -> Self:
        """From the record."""
        scopes = connection.granted_scopes
        return cls(
            connection_id=connection.id,
            status=connection.status.value,
            account=AccountOut.of(connection.account),
            granted_scopes=None if scopes is None else list(scopes),
            missing_scopes=list(report.missing),
        )


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
    """What to check before storing it."""

    config: JsonObject | None = None
    credentials: CredentialsBody

    def to_authorization(self) -> Authorization:
        """What the service takes."""
        given, method = _given(
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
        return cls(
            valid=verdict.valid,
            errors=[FieldError(field=field, message=text) for field, text in verdict.errors],
            account=AccountOut.of(verdict.account),
        )


class ConnectionValidOut(ValidOut):
    """Whether a connection's credential works, and what its grant lacks."""

    missing_scopes: list[str]

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """From the check."""
        return cls(
            valid=verdict.valid,
            errors=[FieldError(field=field, message=text) for field, text in verdict.errors],
            account=AccountOut.of(verdict.account),
            missing_scopes=list(verdict.missing_scopes),
        )


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
