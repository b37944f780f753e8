"""The imitation Confluence, with a clock that stands still."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from src.sandbox.atlassian.people import ACME
from src.sandbox.confluence.app import create_app
from src.sandbox.kit import MemoryStore

NOW = 1_767_225_600.0
API = "https://api.test"
MIAS_TOKEN = "eyJ-sandbox-mia"
GATEWAY = f"/ex/confluence/{ACME.id}"

Connect = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Return a function that opens a client for a token; all share one imitation."""
    store = MemoryStore()
    async with AsyncExitStack() as stack:

        def open_client(token: str | None = MIAS_TOKEN, **more: Any) -> httpx.AsyncClient:
            app = create_app(store, clock=lambda: NOW, **more)
            headers = {"authorization": f"Bearer {token}"} if token else {}
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url=f"{API}{GATEWAY}", headers=headers
            )
            stack.push_async_callback(client.aclose)
            return client

        yield open_client


@pytest.fixture
def client(connect: Connect) -> httpx.AsyncClient:
    return connect()


async def results(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    """One page's results."""
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found
