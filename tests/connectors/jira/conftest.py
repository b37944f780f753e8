"""The Jira connector over the imitation Atlassian, without a database."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from src.connectors.jira.connector import JiraConnector
from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, load
from src.connectors.rest.retry import Retrier
from src.core.outbound import Outbound
from src.models.connection import Account
from src.sandbox.atlassian.people import ACME
from src.sandbox.jira.app import create_app
from src.sandbox.kit import MemoryStore
from tests.fakes.clock import Sleeps
from tests.fakes.network import Network
from tests.fakes.tokens import Held

URL = "http://jira.sandbox"
EX, BIG = "10000", "10001"
EPIC, STORY, EVERYTHING, TALK, BARE, BY_NOBODY, SUBTASK = (str(10_101 + n) for n in range(7))
GRANT = "eyJ-sandbox-mia"
SITE_TOKEN = ("apiToken", "ATATT-sandbox-mia")
SITE = {"email": "mia@example.com", "siteUrl": "https://acme.atlassian.net"}
SCOPED_TOKEN = ("scopedToken", "ATSTT-sandbox-mia")
SCOPED = {"email": "mia@example.com", "cloudId": ACME.id}
PAT = ("pat", "PAT-sandbox-mia")
SERVER = {"serverUrl": "https://jira.example.com/jira"}
MIA = "5b10a2844c20165700ede21g"
BEN = "5fc9e78d2730d800760becc4"


@dataclass
class Atlassian:
    """The imitation of one test, and its switches."""

    network: Network
    client: httpx.AsyncClient
    posted: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    """What its webhooks have sent."""

    async def fault(self, *faults: dict[str, Any]) -> None:
        (await self.client.put("/_sandbox/faults", json=list(faults))).raise_for_status()

    def asked(self) -> list[str]:
        """What was asked since the last look, each as ``METHOD /path``."""
        requests = [
            f"{one.method} {one.url.path.partition('/rest/')[2] or one.url.path}"
            for one in self.network.requests
        ]
        self.network.requests.clear()
        return requests

    def queries(self, name: str) -> list[str]:
        """A parameter of what was asked."""
        return [one.url.params[name] for one in self.network.requests if name in one.url.params]


@pytest.fixture
async def atlassian() -> AsyncIterator[Atlassian]:
    posted: list[tuple[str, Mapping[str, str], bytes]] = []

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        posted.append((url, headers, body))
        return 204

    app = create_app(MemoryStore(), post=post)
    network = Network({"jira.sandbox": app})
    for host in ("acme.atlassian.net", "jira.example.com"):
        network.alias(host, "jira.sandbox")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client:
        yield Atlassian(network, client, posted)


Open = Callable[..., JiraConnector]


@pytest.fixture
def open_with(atlassian: Atlassian, sleeps: Sleeps) -> Open:
    """Return a function: the connector with this method, token and configuration."""
    loaded = load("jira", "src.connectors.jira.connector")
    manager = ConnectorManager(
        ConnectorRegistry({"jira": loaded}),
        Outbound(atlassian.network),
        {"jira": URL},
        retrier=Retrier(sleep=sleeps),
        deadline=5,
    )

    def make(
        method: str = "oauth2",
        token: str = GRANT,
        *,
        known: bool = True,
        settings: dict[str, Any] | None = None,
        **config: Any,
    ) -> JiraConnector:
        found = loaded.manifest.auth_method(method)
        assert found is not None
        account = Account(id="x", name="Mia @ Acme", url="https://acme.atlassian.net")
        use = Use(
            method=found,
            tokens=Held(token),
            config=config or {"cloudId": ACME.id},
            account=account if known else None,
            settings=settings or {},
        )
        connector = manager.open("jira", use)
        assert isinstance(connector, JiraConnector)
        return connector

    return make


@pytest.fixture
def connector(open_with: Open) -> JiraConnector:
    """Mia's grant at the site of Acme."""
    return open_with()


@pytest.fixture
def server(open_with: Open) -> JiraConnector:
    """A data center with a context path."""
    return open_with(*PAT, **SERVER)


@pytest.fixture(params=["cloud", "server"])
def either(request: pytest.FixtureRequest, open_with: Open) -> JiraConnector:
    """Both kinds of Jira, one after the other."""
    return open_with() if request.param == "cloud" else open_with(*PAT, **SERVER)
