"""Bodies of the connect flow."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

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
from src.api.schemas.connections import AccountOut, SelectionOut
from src.api.schemas.connectors import KeyFieldOut
from src.core.errors import ValidationFailed
from src.models.base import Timestamp
from src.models.connection import Connection
from src.models.credential import Credential
from src.services.connect import Authorization, GivenKey, GivenToken
from src.services.oauth.values import OAuthAnswer, OAuthStart, Started
from src.services.scopes import ScopeReport

Scope = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7E]{1,256}$")]


Address = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
ClientId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7E]{1,256}$")]


class ConnectBody(Body):
    """Begin to connect: with OAuth, or with a key, which takes `method` alone."""

    method: Name = Field(
        description="An id of the connector's `authMethods`; `oauth2`, or `apiKey`."
    )
    redirect_uri: Address | None = Field(
        default=None,
        description="Required for OAuth: our callback of this connector, or an address at an "
        "origin of RETURN_URL_ALLOWLIST.",
    )
    scopes: list[Scope] | None = Field(default=None, max_length=100)
    tools: list[Name] | None = Field(default=None, max_length=100)
    csrf_token: Secret | None = Field(
        default=None, description="Must come back in POST `connect/callback`, and only there."
    )
    return_url: Address | None = Field(
        default=None, description="Where our callback sends the browser in the end."
    )
    opener_origin: Address | None = Field(
        default=None, description="Which window our callback's page may tell of the end."
    )
    alias: Alias | None = None
    user_id: UserId | None = None
    connection_id: ConnectionId | None = Field(
        default=None, description="Authorize this connection; voids the start before."
    )
    client_id: ClientId | None = None
    client_secret: Secret | None = None
    config: JsonObject | None = None

    def require_no_oauth(self) -> None:
        """Refuse what a key flow would silently pass over.

        Raises:
            ValidationFailed: A field of OAuth is set.
        """
        given = sorted(self.model_fields_set - {"method", "workspace_id"})
        if given:
            raise ValidationFailed([(to_camel(name), "belongs to OAuth") for name in given])

    def to_start(self) -> OAuthStart:
        """What the service takes."""
        if self.redirect_uri is None:
            raise ValidationFailed([("redirectUri", "is required")])
        names = OAuthStart.__dataclass_fields__.keys() & self.model_fields_set
        return OAuthStart(**{name: getattr(self, name) for name in names})


class OAuthStartOut(Reply):
    """A flow on its way. The `code*` fields are null where the provider knows no PKCE."""

    auth_url: str
    state: str
    code_challenge: str | None
    code_challenge_method: str | None
    code_verifier: str | None = Field(description="Null in production: it stays here.")
    expires_at: Timestamp

    @classmethod
    def of(cls, started: Started, *, shows_verifier: bool) -> Self:
        """From the service's answer."""
        pkce = started.pkce
        shown = pkce is not None and shows_verifier
        return cls(
            auth_url=started.auth_url,
            state=started.state,
            code_challenge=pkce.code_challenge if pkce else None,
            code_challenge_method=started.method,
            code_verifier=pkce.code_verifier.get_secret_value() if pkce and shown else None,
            expires_at=started.expires_at,
        )


class KeyForm(Reply):
    """What a person has to type, and the header that the key is sent in."""

    fields: list[KeyFieldOut]
    header: str


def _as_object(raw: Any) -> Any:
    return {"dump": raw} if isinstance(raw, str) else raw


class ImportedToken(Strict):
    """A token in our form, or `raw`: as the provider or its usual library writes it.

    A library that writes one text (`garth.dumps()`) is read, too; it counts as `{dump: text}`.
    """

    access_token: Secret | None = None
    refresh_token: Secret | None = None
    expires_at: Moment | None = None
    scopes: list[Scope] | None = None
    raw: Annotated[dict[str, Any], BeforeValidator(_as_object)] | None = None

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
    """The end of a connect flow: an OAuth code, a key, or a token to import."""

    code: Secret | None = None
    state: str | None = Field(default=None, max_length=512)
    code_verifier: Secret | None = None
    csrf_token: Secret | None = None
    scope: str | None = Field(
        default=None,
        max_length=4096,
        description="As it came with the code: Strava tells only there what was granted.",
    )

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
        if [self.code, self.api_key, self.token].count(None) != _OTHER_KINDS:
            raise ValueError("needs either code, apiKey or token")
        if self.api_secret is not None and self.api_key is None:
            raise ValueError("apiSecret goes with apiKey")
        if (self.code is None) != (self.state is None):
            raise ValueError("code and state go together")
        if self.code is None and (self.code_verifier or self.csrf_token or self.scope):
            raise ValueError("codeVerifier, csrfToken and scope go with code")
        if self.code is not None and (self.config is not None or self.method is not None):
            raise ValueError("config and method were given at the start")
        return self

    def to_answer(self) -> OAuthAnswer:
        """An OAuth answer as the service takes it."""
        names = OAuthAnswer.__dataclass_fields__.keys() & self.model_fields_set
        return OAuthAnswer(**{"state": None} | {name: getattr(self, name) for name in names})

    def to_authorization(self) -> Authorization:
        """A key or a token as the service takes it."""
        given, method = given_of(self.method, self.api_key, self.api_secret, self.token)
        return Authorization(
            given=given,
            method=method,
            connection_id=self.connection_id,
            config=self.config,
            alias=self.alias,
            user_id=self.user_id,
        )


def given_of(
    method: str | None,
    api_key: Secret | None,
    api_secret: Secret | None,
    token: ImportedToken | None,
) -> tuple[GivenKey | GivenToken, str]:
    """The key or the token, and the id of its method."""
    if token is not None:
        return token.to_given(), method or "import"
    if api_key is None:
        raise AssertionError("a key or a token: the model has seen to it")
    return GivenKey(api_key, api_secret), method or "apiKey"


_OTHER_KINDS = 2


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
    selection: SelectionOut | None = Field(
        description="What must still be chosen at `connections/{id}/selection`."
    )

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
            selection=SelectionOut.of(connection.selection),
        )
