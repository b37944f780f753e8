"""The composition root: everything is built here, once, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from src.connectors.manager import ConnectorManager
from src.connectors.registry import ConnectorLoadError, ConnectorRegistry
from src.connectors.rest.retry import Retrier
from src.core.config import LOCKED_OUT, Settings
from src.core.errors import ServiceUnavailable
from src.core.logging import get_logger
from src.core.outbound import Outbound
from src.db.cache import BriefCache
from src.db.client import Mongo
from src.db.sandbox_store import MongoSandboxStore
from src.db.tenant import TenantScope
from src.services.audit import Audit
from src.services.browse import Browse
from src.services.calls import Calls
from src.services.catalogue import Catalogue
from src.services.checks import Checks
from src.services.connect import Connect
from src.services.connections import Connections
from src.services.credentials import Credentials
from src.services.cursors import Cursors
from src.services.encryption import Encryption, development_key
from src.services.principals import Principals
from src.services.readiness import Readiness
from src.services.revocation import Revocation
from src.services.sync_states import SyncStates

PREPARE_AGAIN_SECONDS = 2.0
SANDBOX_PATH = "/sandbox"

log = get_logger(__name__)


@dataclass(kw_only=True)
class Container:
    """What the edges call. Close it when the process ends."""

    settings: Settings
    mongo: Mongo
    outbound: Outbound
    embedded: Any
    principals: Principals
    cursors: Cursors
    audit: Audit
    catalogue: Catalogue
    connections: Connections
    connect: Connect
    checks: Checks
    revocation: Revocation
    browse: Browse
    sync_states: SyncStates
    readiness: Readiness
    sandboxes: Mapping[str, Any]
    _preparing: asyncio.Task[None] | None = field(default=None, init=False)

    async def prepare(self) -> None:
        """Prepare the database, in the background if it does not answer yet."""
        if missed := await self._missed():
            log.warning("database.missed", reason=missed)
            self._preparing = asyncio.create_task(self._prepare_until_done(missed))

    async def _missed(self) -> str | None:
        """Prepare the database; why it could not be, if so."""
        try:
            await self.readiness.prepare()
        except ServiceUnavailable as outage:
            return self.readiness.trouble(outage)
        return None

    async def _prepare_until_done(self, told: str) -> None:
        missed: str | None = told
        while missed:
            await asyncio.sleep(PREPARE_AGAIN_SECONDS)
            missed = await self._missed()
            if missed and missed != told:
                log.warning("database.missed", reason=missed)
                told = missed
        log.warning("database.found")

    async def close(self) -> None:
        """Give back what this process holds."""
        if self._preparing is not None:
            self._preparing.cancel()
        await self.outbound.close()
        await self.mongo.close()
        if self.embedded is not None:
            await self.embedded.close()


async def build_container(
    settings: Settings,
    registry: ConnectorRegistry,
    *,
    outbound: Outbound | None = None,
    retrier: Retrier | None = None,
) -> Container:
    """Build everything. Opens no connection but to an embedded database, if that is used.

    Args:
        settings: The configuration.
        registry: The validated connectors.
        outbound: Stands in for the real network in tests.
        retrier: Stands in for the real clock in tests.

    Raises:
        EncryptionKeyError: ENCRYPTION_KEY or the key file cannot be used.
        EmbeddedMongoError: The embedded database does not start.
        ConnectorLoadError: A setting names a connector that is not there.
    """
    require_known(settings, registry)
    keys = settings.encryption_key.get_secret_value() or development_key(settings.data_dir)
    encryption = Encryption(keys)
    _warn(settings)
    mongo, embedded = await _open_database(settings)
    outbound = outbound or Outbound(guarded=not settings.allow_private_provider_hosts)
    manager = ConnectorManager(
        registry,
        outbound,
        _addresses(settings, registry),
        disabled=[name for name, own in settings.connectors.items() if not own.enabled],
        retrier=retrier or Retrier(),
        deadline=settings.provider_timeout_seconds,
        kept_bytes=settings.conditional_cache_mb * 1024 * 1024,
    )

    cache = BriefCache()

    def scope_of(tenant_id: str) -> TenantScope:
        return TenantScope(mongo.database, tenant_id, cache)

    audit = Audit(scope_of)
    cursors = Cursors(encryption)
    credentials = Credentials(encryption)
    connections = Connections(scope_of, manager, encryption, audit)
    calls = Calls(scope_of, manager, connections, credentials, audit)
    connect = Connect(scope_of, manager, calls, connections, credentials, audit)
    return Container(
        settings=settings,
        mongo=mongo,
        outbound=outbound,
        embedded=embedded,
        principals=Principals(settings),
        cursors=cursors,
        audit=audit,
        catalogue=Catalogue(scope_of, manager, encryption, audit),
        connections=connections,
        connect=connect,
        checks=Checks(scope_of, calls, connections, connect),
        revocation=Revocation(scope_of, connections, calls, audit),
        browse=Browse(calls, cursors),
        sync_states=SyncStates(scope_of, manager, connections, audit),
        readiness=Readiness(mongo, encryption, embedded),
        sandboxes=_sandboxes(settings, registry, mongo),
    )


def _warn(settings: Settings) -> None:
    """Say what starts well and serves nobody."""
    if settings.locks_everybody_out:
        log.warning("callers.locked_out", reason=LOCKED_OUT)


async def _open_database(settings: Settings) -> tuple[Mongo, Any]:
    """The database, and the embedded one if it is used."""
    if url := settings.mongodb_url.get_secret_value():
        return Mongo(url, settings.mongodb_db), None
    from src.db import embedded  # noqa: PLC0415  the server image does not carry it

    started = await embedded.start(settings.data_dir)
    return Mongo(lambda: started.url, settings.mongodb_db), started


def require_known(settings: Settings, registry: ConnectorRegistry) -> None:
    """Refuse settings of connectors that are not there: a slip in an id would go unseen.

    Raises:
        ConnectorLoadError: ``CONNECTORS__<ID>__…`` names none.
    """
    for name in settings.connectors:
        if name not in registry:
            raise ConnectorLoadError(f"CONNECTORS__{name.upper()}__… names no connector")


def _addresses(settings: Settings, registry: ConnectorRegistry) -> dict[str, str]:
    """Addresses that the operator set; in sandbox mode those of the imitation providers."""
    addresses = {
        name: own.api_url for name, own in settings.connectors.items() if own.api_url is not None
    }
    if settings.sandbox:
        base = settings.public_url.rstrip("/") + SANDBOX_PATH
        addresses |= {name: f"{base}/{name}" for name in sandboxed(registry)}
    return addresses


def sandboxed(registry: ConnectorRegistry) -> list[str]:
    """The connectors that bring an imitation of their provider."""
    return [name for name, loaded in registry.items() if loaded.manifest.sandbox is not None]


def _sandboxes(settings: Settings, registry: ConnectorRegistry, mongo: Mongo) -> dict[str, Any]:
    if not settings.sandbox:
        return {}
    from src.sandbox.kit import hang_up_on_cut  # noqa: PLC0415  production serves no imitation

    return {
        name: hang_up_on_cut(
            registry[name].sandbox_factory()(MongoSandboxStore(lambda: mongo.database, name))
        )
        for name in sandboxed(registry)
    }
