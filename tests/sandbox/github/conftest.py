"""The imitation GitHub, with a clock that stands still."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from src.sandbox.github.app import create_app
from src.sandbox.kit import MemoryStore

OCTOCAT = "ghp_sandbox_octocat"
API = "https://api.test"
NOW = 1_767_225_600.0

Connect = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Return a function that opens a client for a token; all share one imitation."""
    store = MemoryStore()
    async with AsyncExitStack() as stack:

        def open_client(token: str | None = OCTOCAT, **limits: int) -> httpx.AsyncClient:
            app = create_app(store, clock=lambda: NOW, **limits)
            headers = {"authorization": f"Bearer {token}"} if token else {}
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url=API, headers=headers
            )
            stack.push_async_callback(client.aclose)
            return client

        yield open_client


@pytest.fixture
def client(connect: Connect) -> httpx.AsyncClient:
    return connect(search_limit=1000)


async def walk(client: httpx.AsyncClient, url: str) -> list[dict]:
    """Follow the Link header to the end."""
    found: list[dict] = []
    following: str | None = url
    while following:
        answer = await client.get(following)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += body["items"] if isinstance(body, dict) else body
        following = answer.links.get("next", {}).get("url")
    return found
