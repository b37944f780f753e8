"""What an offered credential makes of a connection's record; nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from src.connectors.manager import ConnectorManager
from src.connectors.registry import LoadedConnector
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.connection import Account, Connection, ConnectionStatus, Selection
from src.models.ids import IdPrefix, new_id
from src.services.app_seats import AppSeat, app_changes
from src.services.connections import checked
from src.services.encryption import Encryption
from src.services.offers import Offer

SELECTION_LIFE = timedelta(hours=24)


class Drafts:
    """Writes records down as they are to be."""

    def __init__(self, manager: ConnectorManager, encryption: Encryption) -> None:
        self._manager = manager
        self._encryption = encryption

    def new(
        self,
        scope: TenantScope,
        loaded: LoadedConnector,
        offer: Offer,
        account: Account | None,
        selection: Selection | None,
    ) -> Connection:
        """A new connection; without an account it waits for a choice."""
        moment = now()
        connection_id = new_id(IdPrefix.CONNECTION)
        app = self._own_app(AppSeat(scope.tenant_id, connection_id), offer)
        return Connection(
            id=connection_id,
            tenant_id=scope.tenant_id,
            connector_id=loaded.manifest.id,
            auth_method=offer.method.id,
            origin=self._manager.address(loaded.manifest.id, offer.config, offer.method).origin,
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
            grant_hash=self.grant_hash(loaded.manifest.id, offer, account),
            selection=selection,
            selection_until=moment + SELECTION_LIFE if selection else None,
            token_expires_at=offer.credential.expires_at,
            created_at=moment,
            updated_at=moment,
        )

    def renewed(self, present: Connection, offer: Offer, account: Account | None) -> Connection:
        """The connection as its next credential is sealed for it."""
        return present.model_copy(
            update={
                "origin": self._manager.address(
                    present.connector_id, offer.config, offer.method
                ).origin,
                "account": account,
                "generation": present.generation + 1,
            }
        )

    def fields(self, present: Connection, offer: Offer, account: Account | None) -> dict[str, Any]:
        """What a new authorization changes in a record, beside its status."""
        granted_to = offer.granted_to
        fields: dict[str, Any] = {
            "authMethod": offer.method.id,
            "origin": self._manager.address(
                present.connector_id, offer.config, offer.method
            ).origin,
            "grantedScopes": offer.credential.scopes,
            "requestedScopes": offer.requested_scopes,
            "grantedTo": granted_to.model_dump(by_alias=True) if granted_to else None,
            "grantHash": self.grant_hash(present.connector_id, offer, account),
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

    def grant_hash(self, connector_id: str, offer: Offer, account: Account | None) -> str | None:
        """What two connections of one grant have in common, whosever they are."""
        to = offer.granted_to
        if to is None or account is None:
            return None
        parts = (connector_id, to.token_origin, to.client_id, account.id)
        return self._encryption.mac("grant", "\x1f".join(parts).encode()).hex()
