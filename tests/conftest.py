"""Fixtures for every test: a real MongoDB, an imitation GitHub, and the application over both."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from fastapi import FastAPI

from src.api.assembly import create_app
from src.bootstrap import Container
from src.connectors.rest.retry import Retrier
from src.core.config import Settings
from src.core.outbound import Outbound
from src.db import embedded
from src.db.client import Mongo
from src.sandbox.github.app import create_app as create_github
from src.sandbox.github.oauth import OAUTH_APP
from src.sandbox.kit import MemoryStore
from tests import sampling, secrecy
from tests.fakes.clock import Sleeps
from tests.fakes.network import Network
from tests.slate import Slate

TEST_KEY = Fernet.generate_key().decode()
GITHUB_URL = "http://github.sandbox"
GITHUB_SETTINGS = {
    "api_url": GITHUB_URL,
    "authorize_url": f"{GITHUB_URL}/login/oauth/authorize",
    "token_url": f"{GITHUB_URL}/login/oauth/access_token",
    "revoke_url": f"{GITHUB_URL}/applications/{{client_id}}/token",
    "client_id": OAUTH_APP.client_id,
    "client_secret": OAUTH_APP.client_secret,
}
"""The imitation, as the operator sets it, with an OAuth app of the platform's."""
TOKEN = "ghp_sandbox_octocat"
GARBAGE = 10_000
"""How many new objects make a look for garbage worth its time."""
REPOSITORY = "repo:1296269"


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(GARBAGE)
    secrecy.watch(config)
    secrecy.SECRETS.note(TEST_KEY, TOKEN)


def pytest_collection_finish() -> None:
    """What has been imported stays: a look through all of it takes a quarter of a second."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    sampling.begin(session.config)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test that is skipped, or expected to fail, is a test that is missing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    stats = reporter.stats if reporter else {}
    if stats.get("skipped") or stats.get("xfailed"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded MongoDB, one for all test processes of a run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    started = asyncio.run(embedded.start(shared / "mongodb", idle_seconds=2))
    yield started.url
    asyncio.run(started.close())


@pytest.fixture(scope="session")
def database_name() -> str:
    return f"test_{os.getpid()}"


@pytest.fixture(scope="session")
def slate(mongo_url: str, database_name: str) -> Iterator[Slate]:
    """What empties the database between tests."""
    slate = Slate(mongo_url, database_name)
    yield slate
    slate.close()


@pytest.fixture
async def mongo(mongo_url: str, database_name: str, slate: Slate) -> AsyncIterator[Mongo]:
    """A database with all indexes and no documents."""
    client = Mongo(mongo_url, database_name)
    await slate.begin(client)
    yield client
    await client.close()
    # A sealed field that no rotation knows would be lost with its key.
    assert slate.wipe() == set()


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@dataclass
class GitHub:
    """The imitation GitHub of one test, and its switches."""

    network: Network
    client: httpx.AsyncClient
    store: MemoryStore

    async def fault(self, *faults: dict[str, Any]) -> None:
        """Switch faults on, in place of those that were on before."""
        answer = await self.client.put("/_sandbox/faults", json=list(faults))
        answer.raise_for_status()

    async def requests(self) -> dict[str, int]:
        """How often each route has been called since the last ``forget``."""
        answer = await self.client.get("/_sandbox/requests")
        counts: dict[str, int] = answer.raise_for_status().json()
        return counts

    async def forget(self) -> None:
        (await self.client.delete("/_sandbox/requests")).raise_for_status()


@pytest.fixture
async def github() -> AsyncIterator[GitHub]:
    store = MemoryStore()
    app = create_github(store)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=GITHUB_URL) as client:
        yield GitHub(Network({"github.sandbox": app}), client, store)


@dataclass
class Service:
    """The running application and a client of it."""

    app: FastAPI
    client: httpx.AsyncClient

    @property
    def container(self) -> Container:
        container: Container = self.app.state.container
        return container


StartService = Callable[..., Awaitable[Service]]


@pytest.fixture
async def start(
    mongo: Mongo, mongo_url: str, database_name: str, github: GitHub, sleeps: Sleeps, tmp_path: Path
) -> AsyncIterator[StartService]:
    """Start the application with these settings; several may run over one database."""
    async with AsyncExitStack() as stack:

        async def begin(**overrides: Any) -> Service:
            values: dict[str, Any] = {
                "mongodb_url": mongo_url,
                "mongodb_db": database_name,
                "data_dir": tmp_path,
                "encryption_key": TEST_KEY,
                "connectors": {"github": GITHUB_SETTINGS},
            }
            settings = Settings(_env_file=None, **{**values, **overrides})
            app = create_app(
                settings,
                outbound=Outbound(github.network),
                retrier=Retrier(sleep=sleeps),
            )
            app.add_middleware(secrecy.Overheard)
            await stack.enter_async_context(app.router.lifespan_context(app))
            client = await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
                    base_url="http://localhost",
                    headers={"X-Tenant-Id": "acme"},
                )
            )
            return Service(app, client)

        yield begin


@pytest.fixture
async def service(start: StartService) -> Service:
    """The application in open mode."""
    return await start()


@pytest.fixture
def client(service: Service) -> httpx.AsyncClient:
    """A client of tenant ``acme``."""
    return service.client


@pytest.fixture
async def connection_id(client: httpx.AsyncClient) -> str:
    """A connected GitHub account of tenant ``acme``."""
    return await connect(client)


async def connect(client: httpx.AsyncClient, token: str = TOKEN, **body: Any) -> str:
    """Connect a GitHub account and answer the connection's id."""
    answer = await client.post(
        "/api/connectors/github/connect/callback", json={"apiKey": token, **body}
    )
    assert answer.status_code in {200, 201}, answer.text
    connection_id: str = answer.json()["data"]["connectionId"]
    return connection_id
