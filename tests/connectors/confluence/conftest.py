"""The Confluence connector over the imitation Confluence, without a database."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from src.connectors.confluence.connector import ConfluenceConnector
from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, load
from src.connectors.rest.retry import Retrier
from src.core.outbound import Outbound
from src.sandbox.atlassian.people import ACME
from src.sandbox.confluence.app import create_app
from src.sandbox.kit import MemoryStore
from tests.fakes.clock import Sleeps
from tests.fakes.network import Network
from tests.fakes.tokens import Held

API = "http://confluence.sandbox"
SITE = "acme.atlassian.net"
PROJ, DOCS, BIG, HIDDEN, EMPTY = (
    *("space:98305", "space:98306", "space:98307"),
    *("space:98310", "space:98311"),
)
OVERVIEW, MACROS, NODES, DISCUSSED = "page:98487", "page:98488", "page:98489", "page:98490"
FOLDER, POST = "folder:98500", "blogpost:99001"

Open = Callable[..., ConfluenceConnector]


@dataclass
class Imitation:
    """The imitation of one test: its network, and its switches."""

    app: Any
    network: Network
    client: httpx.AsyncClient

    async def fault(self, *faults: dict[str, Any]) -> None:
        (await self.client.put("/_sandbox/faults", json=list(faults))).raise_for_status()

    def asked(self) -> list[str]:
        """What was asked, as method and path below the site; and forget it."""
        found = [f"{one.method} {one.url.path}" for one in self.network.requests]
        self.network.requests.clear()
        return [one.replace(f"/ex/confluence/{ACME.id}", "") for one in found]

    def queries(self) -> list[dict[str, str]]:
        """The queries of what was asked."""
        return [dict(one.url.params) for one in self.network.requests]


@pytest.fixture
async def imitation() -> AsyncIterator[Imitation]:
    app = create_app(MemoryStore())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=API) as client:
        yield Imitation(app, Network({"confluence.sandbox": app, SITE: app}), client)


@pytest.fixture
def open_with(imitation: Imitation, sleeps: Sleeps) -> Open:
    """Return a function: the connector with this token, these granted scopes, this method."""
    loaded = load("confluence", "src.connectors.confluence.connector")
    manager = ConnectorManager(
        ConnectorRegistry({"confluence": loaded}),
        Outbound(imitation.network),
        {"confluence": API},
        retrier=Retrier(sleep=sleeps),
        deadline=5,
    )

    def make(
        token: str = "eyJ-sandbox-mia",  # noqa: S107  known to the imitation only
        granted: tuple[str, ...] | None = None,
        method: str = "oauth2",
        **config: str,
    ) -> ConfluenceConnector:
        chosen = loaded.manifest.auth_method(method)
        assert chosen is not None
        use = Use(
            method=chosen,
            tokens=Held(token),
            config=config or {"cloudId": ACME.id},
            granted_scopes=granted,
        )
        connector = manager.open("confluence", use)
        assert isinstance(connector, ConfluenceConnector)
        return connector

    return make


@pytest.fixture
def connector(open_with: Open) -> ConfluenceConnector:
    return open_with()
