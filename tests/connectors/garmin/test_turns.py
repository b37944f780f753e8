"""Of one connection only so many requests are under way: bursts are refused by Garmin."""

import asyncio
from typing import Any

import pytest

from src.models.query import ItemQuery
from src.sandbox.garmin.app import create_app
from src.sandbox.kit import MemoryStore
from tests.connectors.garmin.conftest import NOW, Garmin

HOST = "personal.connectapi.garmin.com"
ACTIVITIES = ItemQuery(container_id="activities", limit=5)


class Crowd:
    """Counts who is inside, and lets nobody out until nobody else can come in."""

    def __init__(self) -> None:
        self._garmin = create_app(MemoryStore(), clock=lambda: NOW)
        self.inside = 0
        self.most = 0
        self.two = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self.inside > 1:
            self.two.set()
        for _ in range(100):
            await asyncio.sleep(0)
        await self._garmin(scope, receive, send)
        self.inside -= 1


@pytest.mark.parametrize(("owners", "most"), [(1, 2), (3, 6)])
async def test_two_of_a_personal_key(garmin: Garmin, owners: int, most: int) -> None:
    crowd = Crowd()
    garmin.network.add(HOST, crowd)
    calls = [
        garmin.key(owner=f"con_{owner}").items(ACTIVITIES)
        for owner in range(owners)
        for _ in range(5)
    ]
    pages = await asyncio.gather(*calls)
    assert all(len(page.items) == 5 for page in pages)
    assert crowd.most == most


async def test_a_call_that_is_given_up_gives_its_turn_back(garmin: Garmin) -> None:
    crowd = Crowd()
    garmin.network.add(HOST, crowd)
    connector = garmin.key(owner="con_1")
    running = [asyncio.ensure_future(connector.items(ACTIVITIES)) for _ in range(4)]
    await asyncio.wait_for(crowd.two.wait(), timeout=60)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    page = await asyncio.wait_for(connector.items(ACTIVITIES), timeout=60)
    assert len(page.items) == 5
