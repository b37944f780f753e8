"""Several server processes over one database are one authorization server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from src.db.client import Mongo
from src.db.sandbox_store import MongoSandboxStore
from src.sandbox.github.app import create_app
from src.sandbox.github.oauth import GITHUB_APP
from tests.fakes.browser import approve
from tests.sandbox.github.test_oauth import ask, bearer, url


@pytest.fixture
async def workers(mongo: Mongo) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(3):
            app = create_app(MongoSandboxStore(lambda: mongo.database, "github"))
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://github.sandbox"
            )
            clients.append(await stack.enter_async_context(client))
        yield clients


async def test_each_step_may_be_served_by_another(workers: list[httpx.AsyncClient]) -> None:
    one, two, three = workers
    callback = await approve(one, url(GITHUB_APP))
    tokens = await ask(two, GITHUB_APP, code=callback["code"])
    user = await three.get("/user", headers=bearer(tokens))
    assert user.json()["login"] == "octocat"
    renewal = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    told = await asyncio.gather(*(ask(one, GITHUB_APP, **renewal) for one in workers * 3))
    good = [one for one in told if "access_token" in one]
    assert len(good) == 1
    assert (await one.get("/user", headers=bearer(tokens))).status_code == 401
    assert (await two.get("/user", headers=bearer(good[0]))).status_code == 200
    await three.put("/_sandbox/oauth/clock", json={"seconds_ahead": 28_800})
    assert (await one.get("/user", headers=bearer(good[0]))).status_code == 401
