"""Bodies of the connections' routes."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from src.api.schemas.base import (
    Alias,
    Body,
    ConnectionId,
    Flag,
    JsonObject,
    Name,
    PageQuery,
    Query,
    Reply,
    Secret,
    Text,
    UserId,
)
from src.db.repositories.connections import ConnectionFilter
from src.models.base import Timestamp
from src.models.connection import (
    Account,
    Connection,
    ConnectionStatus,
    Health,
    LastError,
    Selection,
)
from src.models.sync_state import SyncState
from src.services.connections import NewConnection
from src.services.giving_back import RevokedAtProvider
from src.services.scopes import ScopeReport

ProviderText = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,512}$")]


class ConnectionsQuery(PageQuery):
    """What the list of connections takes."""

    connector_id: Name | None = None
    status: ConnectionStatus | None = None
    active_only: Flag = Field(default=False, description="Only `connected` ones.")
    user_id: UserId | None = None
    q: Text | None = Field(default=None, description="Part of the alias or the account's name.")
    state: Text | None = Field(
        default=None,
        description="A live OAuth state: the connection that its start named, or nothing.",
    )

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        if self.active_only and self.status not in {None, ConnectionStatus.CONNECTED}:
            raise ValueError("activeOnly contradicts status")
        return self

    def to_filter(self) -> ConnectionFilter:
        """What the service takes."""
        status = ConnectionStatus.CONNECTED if self.active_only else self.status
        return ConnectionFilter(
            connector_id=self.connector_id, status=status, user_id=self.user_id, q=self.q
        )


class NewConnectionBody(Body):
    """A connection before any authorization."""

    connector_id: Name
    auth_method: Name = Field(description="An id of the connector's `authMethods`.")
    alias: Alias | None = None
    user_id: UserId | None = Field(
        default=None, description="Your id of your end user; absent = shared."
    )
    config: JsonObject | None = None
    settings: JsonObject | None = None
    metadata: JsonObject | None = None
    client_id: Text | None = None
    client_secret: Secret | None = None

    def to_new(self) -> NewConnection:
        """What the service takes."""
        return NewConnection(**{name: getattr(self, name) for name in _NEW_FIELDS})


_NEW_FIELDS = tuple(NewConnectionBody.model_fields.keys() - {"workspace_id"})


class ConnectionPatch(Body):
    """What may be changed; null clears."""

    alias: Alias | None = None
    settings: JsonObject | None = None
    metadata: JsonObject | None = None
    client_id: Text | None = None
    client_secret: Secret | None = None


class AccountOut(Reply):
    """Whose account it is at the provider."""

    id: str
    name: str
    url: str | None
    avatar_url: str | None

    @classmethod
    def of(cls, account: Account | None) -> Self | None:
        """From the record."""
        return None if account is None else cls(**account.model_dump())


class SelectionBody(Body):
    """A choice."""

    value: ProviderText


class OptionOut(Reply):
    """One of several things that a grant covers."""

    value: str
    label: str
    url: str | None


class SelectionOut(Reply):
    """What must still be chosen; `field` of `config` gets the value."""

    field: str
    options: list[OptionOut]

    @classmethod
    def of(cls, selection: Selection | None) -> Self | None:
        """From the record."""
        if selection is None:
            return None
        options = [OptionOut(**option.model_dump()) for option in selection.options]
        return cls(field=selection.field, options=options)


class LastErrorOut(Reply):
    """The most recent failure of a call."""

    code: str
    message: str
    at: Timestamp

    @classmethod
    def of(cls, error: LastError | None) -> Self | None:
        """From the record."""
        return None if error is None else cls(**error.model_dump())


class MissingScopes(Reply):
    """What a capability or tool needs and the grant lacks."""

    missing_scopes: list[str]


class ConnectionOut(Reply):
    """A connection; it never shows a secret."""

    id: str
    connector_id: str
    alias: str | None
    user_id: str | None
    status: ConnectionStatus
    health: Health
    account: AccountOut | None
    auth_method: str
    has_client_id: bool
    has_client_secret: bool
    granted_scopes: list[str] | None
    missing_scopes: list[str]
    capabilities: dict[str, Literal["ok"] | MissingScopes] = Field(
        description="For each capability, and each tool by its name, what its scopes lack."
    )
    config: dict[str, Any]
    settings: dict[str, Any]
    metadata: dict[str, Any]
    token_expires_at: Timestamp | None
    last_used_at: Timestamp | None
    last_error: LastErrorOut | None
    selection: SelectionOut | None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, connection: Connection, report: ScopeReport) -> Self:
        """From the record and what its grant lacks."""
        scopes = connection.granted_scopes
        return cls(
            id=connection.id,
            connector_id=connection.connector_id,
            alias=connection.alias,
            user_id=connection.user_id,
            status=connection.status,
            health=connection.health,
            account=AccountOut.of(connection.account),
            auth_method=connection.auth_method,
            has_client_id=connection.client_id is not None,
            has_client_secret=connection.sealed_client_secret is not None,
            granted_scopes=None if scopes is None else list(scopes),
            missing_scopes=list(report.missing),
            capabilities={
                name: MissingScopes(missing_scopes=list(missing)) if missing else "ok"
                for name, missing in report.by_name.items()
            },
            config=connection.config,
            settings=connection.settings,
            metadata=connection.metadata,
            token_expires_at=connection.token_expires_at,
            last_used_at=connection.last_used_at,
            last_error=LastErrorOut.of(connection.last_error),
            selection=SelectionOut.of(connection.selection),
            created_at=connection.created_at,
            updated_at=connection.updated_at,
        )


class ConnectionRef(Body):
    """Names a connection."""

    connection_id: ConnectionId


class RevokedOut(Reply):
    """The end of a connection."""

    connection_id: str
    status: Literal["disconnected"]
    revoked_at_provider: RevokedAtProvider

    @classmethod
    def of(cls, connection_id: str, answer: RevokedAtProvider) -> Self:
        """From the service's answer."""
        return cls(connection_id=connection_id, status="disconnected", revoked_at_provider=answer)


class SyncStateQuery(Query):
    """What sync states take."""

    stream: Name | None = Field(default=None, description="One stream; absent = a list of all.")


class SyncStateBody(Body):
    """A checkpoint to set."""

    stream: Name
    checkpoint: JsonObject = Field(description="Opaque; the connector's own form, ≤ 16 KiB.")
    expected_version: int | None = Field(
        default=None, ge=0, le=2**53, description="Refused if another is stored; 0 = none yet."
    )


class SyncStateOut(Reply):
    """How far a stream has been read."""

    stream: str
    checkpoint: Any
    version: int
    last_run_at: Timestamp | None
    last_status: str | None = Field(
        description="How the last run ended, whatever it was narrowed to: its job tells more."
    )
    counts: dict[str, int]

    @classmethod
    def of(cls, state: SyncState) -> Self:
        """From the record."""
        return cls(
            stream=state.stream,
            checkpoint=state.checkpoint,
            version=state.version,
            last_run_at=state.last_run_at,
            last_status=state.last_status,
            counts=state.counts,
        )
