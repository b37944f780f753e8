"""Connections with refresh tokens of the imitation GitHub, and what refreshes them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from src.core.oauth import OAuth2App, OAuth2Client, OAuth2Spec
from src.core.outbound import Outbound
from src.db.cache import BriefCache
from src.db.client import Mongo
from src.db.flows import Grants
from src.db.leases import Leases
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.connection import Account, Connection, ConnectionStatus
from src.models.credential import Credential, StoredToken
from src.models.ids import IdPrefix, new_id
from src.sandbox.github.oauth import GITHUB_APP
from src.services.audit import Audit
from src.services.connection_news import ConnectionNews
from src.services.credentials import Credentials
from src.services.encryption import Encryption
from src.services.events import Events
from src.services.giving_back import GivingBack
from src.services.queue import NoQueue
from src.services.refreshes import Refreshes
from src.services.renewal import Renewer
from tests.core.oauth_providers import GITHUB
from tests.fakes.clock import Sleeps
from tests.sandbox.github.test_oauth import authorized

BASE = "http://github.sandbox"
SPEC = GITHUB.with_addresses(
    authorize_url=f"{BASE}/login/oauth/authorize",
    token_url=f"{BASE}/login/oauth/access_token",
    revoke_url=f"{BASE}/applications/{{client_id}}/token",
)
TOKEN_REQUEST = "POST /login/oauth/access_token"


@dataclass
class Clients:
    """One app for all connections, which a test may change."""

    outbound: Outbound
    spec: OAuth2Spec = SPEC
    app: OAuth2App = field(
        default_factory=lambda: OAuth2App(GITHUB_APP.client_id, SecretStr(GITHUB_APP.client_secret))
    )
    deadline: float = 5.0
    error: Exception | None = None

    async def client_of(self, connection: Connection) -> OAuth2Client:  # noqa: ARG002
        if self.error is not None:
            raise self.error
        return OAuth2Client(
            self.outbound, self.spec, self.app, operator_address=True, deadline=self.deadline
        )


@dataclass
class Process:
    """What one process of the service has: a cache of its own, and its own attempts."""

    scope_of: Callable[[str], TenantScope]
    credentials: Credentials
    refreshes: Refreshes


class Desk:
    """Several processes over one database and one imitation provider."""

    def __init__(self, mongo: Mongo, encryption: Encryption, github: Any, sleeps: Sleeps) -> None:
        self.github = github
        self.clients = Clients(Outbound(github.network))
        self._mongo = mongo
        self._encryption = encryption
        self._sleeps = sleeps
        self.one = self.process()

    def process(self, sleep: Any = None, clock: Callable[[], datetime] = now) -> Process:
        cache = BriefCache()

        def scope_of(tenant_id: str) -> TenantScope:
            return TenantScope(self._mongo.database, tenant_id, cache)

        credentials = Credentials(self._encryption)
        audit = Audit(scope_of, self._encryption)
        giving_back = GivingBack(Grants(lambda: self._mongo.database))
        events = Events(scope_of, NoQueue(), Leases(self._mongo.database).now, retention_days=30)
        renewer = Renewer(
            scope_of,
            credentials,
            self.clients,
            audit,
            giving_back,
            ConnectionNews(events),
            sleep or self._sleeps,
        )
        return Process(scope_of, credentials, Refreshes(credentials, renewer, clock=clock))

    @property
    def scope(self) -> TenantScope:
        return self.one.scope_of("acme")

    async def connect(self, *, ends_in: float = -1.0, **fields: Any) -> Connection:
        """A connection of ``acme`` whose access token ends in so many seconds."""
        told = await authorized(self.github.client, GITHUB_APP)
        moment = now()
        values: dict[str, Any] = {
            "id": new_id(IdPrefix.CONNECTION),
            "tenant_id": "acme",
            "connector_id": "github",
            "auth_method": "import",
            "origin": BASE,
            "status": ConnectionStatus.CONNECTED,
            "account": Account(id=new_id(IdPrefix.CONNECTION), name="octocat"),
            "generation": 1,
            "token_expires_at": moment + timedelta(seconds=ends_in),
            "created_at": moment,
            "updated_at": moment,
        }
        connection = Connection(**{**values, **fields})
        credential = Credential(
            access_token=SecretStr(told["access_token"]),
            refresh_token=SecretStr(told["refresh_token"]),
            expires_at=connection.token_expires_at,
        )
        scope = self.one.scope_of(connection.tenant_id)
        await self.one.credentials.store(scope, connection, credential)
        await scope.connections.add(connection)
        await self.github.forget()
        return connection

    async def token(self, connection: Connection) -> StoredToken:
        found = await self.one.scope_of(connection.tenant_id).tokens.get_fresh(connection.id)
        assert found is not None
        return found

    async def record(self, connection: Connection) -> Connection:
        scope = self.one.scope_of(connection.tenant_id)
        found = await scope.connections.get_fresh(connection.id)
        assert found is not None
        return found

    async def use(self, connection: Connection, process: Process | None = None) -> str:
        """The access token that a call would be signed with."""
        process = process or self.one
        scope = process.scope_of(connection.tenant_id)
        provider = process.refreshes.provider(scope, connection)
        return (await provider.credential()).access_token.get_secret_value()

    async def is_good(self, access_token: str) -> bool:
        answer = await self.github.client.get(
            "/user", headers={"authorization": f"Bearer {access_token}"}
        )
        return bool(answer.status_code == 200)

    async def asked(self) -> int:
        """How often the provider was asked for a token."""
        counts: dict[str, int] = await self.github.requests()
        return counts.get(TOKEN_REQUEST, 0)

    def wrong_secret(self) -> None:
        self.clients.app = replace(self.clients.app, client_secret=SecretStr("a-wrong-secret"))

    async def rest_is_over(self, connection: Connection) -> None:
        """Let the time pass in which nobody may ask the provider."""
        leases = self._mongo.database["refresh_leases"]
        await leases.update_one({"connectionId": connection.id}, {"$set": {"notBefore": None}})

    async def lease_is_over(self, connection: Connection) -> None:
        """Let the time pass for which a process holds the lease."""
        leases = self._mongo.database["refresh_leases"]
        past = now() - timedelta(hours=1)
        await leases.update_one({"connectionId": connection.id}, {"$set": {"until": past}})

    async def audited(self, action: str) -> list[dict[str, Any]]:
        found = self._mongo.database["audit_logs"].find({"action": action})
        return list(await found.to_list(None))
