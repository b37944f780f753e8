"""The Strava connector over the imitation Strava, without a database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, load
from src.connectors.rest.retry import Retrier
from src.connectors.strava.connector import StravaConnector
from src.core.outbound import Outbound
from src.models.connection import Account
from src.models.credential import Credential
from src.sandbox.kit import MemoryStore
from src.sandbox.strava.app import create_app
from src.sandbox.strava.callers import DANA_TOKEN
from src.sandbox.strava.seed.people import DANA
from tests.fakes.clock import Sleeps
from tests.fakes.network import Network

URL = "http://strava.sandbox"
ACCOUNT = Account(id=str(DANA.id), name="Dana Ashton", url="https://www.strava.com/athletes/1")


class Held:
    """A credential, and how often another was asked for."""

    def __init__(self, token: str) -> None:
        self._credential = Credential(SecretStr(token))
        self.renewals = 0

    async def credential(self) -> Credential:
        return self._credential

    async def renew(self) -> bool:
        self.renewals += 1
        return False


@dataclass
class Strava:
    """The imitation of one test, and connectors over it."""

    network: Network
    client: httpx.AsyncClient
    manager: ConnectorManager

    def open(self, token: str = DANA_TOKEN, *, held: Held | None = None, **more: Any) -> Any:
        method = self.manager.registry.find("strava").manifest.auth_method("import")
        assert method is not None
        use = Use(
            method=method,
            tokens=held or Held(token),
            config={},
            granted_scopes=more.get("granted"),
            account=more.get("account", ACCOUNT),
        )
        connector = self.manager.open("strava", use)
        assert isinstance(connector, StravaConnector)
        return connector

    async def fault(self, *faults: dict[str, Any]) -> None:
        answer = await self.client.put("/_sandbox/faults", json=list(faults))
        answer.raise_for_status()

    def asked(self) -> list[str]:
        """What has been asked, as it stood on the wire: ``["GET /athlete"]``."""
        return [f"{one.method} {one.url.raw_path.decode()}" for one in self.network.requests]


@pytest.fixture
async def strava(sleeps: Sleeps) -> AsyncIterator[Strava]:
    app = create_app(MemoryStore())
    network = Network({"strava.sandbox": app})
    manager = ConnectorManager(
        ConnectorRegistry({"strava": load("strava", "src.connectors.strava.connector")}),
        Outbound(network),
        {"strava": URL},
        retrier=Retrier(sleep=sleeps),
        deadline=5,
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield Strava(network, client, manager)
