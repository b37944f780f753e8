"""The imitation Garmin at each of its hosts."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from src.sandbox.garmin.app import create_app
from src.sandbox.kit import MemoryStore

NOW = 1_782_000_000.0


@dataclass
class Garmin:
    """Clients of one imitation, by host."""

    app: Any
    opened: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def at(self, host: str) -> httpx.AsyncClient:
        if host not in self.opened:
            transport = httpx.ASGITransport(app=self.app)
            self.opened[host] = httpx.AsyncClient(transport=transport, base_url=f"https://{host}")
        return self.opened[host]


@pytest.fixture
async def garmin() -> AsyncIterator[Garmin]:
    found = Garmin(create_app(MemoryStore(), clock=lambda: NOW))
    yield found
    for client in found.opened.values():
        await client.aclose()


Bearer = Callable[[str], dict[str, str]]


@pytest.fixture
def bearer() -> Bearer:
    return lambda token: {"Authorization": f"Bearer {token}"}
