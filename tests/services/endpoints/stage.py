"""The outbox and what empties it, with servers of tenants that answer as they are told."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

from src.core.outbound import Outbound
from src.db.cache import BriefCache
from src.db.client import Mongo
from src.db.due_events import DueEndpoints
from src.db.leases import Leases
from src.db.repositories.events import DeliveryFilter
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.event import Delivery, Endpoint, EventType
from src.models.ids import IdPrefix, new_id
from src.services.encryption import Encryption
from src.services.endpoints.deliveries import Deliveries
from src.services.endpoints.signing import EndpointSecrets
from src.services.events import Events
from src.services.queue import Hint
from tests.db.told import endpoint
from tests.secrecy import SECRETS

CONNECTED = EventType.CONNECTION_CONNECTED
Say = Callable[[httpx.Request], httpx.Response]


def say(status: int, **headers: str) -> Say:
    """A server that always says this."""
    return lambda _: httpx.Response(status, headers=headers)


class Servers(httpx.AsyncBaseTransport):
    """Tenants' servers by host name; one that is not there cannot be reached."""

    def __init__(self) -> None:
        self.says: dict[str, Say] = {}
        self.got: list[httpx.Request] = []
        self.doors: dict[str, asyncio.Event] = {}
        self.knocked = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.got.append(request)
        host = request.url.host
        self.knocked.set()
        if host in self.doors:
            await self.doors[host].wait()
        if host not in self.says:
            raise httpx.ConnectError("no such host")
        return self.says[host](request)

    def times(self, host: str) -> int:
        return sum(request.url.host == host for request in self.got)


class Hints:
    """A queue that nobody empties."""

    def __init__(self) -> None:
        self.sent: list[Hint] = []

    async def send(self, hint: Hint) -> None:
        self.sent.append(hint)


class Stage:
    """One process, or several over one database; time passes when the test says so."""

    def __init__(self, mongo: Mongo, encryption: Encryption) -> None:
        self.mongo = mongo
        self.secrets = EndpointSecrets(encryption)
        self.servers = Servers()
        self.hints = Hints()
        self.at = now()
        self.stopwatch = 0.0
        self.ending = False
        self.deliveries = self.process()
        self.events = Events(self.scope_of, self.hints, self.clock, retention_days=30)

    def scope_of(self, tenant_id: str) -> TenantScope:
        return TenantScope(self.mongo.database, tenant_id, BriefCache())

    async def clock(self) -> datetime:
        return self.at

    def process(self, leases: type[Leases] = Leases) -> Deliveries:
        return Deliveries(
            self.scope_of,
            self.secrets,
            Outbound(self.servers),
            self.hints,
            leases=lambda: leases(self.mongo.database),
            clock=self.clock,
            is_ending=lambda: self.ending,
            chance=lambda: 0.5,
            stopwatch=lambda: self.stopwatch,
        )

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)

    async def open(
        self, host: str, *events: EventType, tenant: str = "acme", **fields: Any
    ) -> tuple[Endpoint, str]:
        """An endpoint at a host, and its secret."""
        endpoint_id = new_id(IdPrefix.ENDPOINT)
        secret, sealed = self.secrets.make(tenant, endpoint_id)
        SECRETS.note(secret.get_secret_value())
        made = endpoint(
            id=endpoint_id,
            tenant_id=tenant,
            url=f"https://{host}/hooks",
            events=events or (CONNECTED,),
            sealed_secret=sealed,
            **fields,
        )
        await self.scope_of(tenant).endpoints.add(made)
        return made, secret.get_secret_value()

    async def emit(self, *numbers: int, tenant: str = "acme") -> None:
        for number in numbers or (1,):
            await self.events.emit(tenant, CONNECTED, {"number": number})

    async def deliver(self, made: Endpoint) -> None:
        await self.deliveries.deliver(made.tenant_id, made.id)

    async def look(self, made: Endpoint) -> list[Delivery]:
        """The deliveries of an endpoint, oldest first."""
        events = self.scope_of(made.tenant_id).events
        found = await events.list_deliveries(made.id, DeliveryFilter(), limit=200)
        return found[::-1]

    async def reread(self, made: Endpoint) -> Endpoint:
        found = await self.scope_of(made.tenant_id).endpoints.get(made.id)
        assert found is not None
        return found

    async def due(self) -> list[str]:
        found = await DueEndpoints(lambda: self.mongo.database).list(self.at, 100)
        return [one.endpoint_id for one in found]
