"""The imitation Google, with a clock that stands still."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from src.sandbox.google.app import create_app
from src.sandbox.kit import MemoryStore

ANN = "ya29.sandbox-ann"
API = "https://api.test"
NOW = 1_767_225_600.0

Connect = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Return a function that opens a client for a token; all share one imitation."""
    store = MemoryStore()
    async with AsyncExitStack() as stack:

        def open_client(token: str | None = ANN, **limits: Any) -> httpx.AsyncClient:
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
    return connect()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and reason of a refusal, in whichever envelope."""
    error = answer.json()["error"]
    reasons = [one.get("reason") for one in (*error.get("errors", ()), *error.get("details", ()))]
    found = next((reason for reason in reasons if reason), error.get("status", ""))
    return answer.status_code, found
