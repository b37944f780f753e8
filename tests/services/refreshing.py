"""Fixtures and a slow network for tests of refreshes."""

import asyncio
from typing import Any

import httpx
import pytest

from src.db.client import Mongo
from src.services.encryption import Encryption
from tests.conftest import TEST_KEY, GitHub
from tests.fakes.clock import Sleeps
from tests.fakes.renewals import Desk


@pytest.fixture
def desk(mongo: Mongo, github: GitHub, sleeps: Sleeps) -> Desk:
    encryption = Encryption(TEST_KEY)
    encryption.adopt_root(encryption.new_root())
    return Desk(mongo, encryption, github, sleeps)


class Held(httpx.AsyncBaseTransport):
    """Lets the provider answer, and keeps the answer back until it is told to let it go."""

    def __init__(self, network: httpx.AsyncBaseTransport) -> None:
        self._network = network
        self.answered = asyncio.Event()
        self.let_go = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._network.handle_async_request(request)
        self.answered.set()
        await self.let_go.wait()
        return answer


class Script(httpx.AsyncBaseTransport):
    """A provider that says what it is told to, the last thing again and again."""

    def __init__(self, *says: httpx.Response | Exception) -> None:
        self._says = list(says)
        self.asked = 0

    async def handle_async_request(
        self,
        request: httpx.Request,  # noqa: ARG002
    ) -> httpx.Response:
        self.asked += 1
        say = self._says.pop(0) if len(self._says) > 1 else self._says[0]
        if isinstance(say, Exception):
            raise say
        return httpx.Response(say.status_code, headers=say.headers, content=say.content)


def granted(**fields: Any) -> httpx.Response:
    return httpx.Response(200, json={"access_token": "a-new-one", "token_type": "bearer", **fields})
