"""How an account becomes a connection: a key or an imported token, checked at the provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from src.connectors.manager import ConnectorManager
from src.connectors.manifest import AuthKind, AuthMethod
from src.connectors.registry import LoadedConnector
from src.core.errors import ValidationFailed
from src.models.audit import AuditAction
from src.models.connection import Connection
from src.models.credential import Credential, StoredToken
from src.models.principal import Caller
from src.services.audit import Audit, ScopeOf
from src.services.calls import Calls
from src.services.connections import require_owner, resolve_user
from src.services.homes import imported_home
from src.services.offers import Checked, Connected, Offer
from src.services.settled_config import settled_config
from src.services.settlement import Settlement


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


class Connect:
    """Connects accounts with keys and imported tokens."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        calls: Calls,
        settlement: Settlement,
        audit: Audit,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._calls = calls
        self._settlement = settlement
        self._audit = audit

    async def start(self, caller: Caller, connector_id: str, method: str) -> AuthMethod:
        """How the flow of this method begins: for a key, what a person has to type.

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
        present: Connection | None = None
        if authorization.connection_id is not None:
            present = await self._calls.find(
                caller, connector_id, authorization.connection_id, fresh=True
            )
            require_owner(caller, present)
            same_user(caller, present, authorization.user_id)
        accepted = await self._check(caller, loaded, authorization, present)
        connected = await self._settlement.settle(
            self._scope_of(caller.tenant_id), loaded, accepted
        )
        await self._audit.record(
            caller,
            AuditAction.CONNECTION_CONNECTED,
            connected.connection.id,
            connectorId=connector_id,
            method=accepted.offer.method.id,
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
        method = self._manager.auth_method(loaded, _named(loaded, authorization.method, present))
        credential = _credential(loaded, method, authorization.given)
        settings = await self._scope_of(caller.tenant_id).connector_settings.get(loaded.manifest.id)
        inherited = present.config if present else settings.config if settings else {}
        config = settled_config(loaded, method, inherited, authorization.config)
        given = authorization.given
        raw = given.raw if isinstance(given, GivenToken) else None
        offer = Offer(
            method=method,
            credential=credential,
            config=imported_home(loaded, method, config, raw),
            alias=authorization.alias,
            user_id=present.user_id if present else resolve_user(caller, authorization.user_id),
            present=present,
        )
        return await self._settlement.check(caller, loaded, offer, _field(authorization))


def _named(loaded: LoadedConnector, name: str, present: Connection | None) -> str:
    """The method that is meant: where several are of the kind, the connection's own."""
    manifest = loaded.manifest
    own = manifest.auth_method(present.auth_method) if present is not None else None
    if own is not None and own.kind == name and manifest.auth_method(name) is None:
        return own.id
    return name


def same_user(caller: Caller, present: Connection, user_id: str | None) -> None:
    """Stop a reconnect from changing whose connection it is.

    Raises:
        ValidationFailed: Another user is named.
    """
    if user_id is not None and resolve_user(caller, user_id) != present.user_id:
        raise ValidationFailed([("userId", "the connection belongs to another user")])


def _credential(
    loaded: LoadedConnector, method: AuthMethod, given: GivenKey | GivenToken
) -> Credential:
    match given:
        case GivenKey() if method.kind is AuthKind.API_KEY:
            if given.api_secret is None and _needs_secret(method):
                raise ValidationFailed([("apiSecret", "is required")])
            return Credential(access_token=given.api_key, secret=given.api_secret)
        case GivenToken() if method.kind is AuthKind.IMPORT:
            if given.raw is not None:
                return loaded.connector_class.read_token(given.raw)
            if given.credential is not None:
                return given.credential
            raise ValidationFailed([("token", "needs accessToken or raw")])
        case _:
            raise ValidationFailed([("method", f"{method.id} does not take this")])


def _needs_secret(method: AuthMethod) -> bool:
    return any(field.required and field.name == "apiSecret" for field in method.fields)


def _field(authorization: Authorization) -> str:
    return "apiKey" if isinstance(authorization.given, GivenKey) else "token"
