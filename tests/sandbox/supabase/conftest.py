"""The imitation Supabase, asked as its clients ask it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from src.sandbox.kit import MemoryStore
from src.sandbox.supabase.app import create_app
from src.sandbox.supabase.callers import MIA_TOKEN, secret_key
from src.sandbox.supabase.seed.world import SHOP

MIA = {"Authorization": f"Bearer {MIA_TOKEN}"}
SECRET = {"apikey": secret_key(SHOP)}


@pytest.fixture
async def management() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(MemoryStore()))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://api.supabase.com", headers=MIA
    ) as client:
        yield client


@pytest.fixture
async def shop() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(MemoryStore()))
    url = f"https://{SHOP.ref}.supabase.co"
    async with httpx.AsyncClient(transport=transport, base_url=url, headers=SECRET) as client:
        yield client
