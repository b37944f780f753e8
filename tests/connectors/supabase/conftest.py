"""The Supabase connector over the imitation Supabase, without a database."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, load
from src.connectors.rest.retry import Retrier
from src.connectors.supabase.connector import SupabaseConnector
from src.core.outbound import Outbound
from src.sandbox.kit import MemoryStore, at_sites
from src.sandbox.supabase.app import create_app
from src.sandbox.supabase.callers import MIA_TOKEN, secret_key
from src.sandbox.supabase.records import Project
from src.sandbox.supabase.seed.world import SHOP
from tests.fakes.clock import Sleeps
from tests.fakes.network import Network
from tests.fakes.tokens import Held

URL = "http://supabase.sandbox"
NOTES = "table:@:public:notes"
EVENTS = "table:@:public:events"


def url_of(project: Project) -> str:
    return f"https://{project.ref}.supabase.co"


@dataclass
class Supabase:
    """The imitation of one test, and connectors over it."""

    network: Network
    client: httpx.AsyncClient
    manager: ConnectorManager

    def open(self, method: str, token: str, **more: Any) -> SupabaseConnector:
        found = self.manager.registry.find("supabase").manifest.auth_method(method)
        assert found is not None
        use = Use(
            method=found,
            tokens=Held(token),
            config=more.get("config", {}),
            settings=more.get("settings", {}),
            granted_scopes=more.get("granted"),
        )
        connector = self.manager.open("supabase", use)
        assert isinstance(connector, SupabaseConnector)
        return connector

    def account(self, token: str = MIA_TOKEN, **more: Any) -> SupabaseConnector:
        return self.open("pat", token, **more)

    def project(
        self, key: str = secret_key(SHOP), project: Project = SHOP, **more: Any
    ) -> SupabaseConnector:
        config = {"projectUrl": url_of(project), **more.pop("config", {})}
        method = more.pop("method", "projectKey")
        return self.open(method, key, config=config, **more)

    async def fault(self, *faults: dict[str, Any]) -> None:
        answer = await self.client.put("/_sandbox/faults", json=list(faults))
        answer.raise_for_status()

    def asked(self) -> list[str]:
        """What has been asked: ``["GET /v1/projects"]``."""
        return [f"{one.method} {one.url.path}" for one in self.network.requests]


@pytest.fixture
async def supabase(sleeps: Sleeps) -> AsyncIterator[Supabase]:
    app = at_sites(create_app(MemoryStore()), "/_sites")
    network = Network({"supabase.sandbox": app})
    manager = ConnectorManager(
        ConnectorRegistry({"supabase": load("supabase", "src.connectors.supabase.connector")}),
        Outbound(network),
        {"supabase": URL},
        retrier=Retrier(sleep=sleeps),
        deadline=5,
        imitations={"supabase": f"{URL}/_sites"},
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield Supabase(network, client, manager)


@pytest.fixture
def account(supabase: Supabase) -> SupabaseConnector:
    """Mia's access token."""
    return supabase.account()


@pytest.fixture
def shop(supabase: Supabase) -> SupabaseConnector:
    """The secret key of the web shop."""
    return supabase.project(config={"schemas": "public,archive,Sales & Söhne"})


Run = Callable[..., Any]


@pytest.fixture
def run() -> Run:
    """Return a function: run a tool with arguments as a caller gives them."""

    async def running(connector: SupabaseConnector, name: str, **arguments: Any) -> Any:
        tool = connector.manifest.tool(name)
        assert tool is not None
        checked = tool.arguments.model_validate_json(httpx.Request("P", URL, json=arguments).read())
        return await tool.run(connector, checked)

    return running
