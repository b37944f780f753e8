"""The parts of webhooks in, built of what the rest of the platform has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from src.connectors.manager import ConnectorManager
from src.core.config import Settings
from src.db.cache import BriefCache
from src.db.client import Database
from src.db.leases import Leases
from src.db.receivers import Receivers
from src.models.base import now
from src.services.apps import OAuthApps
from src.services.audit import Audit, ScopeOf
from src.services.bench import Bench
from src.services.calls import Calls
from src.services.encryption import Encryption
from src.services.jobs import Jobs
from src.services.queue import JobQueue, Work
from src.services.records import Records
from src.services.webhooks.addresses import HookAddresses
from src.services.webhooks.deliveries import due_deliveries
from src.services.webhooks.doors import Doors
from src.services.webhooks.ending import Endings
from src.services.webhooks.following import Following
from src.services.webhooks.receiving import Receiving
from src.services.webhooks.renewing import LOOK_SECONDS, Renewals
from src.services.webhooks.sharing import Sharing
from src.services.webhooks.subscribing import Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What webhooks stand on."""

    settings: Settings
    database: Callable[[], Database]
    scope_of: ScopeOf
    cache: BriefCache
    encryption: Encryption
    manager: ConnectorManager
    apps: OAuthApps
    calls: Calls
    audit: Audit
    queue: JobQueue


class ProviderWebhooks:
    """Everything of webhooks in."""

    def __init__(self, stand: Surroundings) -> None:
        self._stand = stand
        self._receivers = Receivers(stand.database)
        self._addresses = HookAddresses(stand.settings.public_url, stand.settings.api_prefix)
        self._sharing = Sharing(
            self._receivers,
            stand.manager,
            stand.apps,
            stand.encryption,
            lambda: Leases(stand.database()),
        )
        self.doors = Doors(
            stand.scope_of,
            self._receivers,
            stand.manager,
            stand.apps,
            stand.encryption,
            stand.cache,
        )
        self.endings = Endings(
            stand.scope_of,
            self._receivers,
            stand.manager,
            stand.calls,
            stand.apps,
            sharing=self._sharing,
            doors=self.doors,
        )
        self.webhooks = Webhooks(
            stand.scope_of,
            self._receivers,
            stand.manager,
            stand.calls,
            sharing=self._sharing,
            endings=self.endings,
            doors=self.doors,
            addresses=self._addresses,
            encryption=stand.encryption,
            audit=stand.audit,
        )
        self.receiving = Receiving(
            stand.scope_of,
            self.doors,
            stand.encryption,
            stand.queue,
            retention_days=stand.settings.hook_deliveries_retention_days,
        )

    def following(self, records: Records, jobs: Jobs) -> Following:
        """What carries deliveries out."""
        stand = self._stand
        return Following(stand.scope_of, stand.calls, records, jobs, stand.encryption)

    def renewals(self, jobs: Jobs, clock: Callable[[], datetime] = now) -> Renewals:
        """What keeps subscriptions alive."""
        stand = self._stand
        return Renewals(
            stand.scope_of,
            self._receivers,
            stand.manager,
            stand.calls,
            jobs,
            sharing=self._sharing,
            endings=self.endings,
            addresses=self._addresses,
            encryption=stand.encryption,
            clock=clock,
        )

    def work(self, bench: Bench, records: Records, jobs: Jobs) -> None:
        """Lay down what is to be done by the processes that work."""
        following = self.following(records, jobs)
        bench.does(Work.DELIVERY, following.handle, due_deliveries(self._receivers))
        bench.again("webhooks", self.renewals(jobs).tend, LOOK_SECONDS)
