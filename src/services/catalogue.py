"""The catalogue of connectors, as one tenant sees and sets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from src.connectors.manager import ConnectorManager
from src.connectors.manifest import Capability
from src.connectors.registry import LoadedConnector
from src.core.errors import Forbidden
from src.models.audit import AuditAction
from src.models.connector_settings import ConnectorSettings
from src.models.principal import Caller, Permission
from src.services.app_seats import AppSeat, app_changes
from src.services.apps import OAuthApps
from src.services.audit import Audit, ScopeOf
from src.services.connections import checked
from src.services.encryption import Encryption


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A connector, and what holds for this tenant."""

    loaded: LoadedConnector
    configured: bool
    enabled: bool
    settings: ConnectorSettings | None


class Catalogue:
    """Lists connectors and keeps the tenant's settings of them."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        encryption: Encryption,
        apps: OAuthApps,
        audit: Audit,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._apps = apps
        self._encryption = encryption
        self._audit = audit

    async def list(
        self,
        caller: Caller,
        *,
        category: str | None = None,
        capability: Capability | None = None,
        q: str | None = None,
    ) -> list[CatalogueEntry]:
        """Connectors that match, by id."""
        stored = await self._scope_of(caller.tenant_id).connector_settings.list()
        settings = {entry.connector_id: entry for entry in stored}
        return [
            self._entry(loaded, settings.get(connector_id))
            for connector_id, loaded in self._manager.registry.items()
            if _matches(loaded, category, capability, q)
        ]

    async def get(self, caller: Caller, connector_id: str) -> CatalogueEntry:
        """One connector.

        Raises:
            NotFound: There is none.
        """
        loaded = self._manager.registry.find(connector_id)
        settings = await self._scope_of(caller.tenant_id).connector_settings.get(connector_id)
        return self._entry(loaded, settings)

    def icon(self, connector_id: str) -> bytes:
        """The SVG of one connector.

        Raises:
            NotFound: There is no such connector.
        """
        return self._manager.registry.find(connector_id).icon

    async def update(
        self, caller: Caller, connector_id: str, changes: Mapping[str, Any]
    ) -> CatalogueEntry:
        """Set the tenant's settings of a connector.

        Args:
            caller: Who asks.
            connector_id: Which connector.
            changes: Any of ``enabled``, ``client_id``, ``client_secret``, ``scopes``, ``config``;
                None goes back to the default.

        Raises:
            Forbidden: The caller is one user of the tenant.
            NotFound: There is no such connector.
            ValidationFailed: Half an app, or a config that the connector refuses.
        """
        if caller.user_id is not None and not caller.principal.may(Permission.ADMIN):
            raise Forbidden("What holds for the whole tenant is not one user's to set.")
        loaded = self._manager.registry.find(connector_id)
        repository = self._scope_of(caller.tenant_id).connector_settings
        before = await repository.get_fresh(connector_id)
        fields: dict[str, Any] = {}
        if "enabled" in changes:
            fields["enabled"] = changes["enabled"] is not False
        if "scopes" in changes:
            fields["scopes"] = changes["scopes"]
        if "config" in changes:
            given = changes["config"]
            model = loaded.manifest.config_model
            fields["config"] = checked("config", model, given) if given else {}
        seat = AppSeat(caller.tenant_id, connector_id, before.client_id if before else None)
        fields |= app_changes(self._encryption, seat, changes)
        stored = await repository.put(connector_id, fields)
        await self._audit.record(
            caller, AuditAction.CONNECTOR_UPDATED, connector_id, fields=sorted(changes)
        )
        return self._entry(loaded, stored)

    def _entry(self, loaded: LoadedConnector, settings: ConnectorSettings | None) -> CatalogueEntry:
        on = self._manager.is_enabled(loaded.manifest.id)
        return CatalogueEntry(
            loaded=loaded,
            configured=self._apps.is_configured(loaded, settings),
            enabled=on and (settings is None or settings.enabled),
            settings=settings,
        )


def _matches(
    loaded: LoadedConnector, category: str | None, capability: Capability | None, q: str | None
) -> bool:
    manifest = loaded.manifest
    text = f"{manifest.id} {manifest.name} {manifest.description}".lower()
    return (
        category in {None, manifest.category}
        and (capability is None or capability in loaded.connector_class.capabilities())
        and (q is None or q.lower() in text)
    )
