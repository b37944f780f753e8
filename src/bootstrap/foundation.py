"""What everything stands on: the keys, the database, the network and the connectors."""

from __future__ import annotations

from dataclasses import dataclass

from src.bootstrap.database import Storage, open_database
from src.connectors.manager import ConnectorManager
from src.connectors.registry import ConnectorLoadError, ConnectorRegistry
from src.connectors.rest.retry import Retrier
from src.core.config import LOCKED_OUT, Settings
from src.core.dialing import Locator
from src.core.logging import get_logger
from src.core.metrics import Metrics
from src.core.outbound import Outbound
from src.services.audit import Audit
from src.services.cursors import Cursors
from src.services.encryption import Encryption, development_key
from src.services.provider_addresses import addresses, imitations
from src.services.queue import JobQueue, NoQueue

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    """What the caller has brought along in place of the usual."""

    outbound: Outbound | None = None
    retrier: Retrier | None = None
    queue: JobQueue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What nearly every service is built with."""

    settings: Settings
    registry: ConnectorRegistry
    encryption: Encryption
    store: Storage
    outbound: Outbound
    metrics: Metrics
    manager: ConnectorManager
    queue: JobQueue
    audit: Audit
    cursors: Cursors


async def lay_foundation(
    settings: Settings, registry: ConnectorRegistry, brought: StandIns
) -> Foundation:
    """Lay it.

    Raises:
        EncryptionKeyError: ENCRYPTION_KEY or the key file cannot be used.
        EmbeddedMongoError: The embedded database does not start.
        ConnectorLoadError: A setting names a connector that is not there.
    """
    require_known(settings, registry)
    keys = settings.encryption_key.get_secret_value() or development_key(settings.data_dir)
    encryption = Encryption(keys)
    if settings.locks_everybody_out:
        # It starts well, and serves nobody.
        log.warning("callers.locked_out", reason=LOCKED_OUT)
    store = Storage(*await open_database(settings))
    outbound = brought.outbound or Outbound(guarded=not settings.allow_private_provider_hosts)
    metrics = Metrics()
    return Foundation(
        settings=settings,
        registry=registry,
        encryption=encryption,
        store=store,
        outbound=outbound,
        metrics=metrics,
        manager=ConnectorManager(
            registry,
            outbound,
            addresses(settings, registry),
            disabled=[name for name, own in settings.connectors.items() if not own.enabled],
            retrier=brought.retrier or Retrier(),
            deadline=settings.provider_timeout_seconds,
            kept_bytes=settings.conditional_cache_mb * 1024 * 1024,
            imitations=imitations(settings, registry),
            door_of=metrics.door_of(outbound) if settings.metrics_enabled else None,
            locator=Locator(guarded=not settings.allow_private_provider_hosts),
        ),
        queue=brought.queue or NoQueue(),
        audit=Audit(store.scope_of, encryption),
        cursors=Cursors(encryption),
    )


def require_known(settings: Settings, registry: ConnectorRegistry) -> None:
    """Refuse settings of connectors that are not there: a slip in an id would go unseen.

    Raises:
        ConnectorLoadError: ``CONNECTORS__<ID>__…`` names none, or an address of another protocol.
    """
    for name, own in settings.connectors.items():
        if name not in registry:
            raise ConnectorLoadError(f"CONNECTORS__{name.upper()}__… names no connector")
        is_tcp = registry[name].manifest.transport == "tcp"
        if own.api_url is not None and own.api_url.startswith("tcp:") != is_tcp:
            such = "tcp://host:port" if is_tcp else "https://host"
            raise ConnectorLoadError(
                f"CONNECTORS__{name.upper()}__API_URL must be an address such as {such}"
            )
