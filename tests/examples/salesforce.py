"""A host that connects Salesforce orgs by the example, which lies in CONNECTOR_PATHS."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from src.connectors.registry import discover
from src.sandbox.kit import MemoryStore
from tests.api.answers import data_of, items_of
from tests.conftest import GITHUB_SETTINGS, GitHub, Service, StartService
from tests.fakes.browser import approve

EXAMPLES = Path(__file__).parents[2] / "examples"
C = "/api/connectors/salesforce"
N = "/api/connections"
CALLBACK = f"{C}/connect/callback"
OWN_CALLBACK = f"http://localhost:8000{CALLBACK}"
LOGIN = "login.salesforce.com"
ACME = "acme-dev-ed.develop.my.salesforce.com"
GLOBEX = "globex.my.salesforce.com"
ADA, GIL = "005000000000001AAA", "005000000000003AAA"
ACCOUNT = f"00D000000000001EAA:{ADA}"
TOKEN = "00D000000000001!AQ4" + "a" * 40
APP = {"client_id": "sandbox-salesforce-app", "client_secret": "sandbox-salesforce-secret"}


@dataclass
class Host:
    """The host's backend (``client``), its user's browser, and what was asked at Salesforce."""

    service: Service
    salesforce: httpx.AsyncClient
    requests: list[httpx.Request]

    @property
    def client(self) -> httpx.AsyncClient:
        return self.service.client

    async def start(self, **body: Any) -> Any:
        body = {"method": "oauth2", "redirectUri": OWN_CALLBACK, **body}
        return data_of(await self.client.post(f"{C}/connect", json=body), 201)

    async def finish(self, started: Any, **choice: Any) -> httpx.Response:
        came = await approve(self.salesforce, started["authUrl"], **choice)
        return await self.client.post(CALLBACK, json=came)

    async def connect(self, *, choice: Any = None, status: int = 201, **body: Any) -> Any:
        started = await self.start(**body)
        return data_of(await self.finish(started, **(choice or {})), status)

    async def listed(self, what: str, connection_id: str, **params: Any) -> list[Any]:
        query = {"connectionId": connection_id, **params}
        return items_of(await self.client.get(f"{C}/{what}", params=query))

    async def switch(self, path: str, value: Any) -> None:
        answer = await self.salesforce.put(f"/_sandbox{path}", content=json.dumps(value))
        answer.raise_for_status()

    async def alive(self) -> list[bool]:
        """Which grants Salesforce still honours, the oldest first."""
        grants = (await self.salesforce.get("/_sandbox/oauth/grants")).json()
        return [one["alive"] for one in grants]

    def hosts(self, since: int = 0) -> set[str]:
        """Who was asked."""
        return {one.url.host for one in self.requests[since:]}

    def asked(self, path: str) -> list[httpx.Request]:
        return [one for one in self.requests if one.url.path == path]


@asynccontextmanager
async def opened(start: StartService, github: GitHub) -> AsyncIterator[Host]:
    """The application as in production: Salesforce at its true addresses, an app of the operator's.

    The imitation answers at each of them.
    """
    build = discover([EXAMPLES])["salesforce"].sandbox_factory()
    app = build(MemoryStore())
    for name in (LOGIN, ACME, GLOBEX):
        github.network.add(name, app)
    service = await start(
        connector_paths=[EXAMPLES], connectors={"github": GITHUB_SETTINGS, "salesforce": APP}
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{LOGIN}") as browser:
        yield Host(service, browser, github.network.requests)
