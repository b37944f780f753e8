"""A connected ledger, and the engine over it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from src.bootstrap import build_container
from src.connectors.registry import discover
from src.connectors.rest.retry import Retrier
from src.core.config import Settings
from src.core.outbound import Outbound
from src.db.client import Mongo
from tests.conftest import TEST_KEY
from tests.fakes.clock import Sleeps
from tests.fakes.network import Network
from tests.secrecy import SECRETS
from tests.services.sync.ledger import DROPINS, KEY, URL, Heard, Ledger, World, connect

Build = Callable[..., Awaitable[World]]


@pytest.fixture
async def build(
    mongo: Mongo, mongo_url: str, database_name: str, sleeps: Sleeps, tmp_path: Path
) -> AsyncIterator[Build]:
    """Build the engine with these settings; several work on one database and one ledger."""
    SECRETS.note(KEY)
    ledger = Ledger()
    network = Network({"ledger.sandbox": ledger.app()})
    worlds: list[World] = []
    async with AsyncExitStack() as stack:
        client = httpx.AsyncClient(transport=network, base_url=URL)
        provider = await stack.enter_async_context(client)

        async def begin(**overrides: Any) -> World:
            values: dict[str, Any] = {
                "mongodb_url": mongo_url,
                "mongodb_db": database_name,
                "data_dir": tmp_path,
                "encryption_key": TEST_KEY,
                "connectors": {"ledger": {"api_url": URL}},
                "connector_paths": [DROPINS],
                "jobs_lease_seconds": 60.0,
            }
            settings = Settings(_env_file=None, **{**values, **overrides})
            queue = Heard()
            container = await build_container(
                settings,
                discover(settings.connector_paths),
                outbound=Outbound(network),
                retrier=Retrier(sleep=sleeps, clock=sleeps.clock),
                queue=queue,
            )
            stack.push_async_callback(container.close)
            await container.prepare()
            connection = worlds[0].connection if worlds else await connect(container)
            world = World(container, ledger, provider, queue, connection)
            worlds.append(world)
            return world

        yield begin


@pytest.fixture
async def world(build: Build) -> World:
    return await build()
