"""How an account becomes a connection: a key or an imported token, checked at the provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import SecretStr

from src.connectors.manager import ConnectorManager, Use
from src.connectors.manifest import AuthKind, AuthMethod
from src.connectors.registry import LoadedConnector
from src.core.errors import (
    AccountMismatch,
    Conflict,
    ConnectionExists,
    CredentialRefused,
    InsufficientScope,
    ProviderRejected,
    ValidationFailed,
)
from src.db.errors import Duplicate
from src.db.tenant import TenantScope
from src.models.audit import AuditAction, Outcome
from src.models.base import now
from src.models.connection import Account, Connection, ConnectionStatus
from src.models.credential import Credential, StoredToken
from src.models.ids import IdPrefix, new_id
from src.models.principal import Caller
from src.services.audit import Audit, ScopeOf
from src.services.calls import Calls
from src.services.connections import (
    Connections,
    checked,
    connection_exists,
    require_owner,
    resolve_user,
)
from src.services.credentials import Credentials, GivenCredential

_CONNECTED = ConnectionStatus.CONNECTED


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key that a person typed."""

    api_key: SecretStr
    api_secret: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A token of ours (``credential``) or as the provider writes it (``raw``)."""

    credential: Credential | None = None
    raw: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What comes back at the end of a connect flow without OAuth."""

    given: GivenKey | GivenToken
    method: str
    connection_id: str | None = None
    config: Mapping[str, Any] | None = None
    alias: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A credential that the provider accepted, with the scopes that the provider tells now."""

    method: AuthMethod
    credential: Credential
    config: dict[str, Any]
    account: Account


@dataclass(frozen=True, slots=True)
class Connected:
    """The connection, and whether the record is new."""

    connection: Connection
    is_new: bool


class Connect:
    """Connects accounts."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        calls: Calls,
        connections: Connections,
        credentials: Credentials,
        audit: Audit,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._calls = calls
        self._connections = connections
        self._credentials = credentials
        self._audit = audit

    async def start(self, caller: Caller, connector_id: str, method: str) -> AuthMethod:
        """What a person has to type to connect.

        Raises:
            ConnectorNotConfigured: The connector is switched off.
            ValidationFailed: The connector has no such method, or one that is not begun here.
        """
        loaded = await self._calls.enabled(caller, connector_id)
        found = self._manager.auth_method(loaded, method)
        if found.kind is AuthKind.IMPORT:
            raise ValidationFailed([("method", "a token is imported at connect/callback")])
        return found

    async def finish(
        self, caller: Caller, connector_id: str, authorization: Authorization
    ) -> Connected:
        """Check the credential at the provider, then store it in a new or an old connection.

        Raises:
            ProviderRejected: The provider refuses the credential.
            ConnectionExists: The account is connected already.
            AccountMismatch: It is another account than the connection's.
        """
        loaded = await self._calls.enabled(caller, connector_id)
        scope = self._scope_of(caller.tenant_id)
        present: Connection | None = None
        if authorization.connection_id is not None:
            present = await self._calls.find(
                caller, connector_id, authorization.connection_id, fresh=True
            )
            require_owner(caller, present)
            _same_user(caller, present, authorization.user_id)
        accepted = await self._check(caller, loaded, authorization, present)
        user_id = present.user_id if present else resolve_user(caller, authorization.user_id)
        if present is None:
            present = await scope.connections.find_account(
                connector_id, user_id, accepted.account.id
            )
            if present is not None and present.status is _CONNECTED:
                raise connection_exists(present)
        if present is None:
            connection = await self._create(scope, loaded, accepted, authorization, user_id)
            connected = Connected(connection, is_new=True)
        else:
            connection = await self._revive(scope, present, accepted, authorization)
            connected = Connected(connection, is_new=False)
        await self._audit.record(
            caller,
            AuditAction.CONNECTION_CONNECTED,
            connection.id,
            connectorId=connector_id,
            method=accepted.method.id,
            account=accepted.account.id,
        )
        return connected

    async def token_of(self, caller: Caller, connection: Connection) -> StoredToken | None:
        """What may be known of a connection's credential."""
        return await self._scope_of(caller.tenant_id).tokens.get(connection.id)

    async def check(
        self, caller: Caller, connector_id: str, authorization: Authorization
    ) -> Checked:
        """Check a credential and store nothing.

        Raises:
            ProviderRejected: The provider refuses the credential.
        """
        loaded = await self._calls.enabled(caller, connector_id)
        return await self._check(caller, loaded, authorization, None)

    async def _check(
        self,
        caller: Caller,
        loaded: LoadedConnector,
        authorization: Authorization,
        present: Connection | None,
    ) -> Checked:
        method = self._manager.auth_method(loaded, authorization.method)
        credential = _credential(loaded, method, authorization.given)
        settings = await self._scope_of(caller.tenant_id).connector_settings.get(loaded.manifest.id)
        inherited = present.config if present else settings.config if settings else {}
        config = checked(
            "config",
            loaded.manifest.config_model,
            {**inherited, **(authorization.config or {})},
        )
        use = Use(method=method, tokens=GivenCredential(credential), config=config)
        connector = self._manager.open(loaded.manifest.id, use)
        try:
            identity = await connector.identify()
        except (CredentialRefused, InsufficientScope) as error:
            await self._audit.record(
                caller,
                AuditAction.CREDENTIAL_REFUSED,
                present.id if present else loaded.manifest.id,
                outcome=Outcome.FAILURE,
                message=error.details.get("message"),
            )
            raise ProviderRejected(
                f"{loaded.manifest.name} refuses this credential.",
                details={
                    **error.details,
                    "at": "provider",
                    "errors": [{"field": _field(authorization), "message": error.message}],
                },
            ) from error
        if identity.granted_scopes is not None:
            credential = replace(credential, scopes=identity.granted_scopes)
        return Checked(method, credential, config, identity.account)

    async def _create(
        self,
        scope: TenantScope,
        loaded: LoadedConnector,
        accepted: Checked,
        authorization: Authorization,
        user_id: str | None,
    ) -> Connection:
        moment = now()
        connection = Connection(
            id=new_id(IdPrefix.CONNECTION),
            tenant_id=scope.tenant_id,
            connector_id=loaded.manifest.id,
            auth_method=accepted.method.id,
            origin=self._manager.address(loaded.manifest.id).origin,
            status=ConnectionStatus.CONNECTED,
            generation=1,
            alias=authorization.alias,
            user_id=user_id,
            account=accepted.account,
            granted_scopes=accepted.credential.scopes,
            config=accepted.config,
            settings=checked("settings", loaded.manifest.settings_model, None),
            token_expires_at=accepted.credential.expires_at,
            created_at=moment,
            updated_at=moment,
        )

        async def write() -> None:
            await self._credentials.store(scope, connection, accepted.credential)
            await scope.connections.add(connection)

        try:
            await scope.transaction(connection.id, write)
        except Duplicate as error:
            raise await self._taken(scope, connection) from error
        return connection

    async def _revive(
        self,
        scope: TenantScope,
        present: Connection,
        accepted: Checked,
        authorization: Authorization,
    ) -> Connection:
        account = accepted.account
        if present.account is not None and present.account.id != account.id:
            raise AccountMismatch(
                "This is another account than the connection's. Connect it as a new one.",
                details={"connectionId": present.id},
            )
        settled = present.model_copy(
            update={
                "origin": self._manager.address(present.connector_id).origin,
                "account": account,
                "generation": present.generation + 1,
            }
        )
        other = await scope.connections.find_account(
            present.connector_id, present.user_id, account.id
        )
        if other is not None and other.id != present.id and other.status is _CONNECTED:
            raise connection_exists(other)
        fields: dict[str, Any] = {
            "authMethod": accepted.method.id,
            "origin": settled.origin,
            "account": account.model_dump(by_alias=True),
            "grantedScopes": accepted.credential.scopes,
            "config": accepted.config,
            "tokenExpiresAt": accepted.credential.expires_at,
            "failures": 0,
            "lastError": None,
        }
        if authorization.alias is not None:
            fields["alias"] = authorization.alias

        async def write() -> Connection:
            await self._credentials.store(scope, settled, accepted.credential)
            moved = await scope.connections.move(
                present.id, ConnectionStatus.CONNECTED, fields, seen=present, renews=True
            )
            if moved is None:
                raise Conflict(
                    "The connection was connected or disconnected at the same moment. Try again.",
                    details={"connectionId": present.id},
                )
            return moved

        try:
            return await scope.transaction(present.id, write)
        except Duplicate as error:
            raise await self._taken(scope, settled) from error

    async def _taken(self, scope: TenantScope, connection: Connection) -> ConnectionExists:
        account_id = connection.account.id if connection.account else ""
        holder = await scope.connections.find_account(
            connection.connector_id, connection.user_id, account_id
        )
        return connection_exists(holder)


def _same_user(caller: Caller, present: Connection, user_id: str | None) -> None:
    if user_id is not None and resolve_user(caller, user_id) != present.user_id:
        raise ValidationFailed([("userId", "the connection belongs to another user")])


def _credential(
    loaded: LoadedConnector, method: AuthMethod, given: GivenKey | GivenToken
) -> Credential:
    match given:
        case GivenKey() if method.kind is AuthKind.API_KEY:
            return Credential(access_token=given.api_key, secret=given.api_secret)
        case GivenToken() if method.kind is AuthKind.IMPORT:
            if given.raw is not None:
                return loaded.connector_class.read_token(given.raw)
            if given.credential is not None:
                return given.credential
            raise ValidationFailed([("token", "needs accessToken or raw")])
        case _:
            raise ValidationFailed([("method", f"{method.id} does not take this")])


def _field(authorization: Authorization) -> str:
    return "apiKey" if isinstance(authorization.given, GivenKey) else "token"
