"""A host that connects accounts by OAuth, and the browser of its user at the provider."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.api.answers import data_of
from tests.conftest import Service
from tests.fakes.browser import approve
from tests.fakes.network import Network


def callback_of(connector_id: str) -> str:
    return f"/api/connectors/{connector_id}/connect/callback"


@dataclass
class OAuthHost:
    """The host's backend (``client``), and its user's browser at the imitation (``provider``)."""

    connector_id: str
    service: Service
    provider: httpx.AsyncClient
    network: Network
    user: str
    """Who approves unless somebody else is named."""

    @property
    def client(self) -> httpx.AsyncClient:
        return self.service.client

    async def start(self, **body: Any) -> dict[str, Any]:
        own_callback = f"http://localhost:8000{callback_of(self.connector_id)}"
        body = {"method": "oauth2", "redirectUri": own_callback, **body}
        url = f"/api/connectors/{self.connector_id}/connect"
        started: dict[str, Any] = data_of(await self.client.post(url, json=body), 201)
        return started

    async def finish(
        self, started: dict[str, Any], account: str | None = None, without: tuple[str, ...] = ()
    ) -> httpx.Response:
        """The user approves as somebody, and the host hands the answer over."""
        who = account or self.user
        came = await approve(self.provider, started["authUrl"], account=who, without=without)
        body = {name: came[name] for name in ("code", "state")}
        return await self.client.post(callback_of(self.connector_id), json=body)

    async def connect(
        self,
        account: str | None = None,
        status: int = 201,
        without: tuple[str, ...] = (),
        **body: Any,
    ) -> Any:
        started = await self.start(**body)
        return data_of(await self.finish(started, account, without), status)

    async def choose(self, connection_id: str, value: str) -> httpx.Response:
        url = f"/api/connections/{connection_id}/selection"
        return await self.client.post(url, json={"value": value})

    async def connection(self, connection_id: str) -> dict[str, Any]:
        found: dict[str, Any] = data_of(await self.client.get(f"/api/connections/{connection_id}"))
        return found

    async def ask(self, path: str, connection_id: str, **params: Any) -> httpx.Response:
        """Ask a route of the connector."""
        url = f"/api/connectors/{self.connector_id}/{path}"
        return await self.client.get(url, params={"connectionId": connection_id, **params})

    async def tool(self, name: str, connection_id: str, **arguments: Any) -> httpx.Response:
        url = f"/api/connectors/{self.connector_id}/tools/{name}"
        body = {"connectionId": connection_id, "arguments": arguments}
        return await self.client.post(url, json=body)
