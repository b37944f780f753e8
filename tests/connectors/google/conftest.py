"""The Google connector over its imitation, opened as the service opens it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from src.connectors.google.connector import GoogleConnector
from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, load
from src.connectors.rest.retry import Retrier
from src.core.outbound import Outbound
from src.sandbox.google.app import create_app
from src.sandbox.kit import MemoryStore
from tests.fakes.clock import Sleeps
from tests.fakes.network import Network
from tests.fakes.tokens import Held

GOOGLE_URL = "http://google.sandbox"
ANN = "ya29.sandbox-ann"
READER = "ya29.sandbox-ann-reader"


@dataclass
class Google:
    """The imitation of one test, its switches, and what it was asked."""

    network: Network
    client: httpx.AsyncClient
    sleeps: Sleeps = field(default_factory=Sleeps)
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """What was sent to watch channels: address and headers."""

    async def fault(self, *faults: dict[str, Any]) -> None:
        answer = await self.client.put("/_sandbox/faults", json=list(faults))
        answer.raise_for_status()

    @property
    def asked(self) -> list[str]:
        """Methods and paths, in order."""
        return [f"{one.method} {one.url.path}" for one in self.network.requests]

    def forget(self) -> None:
        self.network.requests.clear()


@pytest.fixture
async def google() -> Any:
    posts: list[tuple[str, dict[str, str]]] = []

    async def post(address: str, headers: Mapping[str, str], _: bytes) -> int:
        posts.append((address, {name.lower(): value for name, value in headers.items()}))
        return 204

    app = create_app(MemoryStore(), post=post)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=GOOGLE_URL) as client:
        yield Google(Network({"google.sandbox": app}), client, posts=posts)


Open = Callable[..., GoogleConnector]


@pytest.fixture
def open_with(google: Google) -> Open:
    """The connector for a token; ``granted`` are the scopes that its connection knows of."""
    loaded = load("google", "src.connectors.google.connector")
    manager = ConnectorManager(
        ConnectorRegistry({"google": loaded}),
        Outbound(google.network),
        {"google": GOOGLE_URL},
        retrier=Retrier(sleep=google.sleeps),
        deadline=5,
    )

    def make(
        token: str = ANN,
        granted: tuple[str, ...] | None = None,
        *,
        owner: str | None = None,
        background: bool = False,
    ) -> GoogleConnector:
        method = loaded.manifest.auth_methods[0]
        use = Use(
            method=method,
            tokens=Held(token),
            config={},
            granted_scopes=granted,
            owner=owner,
            background=background,
        )
        connector = manager.open("google", use)
        assert isinstance(connector, GoogleConnector)
        return connector

    return make


@pytest.fixture
def connector(open_with: Open) -> GoogleConnector:
    """Ann's, with every scope."""
    return open_with()
