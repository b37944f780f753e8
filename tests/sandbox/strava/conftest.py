"""The imitation Strava, asked as its clients ask it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from src.sandbox.kit import MemoryStore
from src.sandbox.strava.app import create_app

URL = "http://strava.sandbox"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def imitation() -> Callable[..., Any]:
    """Return a function: open the imitation with these limits and this clock."""

    @asynccontextmanager
    async def opening(**options: Any) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(app=create_app(MemoryStore(), **options))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            yield client

    return opening


@pytest.fixture
async def strava(imitation: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with imitation() as client:
        yield client
