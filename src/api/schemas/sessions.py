"""Bodies of connect sessions, and the queries of what a browser is led through."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from src.api.schemas.base import Alias, Body, ConnectionId, Name, Query, Reply, UserId
from src.api.schemas.connect import Address, Scope
from src.models.base import Timestamp
from src.services.oauth.values import OAuthStart
from src.services.scopes import ScopeNeeds
from src.services.sessions import MadeSession, NewSession

Words = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7E]{1,4096}$")]


def words(text: str | None) -> list[str] | None:
    """The parts of ``a,b``."""
    return None if text is None else [part for part in text.split(",") if part]


class ConnectSessionBody(Body):
    """For whom and what a session is made."""

    user_id: UserId | None = Field(
        default=None, description="Your id of your end user; absent = a shared connection."
    )
    connector_ids: list[Name] | None = Field(
        default=None, min_length=1, max_length=100, description="Absent = every connector."
    )
    scopes: list[Scope] | None = Field(default=None, max_length=100)
    return_url: Address | None = Field(
        default=None, description="At an origin of RETURN_URL_ALLOWLIST."
    )
    opener_origin: Address | None = Field(
        default=None, description="Which window the page may tell of the end."
    )
    connection_id: ConnectionId | None = Field(
        default=None, description="The connection to authorize anew."
    )

    def to_new(self) -> NewSession:
        """What the service takes."""
        names = NewSession.__dataclass_fields__.keys() & self.model_fields_set
        return NewSession(**{name: getattr(self, name) for name in names})


class ConnectSessionOut(Reply):
    """A session. The token is shown once, and opens once."""

    token: str
    connect_url: str
    expires_at: Timestamp

    @classmethod
    def of(cls, made: MadeSession) -> Self:
        """From the service's answer."""
        return cls(token=made.token, connect_url=made.connect_url, expires_at=made.expires_at)


class AuthorizeQuery(Query):
    """What the browser's way to a provider takes."""

    session: Words | None = Field(
        default=None, description="A connect session's token; it is used up and becomes a cookie."
    )
    connection_id: ConnectionId | None = Field(
        default=None, description="Authorize this connection anew."
    )
    scopes: Words | None = Field(default=None, description="Comma separated.")
    tools: Words | None = Field(default=None, description="Comma separated.")
    return_url: Address | None = Field(
        default=None, description="At an origin of RETURN_URL_ALLOWLIST."
    )
    alias: Alias | None = None
    user_id: UserId | None = None

    def to_start(self) -> OAuthStart:
        """What the service takes; the callback is always our own."""
        return OAuthStart(
            scopes=words(self.scopes),
            tools=words(self.tools),
            return_url=self.return_url,
            alias=self.alias,
            user_id=self.user_id,
            connection_id=self.connection_id,
        )


class ScopesQuery(Query):
    """What the comparison of scopes takes."""

    tools: Words | None = Field(default=None, description="Comma separated.")
    connection_id: ConnectionId | None = None


class ScopesOut(Reply):
    """What is needed, and what a connection has of it; null where no connection was named."""

    required_scopes: list[str]
    granted_scopes: list[str] | None
    missing_scopes: list[str] | None
    reauthorize_url: str | None = Field(description="Null where nothing is missing.")

    @classmethod
    def of(cls, needs: ScopeNeeds, reauthorize_url: str | None) -> Self:
        """From the service's answer."""
        return cls(
            required_scopes=list(needs.required),
            granted_scopes=None if needs.granted is None else list(needs.granted),
            missing_scopes=None if needs.missing is None else list(needs.missing),
            reauthorize_url=reauthorize_url,
        )
