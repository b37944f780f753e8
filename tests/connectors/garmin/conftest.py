"""The Garmin connector over the imitation Garmin, without a database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from src.connectors.garmin.connector import GarminConnector
from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, load
from src.connectors.rest.retry import Retrier
from src.core.outbound import Outbound
from src.models.connection import Account
from src.models.credential import Credential
from src.sandbox.garmin.app import create_app
from src.sandbox.garmin.people import MIA
from src.sandbox.garmin.tokens import Claims, file_token, written
from src.sandbox.kit import MemoryStore
from tests.fakes.clock import Sleeps
from tests.fakes.network import Network

NOW = 1_782_000_000.0
"""2026-06-21 in UTC: the imitation's present day."""
LATER = 4_000_000_000
HOSTS = (
    "connectapi.garmin.com",
    "connectapi.garmin.cn",
    "personal.connectapi.garmin.com",
    "apis.garmin.com",
)


class Held:
    def __init__(self, token: str) -> None:
        self._credential = Credential(SecretStr(token))

    async def credential(self) -> Credential:
        return self._credential

    async def renew(self) -> bool:
        return False


@dataclass
class Garmin:
    """The imitation of one test, and connectors over it."""

    network: Network
    client: httpx.AsyncClient
    manager: ConnectorManager

    def open(self, method: str, token: str, **more: Any) -> GarminConnector:
        found = self.manager.registry.find("garmin").manifest.auth_method(method)
        assert found is not None
        use = Use(
            method=found,
            tokens=Held(token),
            config=more.get("config", {"domain": "garmin.com"}),
            settings=more.get("settings", {}),
            account=more.get("account"),
            owner=more.get("owner"),
        )
        connector = self.manager.open("garmin", use)
        assert isinstance(connector, GarminConnector)
        return connector

    def tokens(self, **more: Any) -> GarminConnector:
        account = Account(id=str(MIA.profile), name=MIA.full_name)
        return self.open("tokens", file_token(MIA, end=LATER), account=account, **more)

    def key(self, **more: Any) -> GarminConnector:
        token = written(Claims(MIA.profile, "personal", LATER, 0))
        return self.open("personalKey", token, **more)

    async def fault(self, *faults: dict[str, Any]) -> None:
        answer = await self.client.put("/_sandbox/faults", json=list(faults))
        answer.raise_for_status()

    def asked(self) -> list[str]:
        """What has been asked since the last look, with its query."""
        found = [f"{one.method} {one.url.raw_path.decode()}" for one in self.network.requests]
        self.network.requests.clear()
        return found


@pytest.fixture
async def garmin(sleeps: Sleeps) -> AsyncIterator[Garmin]:
    app = create_app(MemoryStore(), clock=lambda: NOW)
    network = Network(dict.fromkeys(HOSTS, app))
    manager = ConnectorManager(
        ConnectorRegistry({"garmin": load("garmin", "src.connectors.garmin.connector")}),
        Outbound(network),
        {},
        retrier=Retrier(sleep=sleeps),
        deadline=5,
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://garmin.sandbox") as client:
        yield Garmin(network, client, manager)
