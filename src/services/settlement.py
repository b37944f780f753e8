"""A credential that the provider accepts finds its place: a new connection, or one that revives.

The account is pinned, each account lives once for a user, and record and credential are written as
one. Who loses a race is refused; a grant that is refused is dropped and never revoked, since
somebody else may live on it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from src.connectors.base import BaseConnector
from src.connectors.manager import ConnectorManager, Use
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
from src.db.errors import Duplicate
from src.db.tenant import TenantScope
from src.models.audit import AuditAction, Outcome
from src.models.base import now
from src.models.connection import Connection, ConnectionStatus, Selection
from src.models.principal import Caller
from src.services.app_budgets import AppBudgets
from src.services.audit import Audit
from src.services.connection_news import ConnectionNews
from src.services.connections import connection_exists
from src.services.credentials import Credentials, GivenCredential
from src.services.drafts import SELECTION_LIFE, Drafts
from src.services.offers import Checked, Connected, Offer
from src.services.redemptions import Redemptions

_CONNECTED = ConnectionStatus.CONNECTED


class Settlement:
    """Checks credentials at the provider and stores them."""

    def __init__(
        self,
        manager: ConnectorManager,
        credentials: Credentials,
        drafts: Drafts,
        audit: Audit,
        budgets: AppBudgets,
        redemptions: Redemptions,
        *,
        news: ConnectionNews,
    ) -> None:
        self._news = news
        self._redemptions = redemptions
        self._manager = manager
        self._budgets = budgets
        self._credentials = credentials
        self._drafts = drafts
        self._audit = audit

    def open(self, loaded: LoadedConnector, offer: Offer) -> BaseConnector:
        """The connector, signing with what is offered."""
        use = Use(
            method=offer.method,
            tokens=GivenCredential(offer.credential),
            config=offer.config,
            budget=self._budgets.of(loaded.manifest.id, offer.granted_to),
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
            offer = await self._redemptions.redeemed(loaded, offer)
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

    def grant_hash(self, loaded: LoadedConnector, accepted: Checked) -> str | None:
        """What an accepted grant has in common with others of the same."""
        return self._drafts.grant_hash(loaded.manifest.id, accepted.offer, accepted.account)

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
            connection = self._drafts.new(scope, loaded, offer, None, selection)

            async def add() -> Connection:
                await self._credentials.store(scope, connection, offer.credential)
                await scope.connections.add(connection)
                return connection

            return Connected(await scope.transaction(connection.id, add), is_new=True)
        fields = {**self._drafts.fields(present, offer, None), **waiting}
        settled = self._drafts.renewed(present, offer, None)

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
        connection = self._drafts.new(scope, loaded, offer, accepted.account, None)

        async def write() -> None:
            await self._credentials.store(scope, connection, offer.credential)
            await scope.connections.add(connection)
            await self._news.connected(connection, is_new=True)

        try:
            await scope.transaction(connection.id, write)
        except Duplicate as error:
            raise await self._taken(scope, connection) from error
        return connection

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
        settled = self._drafts.renewed(present, offer, account)
        fields = self._drafts.fields(present, offer, account)

        async def write() -> Connection:
            await self._credentials.store(scope, settled, offer.credential)
            moved = await scope.connections.move(
                present.id, ConnectionStatus.CONNECTED, fields, seen=present, renews=True
            )
            connected = _sure(moved, present)
            await self._news.connected(connected, is_new=present.account is None)
            return connected

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
