"""The application with the four connectors of ``bells``, and what its tests say again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.api.answers import data_of
from tests.api.bells import BellsProvider
from tests.conftest import Service
from tests.secrecy import SECRETS

_PATIENCE = 60.0


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Come back once it is so."""
    async with asyncio.timeout(_PATIENCE):
        while not await is_so():  # noqa: ASYNC110  nobody else can tell
            await asyncio.sleep(0.005)


class Hooked:
    """The application, the provider, and a client."""

    def __init__(self, service: Service, provider: BellsProvider) -> None:
        self.service = service
        self.client = service.client
        self.provider = provider

    async def connect(self, connector: str, account: str = "ada", tenant: str = "acme") -> str:
        """Connect an account by a token of another's, or by a key."""
        token = f"{account}-token-0123456789"
        SECRETS.note(token)
        given = {"apiKey": token} if connector in {"chime", "mill"} else None
        body = given or {"token": {"accessToken": token}}
        answer = await self.client.post(
            f"/api/connectors/{connector}/connect/callback",
            json=body,
            headers={"X-Tenant-Id": tenant},
        )
        connection_id: str = data_of(answer, 201)["connectionId"]
        return connection_id

    async def subscribe(
        self, connector: str, connection_id: str, tenant: str = "acme", **body: Any
    ) -> dict[str, Any]:
        made: dict[str, Any] = data_of(
            await self.client.post(
                f"/api/connectors/{connector}/webhooks",
                json={"connectionId": connection_id, **body},
                headers={"X-Tenant-Id": tenant},
            ),
            201,
        )
        return made

    async def end(
        self, connector: str, connection_id: str, webhook_id: str, tenant: str = "acme"
    ) -> httpx.Response:
        return await self.client.delete(
            f"/api/connectors/{connector}/webhooks",
            params={"connectionId": connection_id, "webhookId": webhook_id},
            headers={"X-Tenant-Id": tenant},
        )

    async def count(self, collection: str, **where: Any) -> int:
        return await self.service.container.mongo.database[collection].count_documents(where)

    async def handled(self, count: int) -> None:
        """Wait until so many deliveries have been carried out, well or not."""

        async def are_over() -> bool:
            return await self.count("hook_deliveries", dueAt=None) >= count

        await until(are_over)

    async def records(self, connection_id: str) -> dict[str, Any]:
        """What is stored of a connection's things, by id."""
        found = self.service.container.mongo.database["records"].find(
            {"connectionId": connection_id}
        )
        return {one["recordId"]: one async for one in found}

    @property
    def hook(self) -> dict[str, Any]:
        """The one hook that the provider has: what it was told."""
        (only,) = self.provider.hooks.values()
        return only
