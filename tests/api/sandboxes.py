"""Every connector over its sandbox, connected as a front end would: from the catalogue alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.api.answers import data_of, items_of
from tests.conftest import GitHub, Service, StartService
from tests.fakes.browser import approve

PUBLIC = "http://localhost:8000"
C = "/api/connectors"


@dataclass
class Sandboxes:
    """The application in sandbox mode, and the browser of a user."""

    service: Service
    browser: httpx.AsyncClient
    network: list[httpx.Request]

    @property
    def client(self) -> httpx.AsyncClient:
        return self.service.client

    async def with_tools(self) -> list[Any]:
        """What the catalogue says of each connector that has tools."""
        found = items_of(await self.client.get(C, params={"capability": "tools"}))
        return [data_of(await self.client.get(f"{C}/{one['id']}")) for one in found]

    async def start(self, entry: Any, **body: Any) -> Any:
        """Begin a flow with the connector's OAuth."""
        methods = [one["id"] for one in entry["authMethods"] if one["kind"] == "oauth2"]
        assert methods, f"{entry['id']} has tools, and no way to connect without a secret"
        redirect = f"{PUBLIC}{C}/{entry['id']}/connect/callback"
        body = {"method": methods[0], "redirectUri": redirect, **body}
        return data_of(await self.client.post(f"{C}/{entry['id']}/connect", json=body), 201)

    async def connect(self, entry: Any, **body: Any) -> str:
        """Approve whatever is asked for, choose the first of what is to be chosen."""
        started = await self.start(entry, **body)
        came = await approve(self.browser, started["authUrl"])
        known = {name: came[name] for name in ("code", "state")}
        url = f"{C}/{entry['id']}/connect/callback"
        told = data_of(await self.client.post(url, json=known), 201)
        connection_id: str = told["connectionId"]
        if told["selection"] is not None:
            value = told["selection"]["options"][0]["value"]
            chosen = {"value": value}
            await self.client.post(f"/api/connections/{connection_id}/selection", json=chosen)
        connection = data_of(await self.client.get(f"/api/connections/{connection_id}"))
        assert connection["status"] == "connected", connection
        return connection_id


@asynccontextmanager
async def sandboxes(start: StartService, github: GitHub) -> AsyncIterator[Sandboxes]:
    """The application with every imitation, which it finds at its own address."""
    service = await start(sandbox=True, public_url=PUBLIC, connectors={})
    github.network.add("localhost", service.app)
    transport = httpx.ASGITransport(app=service.app)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as browser:
        yield Sandboxes(service, browser, github.network.requests)
