"""A host that connects Strava accounts, its users' browser, and the imitation with its clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from src.sandbox.kit import MemoryStore
from src.sandbox.strava.app import create_app
from src.sandbox.strava.limits import Limit
from src.sandbox.strava.oauth import APP
from tests.api.answers import data_of, items_of
from tests.conftest import GITHUB_SETTINGS, GitHub, Service, StartService
from tests.fakes.browser import approve

API_URL = "http://api.strava.sandbox"
OAUTH_URL = "http://strava.sandbox"
C = "/api/connectors/strava"
N = "/api/connections"
CALLBACK = f"{C}/connect/callback"
OWN_CALLBACK = f"http://localhost:8000{CALLBACK}"
ALL = ["read", "read_all", "profile:read_all", "activity:read_all"]


def settings(app: Any = APP) -> dict[str, Any]:
    """The imitation as the operator sets it: the API at one address, OAuth at another."""
    return {
        "api_url": API_URL,
        "authorize_url": f"{OAUTH_URL}/oauth/authorize",
        "token_url": f"{OAUTH_URL}/oauth/token",
        "revoke_url": f"{OAUTH_URL}/oauth/revoke",
        "client_id": app and app.client_id,
        "client_secret": app and app.client_secret,
    }


@dataclass
class Host:
    """The host's backend (``client``), its user's browser at Strava, and what was asked there."""

    service: Service
    strava: httpx.AsyncClient
    requests: list[httpx.Request]

    @property
    def client(self) -> httpx.AsyncClient:
        return self.service.client

    async def start(self, **body: Any) -> Any:
        body = {"method": "oauth2", "redirectUri": OWN_CALLBACK, **body}
        return data_of(await self.client.post(f"{C}/connect", json=body), 201)

    async def approve(self, started: Any, **choice: Any) -> dict[str, str]:
        return await approve(self.strava, started["authUrl"], **choice)

    async def finish(self, came: dict[str, str]) -> httpx.Response:
        return await self.client.post(CALLBACK, json=came)

    async def connect(self, *, choice: Any = None, status: int = 201, **body: Any) -> Any:
        came = await self.approve(await self.start(**body), **(choice or {}))
        return data_of(await self.finish(came), status)

    async def listed(self, what: str, connection_id: str, **params: Any) -> list[Any]:
        query = {"connectionId": connection_id, **params}
        return items_of(await self.client.get(f"{C}/{what}", params=query))

    async def connection(self, connection_id: str) -> Any:
        return data_of(await self.client.get(f"{N}/{connection_id}"))

    async def probe(self, connection_id: str) -> Any:
        body = {"connectionId": connection_id}
        return data_of(await self.client.post(f"{C}/probe", json=body))

    async def fault(self, *faults: dict[str, Any]) -> None:
        (await self.strava.put("/_sandbox/faults", json=list(faults))).raise_for_status()

    async def later(self, *, hours: float) -> None:
        """Let the time of the authorization server run ahead."""
        clock = {"seconds_ahead": hours * 3600}
        (await self.strava.put("/_sandbox/oauth/clock", json=clock)).raise_for_status()

    async def grants(self) -> list[bool]:
        found = (await self.strava.get("/_sandbox/oauth/grants")).json()
        return [one["alive"] for one in found]

    def asked(self, path: str) -> list[httpx.Request]:
        """The requests to one path."""
        return [one for one in self.requests if one.url.path == path]


def form_of(request: httpx.Request) -> dict[str, str]:
    """The fields of a form that was sent."""
    return dict(httpx.QueryParams(request.content.decode()))


@asynccontextmanager
async def opened(start: StartService, github: GitHub, **limits: Limit) -> AsyncIterator[Host]:
    """The application over the imitation, of which the app has these limits."""
    app = create_app(MemoryStore(), **limits)
    for name in ("strava.sandbox", "api.strava.sandbox"):
        github.network.add(name, app)
    service = await start(connectors={"github": GITHUB_SETTINGS, "strava": settings()})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=OAUTH_URL) as client:
        yield Host(service, client, github.network.requests)
