"""Connections: find, list, create, change. Who may see and change which is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel, SecretStr, ValidationError

from src.connectors.manager import ConnectorManager
from src.core.errors import (
    ConnectionExists,
    Forbidden,
    NotFound,
    ValidationFailed,
)
from src.db.collection import Position
from src.db.errors import Duplicate
from src.db.repositories.connections import ConnectionFilter, Visibility
from src.db.tenant import TenantScope
from src.models.audit import AuditAction
from src.models.base import complaint, now
from src.models.connection import Connection
from src.models.ids import IdPrefix, new_id
from src.models.principal import Caller, Permission, Via
from src.services.app_seats import AppSeat, app_changes
from src.services.audit import Audit, ScopeOf
from src.services.encryption import Encryption
from src.services.reauthorize import WayBack
from src.services.scopes import ScopeReport, scope_report

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnection:
    """A connection before any authorization."""

    connector_id: str
    auth_method: str
    alias: str | None = None
    user_id: str | None = None
    config: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None


class Connections:
    """The records of connections."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        encryption: Encryption,
        audit: Audit,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._encryption = encryption
        self._audit = audit

    async def get(self, caller: Caller, connection_id: str, *, fresh: bool = False) -> Connection:
        """A connection that the caller may see; ``fresh`` for those who will write by it.

        Raises:
            NotFound: There is none, or it is somebody else's.
        """
        repository = self._scope_of(caller.tenant_id).connections
        read = repository.get_fresh if fresh else repository.get
        found = await read(connection_id, visibility(caller))
        if found is None or _is_beyond_session(caller, found):
            raise NotFound("There is no such connection.")
        WayBack.remember(found)
        return found

    async def get_own(self, caller: Caller, connection_id: str) -> Connection:
        """A connection that the caller may change.

        Raises:
            NotFound: The caller may not even see it.
            Forbidden: It is shared, and the caller is one user of the tenant.
        """
        connection = await self.get(caller, connection_id, fresh=True)
        require_owner(caller, connection)
        return connection

    async def list(
        self, caller: Caller, where: ConnectionFilter, *, limit: int, after: Position | None
    ) -> list[Connection]:
        """Connections that the caller may see, newest first.

        Raises:
            Forbidden: The filter names another user than the caller.
        """
        if where.user_id is not None:
            resolve_user(caller, where.user_id)
        return await self._scope_of(caller.tenant_id).connections.list(
            where, visibility(caller), limit=limit, after=after
        )

    def report(self, connection: Connection) -> ScopeReport:
        """What the grant of a connection lacks; nothing is known of a connector that has gone."""
        loaded = self._manager.registry.get(connection.connector_id)
        if loaded is None:
            return ScopeReport((), {})
        return scope_report(loaded, connection.granted_scopes, connection.requested_scopes)

    async def create(self, caller: Caller, new: NewConnection) -> Connection:
        """Make a pending connection that holds its user's place.

        Raises:
            ConnectionExists: The user has one that was made this way.
            ValidationFailed: The connector refuses config or settings.
        """
        loaded = self._manager.registry.get(new.connector_id)
        if loaded is None:
            raise ValidationFailed([("connectorId", "there is no such connector")])
        method = self._manager.auth_method(loaded, new.auth_method, "authMethod")
        config = checked("config", loaded.manifest.config_model, new.config)
        scope = self._scope_of(caller.tenant_id)
        moment = now()
        connection_id = new_id(IdPrefix.CONNECTION)
        app = app_changes(
            self._encryption,
            AppSeat(caller.tenant_id, connection_id),
            {"client_id": new.client_id, "client_secret": new.client_secret},
        )
        connection = Connection(
            id=connection_id,
            tenant_id=caller.tenant_id,
            connector_id=new.connector_id,
            auth_method=method.id,
            origin=self._manager.address(new.connector_id, config, method).origin,
            alias=new.alias,
            user_id=resolve_user(caller, new.user_id),
            config=config,
            settings=checked("settings", loaded.manifest.settings_model, new.settings),
            metadata=dict(new.metadata or {}),
            reserved=True,
            client_id=app.get("clientId"),
            sealed_client_secret=app.get("sealedClientSecret"),
            created_at=moment,
            updated_at=moment,
        )
        try:
            await scope.connections.add(connection)
        except Duplicate as error:
            raise await self._taken(scope, connection) from error
        await self._audit.record(
            caller, AuditAction.CONNECTION_CREATED, connection.id, connectorId=new.connector_id
        )
        return connection

    async def update(
        self, caller: Caller, connection_id: str, changes: Mapping[str, Any]
    ) -> Connection:
        """Set or clear alias, settings, metadata and the connection's own app.

        Args:
            caller: Who asks.
            connection_id: Which connection.
            changes: Any of ``alias``, ``settings``, ``metadata``, ``client_id`` and
                ``client_secret``; None clears.

        Raises:
            ValidationFailed: The connector refuses the settings, or an app has only one half.
        """
        connection = await self.get_own(caller, connection_id)
        loaded = self._manager.registry.find(connection.connector_id)
        fields: dict[str, Any] = {}
        if "alias" in changes:
            fields["alias"] = changes["alias"]
        if "settings" in changes:
            fields["settings"] = checked(
                "settings", loaded.manifest.settings_model, changes["settings"]
            )
        if "metadata" in changes:
            fields["metadata"] = dict(changes["metadata"] or {})
        seat = AppSeat(caller.tenant_id, connection.id, connection.client_id)
        fields |= app_changes(self._encryption, seat, changes)
        updated = await self._scope_of(caller.tenant_id).connections.update(connection.id, fields)
        if updated is None:
            raise NotFound("There is no such connection.")
        await self._audit.record(
            caller, AuditAction.CONNECTION_UPDATED, connection.id, fields=sorted(changes)
        )
        return updated

    async def _taken(self, scope: TenantScope, connection: Connection) -> ConnectionExists:
        holder = await scope.connections.find_reserved(connection.connector_id, connection.user_id)
        return connection_exists(holder)


def _is_beyond_session(caller: Caller, connection: Connection) -> bool:
    """A connect session sees the connections of its user and its connectors, no shared ones."""
    principal = caller.principal
    if principal.via is not Via.SESSION:
        return False
    named = principal.connector_ids
    is_covered = named is None or connection.connector_id in named
    return connection.user_id != principal.user_id or not is_covered


def visibility(caller: Caller) -> Visibility:
    """What the caller may see: one user sees its own connections and the shared ones."""
    return Visibility(user_id=caller.user_id)


def require_owner(caller: Caller, connection: Connection) -> None:
    """Stop one user of a tenant from changing what all of them share.

    Raises:
        Forbidden: The connection is shared.
    """
    is_admin = caller.principal.may(Permission.ADMIN)
    if caller.user_id is not None and connection.user_id is None and not is_admin:
        raise Forbidden("A shared connection can be changed only by an administrator.")


def resolve_user(caller: Caller, user_id: str | None) -> str | None:
    """The user that a request is about: the caller itself, or whom a tenant's caller names.

    Raises:
        Forbidden: One user names another.
    """
    is_bound = caller.user_id is not None or caller.principal.via is Via.SESSION
    if is_bound and user_id not in {None, caller.user_id}:
        raise Forbidden("userId must be absent or the caller's own.")
    return caller.user_id or user_id


def connection_exists(holder: Connection | None) -> ConnectionExists:
    """The error that names the connection in the way."""
    return ConnectionExists(
        "This is connected already; use that connection, or disconnect it first.",
        details={"connectionId": holder.id if holder else None},
    )


def checked(field: str, model: type[BaseModel], values: Mapping[str, Any] | None) -> dict[str, Any]:
    """JSON values as the connector's model accepts them, nothing coerced.

    Raises:
        ValidationFailed: Each field that it refuses.
    """
    accepted = accept(field, model, msgspec.json.encode(values or {}))
    return accepted.model_dump(mode="json", by_alias=True)


def accept(field: str, model: type[M], content: bytes | str) -> M:
    """JSON as a model of the connector accepts it, nothing coerced.

    Raises:
        ValidationFailed: Each field that it refuses, below ``field``.
    """
    try:
        return model.model_validate_json(content, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise ValidationFailed(
            [
                (".".join([field, *map(str, problem["loc"])]), complaint(problem))
                for problem in error.errors(include_url=False, include_input=False)
            ]
        ) from None
