"""A credential that the provider accepts finds its place: a new connection, or one that revives.

The account is pinned, each account lives once for a user, and record and credential are written as
one. Who loses a race is refused; a grant that is refused is dropped and never revoked, since
somebody else may live on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from src.connectors.base import BaseConnector
from src.connectors.manager import ConnectorManager, Use
from src.connectors.manifest import AuthMethod
from src.connectors.registry import LoadedConnector
from src.core.errors import (
    AccountMismatch,
    AskUser,
    Conflict,
    ConnectionExists,
    CredentialRefused,
    InsufficientScope,
    ProviderRejected,
)
from src.core.oauth import OAuth2App
from src.db.errors import Duplicate
from src.db.tenant import TenantScope
from src.models.audit import AuditAction, Outcome
from src.models.base import now
from src.models.connection import (
    Account,
    Connection,
    ConnectionStatus,
    GrantedTo,
    Selection,
)
from src.models.credential import Credential
from src.models.ids import IdPrefix, new_id
from src.models.principal import Caller
from src.services.apps import AppSeat, app_changes
from src.services.audit import Audit
from src.services.connections import checked, connection_exists
from src.services.credentials import Credentials, GivenCredential
from src.services.encryption import Encryption

SELECTION_LIFE = timedelta(hours=24)
_CONNECTED = ConnectionStatus.CONNECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A credential that has just come, and what is to be made of it."""

    method: AuthMethod
    credential: Credential
    config: dict[str, Any]
    alias: str | None = None
    user_id: str | None = None
    present: Connection | None = None
    """The connection that is authorized anew."""
    granted_to: GrantedTo | None = None
    requested_scopes: tuple[str, ...] | None = None
    own_app: OAuth2App | None = None
    """A new app of the connection's own."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An offer that the provider accepts, with the scopes that it tells now."""

    offer: Offer
    account: Account


@dataclass(frozen=True, slots=True)
class Connected:
    """The connection, and whether the record is new."""

    connection: Connection
    is_new: bool


class Settlement:
    """Checks credentials at the provider and stores them."""

    def __init__(
        self,
        manager: ConnectorManager,
        credentials: Credentials,
        encryption: Encryption,
        audit: Audit,
    ) -> None:
        self._manager = manager
        self._credentials = credentials
        self._encryption = encryption
        self._audit = audit

    def open(self, loaded: LoadedConnector, offer: Offer) -> BaseConnector:
        """The connector, signing with what is offered."""
        use = Use(
            method=offer.method, tokens=GivenCredential(offer.credential), config=offer.config
        )
        return self._manager.open(loaded.manifest.id, use)

    async def check(
        self, caller: Caller, loaded: LoadedConnector, offer: Offer, field: str
    ) -> Checked:
        """Ask the provider whose account it is.

        Args:
            caller: Who connects.
            loaded: The connector.
            offer: What has come.
            field: What a refusal is said to be about.

        Raises:
            ProviderRejected: The provider refuses the credential.
        """
        try:
            identity = await self.open(loaded, offer).identify()
        except (CredentialRefused, InsufficientScope) as error:
            await self._refused(caller, loaded, offer, error)
            raise ProviderRejected(
                f"{loaded.manifest.name} refuses this credential.",
                details={
                    **error.details,
                    "at": "provider",
                    "errors": [{"field": field, "message": error.message}],
                },
            ) from error
        scopes = identity.granted_scopes
        if scopes is None:
            # An app whose permissions are fixed answers without scopes: nothing is told.
            scopes = offer.credential.scopes or None
        credential = replace(offer.credential, scopes=scopes)
        return Checked(replace(offer, credential=credential), identity.account)

    async def settle(
        self, scope: TenantScope, loaded: LoadedConnector, accepted: Checked
    ) -> Connected:
        """Store what was accepted, in the present connection, in the account's old one, or anew.

        Raises:
            ConnectionExists: The account is connected already.
            AccountMismatch: It is another account than the connection's.
        """
        offer = accepted.offer
        present = offer.present
        if present is None:
            present = await scope.connections.find_account(
                loaded.manifest.id, offer.user_id, accepted.account.id
            )
            if present is not None and present.status is _CONNECTED:
                raise connection_exists(present)
        if present is None:
            return Connected(await self._create(scope, loaded, accepted), is_new=True)
        return Connected(await self._revive(scope, present, accepted), is_new=False)

    async def hold(
        self, scope: TenantScope, loaded: LoadedConnector, offer: Offer, selection: Selection
    ) -> Connected:
        """Store a grant that covers several things until its user has chosen one.

        Raises:
            Conflict: The connection that it was meant for is not pending.
        """
        waiting: dict[str, Any] = {
            "selection": selection.model_dump(by_alias=True),
            "selectionUntil": now() + SELECTION_LIFE,
        }
        present = offer.present
        if present is None:
            connection = self._record(scope, loaded, offer, None, selection)

            async def add() -> Connection:
                await self._credentials.store(scope, connection, offer.credential)
                await scope.connections.add(connection)
                return connection

            return Connected(await scope.transaction(connection.id, add), is_new=True)
        fields = {**self._fields(present, offer, None), **waiting}
        settled = self._renewed(present, offer, None)

        async def change() -> Connection:
            await self._credentials.store(scope, settled, offer.credential)
            return _sure(
                await scope.connections.move(
                    present.id,
                    ConnectionStatus.PENDING,
                    fields,
                    seen=present,
                    sources={ConnectionStatus.PENDING},
                    renews=True,
                ),
                present,
            )

        return Connected(await scope.transaction(present.id, change), is_new=False)

    async def _refused(
        self, caller: Caller, loaded: LoadedConnector, offer: Offer, error: AskUser
    ) -> None:
        await self._audit.record(
            caller,
            AuditAction.CREDENTIAL_REFUSED,
            offer.present.id if offer.present else loaded.manifest.id,
            outcome=Outcome.FAILURE,
            message=error.details.get("message"),
        )

    async def _create(
        self, scope: TenantScope, loaded: LoadedConnector, accepted: Checked
    ) -> Connection:
        offer = accepted.offer
        connection = self._record(scope, loaded, offer, accepted.account, None)

        async def write() -> None:
            await self._credentials.store(scope, connection, offer.credential)
            await scope.connections.add(connection)

        try:
            await scope.transaction(connection.id, write)
        except Duplicate as error:
            raise await self._taken(scope, connection) from error
        return connection

    def _record(
        self,
        scope: TenantScope,
        loaded: LoadedConnector,
        offer: Offer,
        account: Account | None,
        selection: Selection | None,
    ) -> Connection:
        moment = now()
        connection_id = new_id(IdPrefix.CONNECTION)
        app = self._own_app(AppSeat(scope.tenant_id, connection_id), offer)
        return Connection(
            id=connection_id,
            tenant_id=scope.tenant_id,
            connector_id=loaded.manifest.id,
            auth_method=offer.method.id,
            origin=self._manager.address(loaded.manifest.id, offer.config).origin,
            status=ConnectionStatus.PENDING if selection else ConnectionStatus.CONNECTED,
            generation=1,
            alias=offer.alias,
            user_id=offer.user_id,
            account=account,
            granted_scopes=offer.credential.scopes,
            requested_scopes=offer.requested_scopes,
            config=offer.config,
            settings=checked("settings", loaded.manifest.settings_model, None),
            client_id=app.get("clientId"),
            sealed_client_secret=app.get("sealedClientSecret"),
            granted_to=offer.granted_to,
            grant_hash=self._grant_hash(loaded.manifest.id, offer, account),
            selection=selection,
            selection_until=moment + SELECTION_LIFE if selection else None,
            token_expires_at=offer.credential.expires_at,
            created_at=moment,
            updated_at=moment,
        )

    async def _revive(
        self, scope: TenantScope, present: Connection, accepted: Checked
    ) -> Connection:
        offer, account = accepted.offer, accepted.account
        if present.account is not None and present.account.id != account.id:
            raise AccountMismatch(
                "This is another account than the connection's. Connect it as a new one.",
                details={"connectionId": present.id},
            )
        other = await scope.connections.find_account(
            present.connector_id, present.user_id, account.id
        )
        if other is not None and other.id != present.id and other.status is _CONNECTED:
            raise connection_exists(other)
        settled = self._renewed(present, offer, account)
        fields = self._fields(present, offer, account)

        async def write() -> Connection:
            await self._credentials.store(scope, settled, offer.credential)
            moved = await scope.connections.move(
                present.id, ConnectionStatus.CONNECTED, fields, seen=present, renews=True
            )
            return _sure(moved, present)

        try:
            return await scope.transaction(present.id, write)
        except Duplicate as error:
            raise await self._taken(scope, settled) from error

    def _renewed(self, present: Connection, offer: Offer, account: Account | None) -> Connection:
        """The connection as its next credential is sealed for it."""
        return present.model_copy(
            update={
                "origin": self._manager.address(present.connector_id, offer.config).origin,
                "account": account,
                "generation": present.generation + 1,
            }
        )

    def _fields(self, present: Connection, offer: Offer, account: Account | None) -> dict[str, Any]:
        """What a new authorization changes in a record, beside its status."""
        granted_to = offer.granted_to
        fields: dict[str, Any] = {
            "authMethod": offer.method.id,
            "origin": self._manager.address(present.connector_id, offer.config).origin,
            "grantedScopes": offer.credential.scopes,
            "requestedScopes": offer.requested_scopes,
            "grantedTo": granted_to.model_dump(by_alias=True) if granted_to else None,
            "grantHash": self._grant_hash(present.connector_id, offer, account),
            "config": offer.config,
            "tokenExpiresAt": offer.credential.expires_at,
            "selection": None,
            "selectionUntil": None,
            "failures": 0,
            "refreshFailures": 0,
            "lastError": None,
            **self._own_app(AppSeat(present.tenant_id, present.id, present.client_id), offer),
        }
        if account is not None:
            fields["account"] = account.model_dump(by_alias=True)
        if offer.alias is not None:
            fields["alias"] = offer.alias
        return fields

    def _own_app(self, seat: AppSeat, offer: Offer) -> Mapping[str, Any]:
        app = offer.own_app
        if app is None:
            return {}
        pair = {"client_id": app.client_id, "client_secret": app.client_secret}
        return app_changes(self._encryption, seat, pair)

    def _grant_hash(self, connector_id: str, offer: Offer, account: Account | None) -> str | None:
        """What two connections of one grant have in common, whosever they are."""
        to = offer.granted_to
        if to is None or account is None:
            return None
        parts = (connector_id, to.token_origin, to.client_id, account.id)
        return self._encryption.mac("grant", "\x1f".join(parts).encode()).hex()

    async def _taken(self, scope: TenantScope, connection: Connection) -> ConnectionExists:
        account_id = connection.account.id if connection.account else ""
        holder = await scope.connections.find_account(
            connection.connector_id, connection.user_id, account_id
        )
        return connection_exists(holder)


def overdue(connection: Connection, moment: datetime) -> bool:
    """Whether a connection has waited too long for its user's choice."""
    until = connection.selection_until
    return connection.status is ConnectionStatus.PENDING and until is not None and until <= moment


def _sure(moved: Connection | None, present: Connection) -> Connection:
    if moved is None:
        raise Conflict(
            "The connection was connected or disconnected at the same moment. Try again.",
            details={"connectionId": present.id},
        )
    return moved
