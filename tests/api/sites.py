"""The provider of the connector in ``sites_dropins``: OAuth by hand, at whatever host asks."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.api.answers import data_of
from tests.fakes.network import Network

DROPINS = Path(__file__).parent / "sites_dropins"
START = "/api/connectors/sites/connect"
OWN_CALLBACK = f"http://localhost:8000{START}/callback"
APP = {"client_id": "sites-app", "client_secret": "sites-app-secret"}


class SitesProvider:
    """Gives a token for any code, and remembers who asked."""

    def __init__(self) -> None:
        self.sites = ["red", "blue"]
        self.asked: list[tuple[str, str, str]] = []
        self.token_answer: Response | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        said = f"{request.headers.get('authorization', '')} {(await request.body()).decode()}"
        self.asked.append((request.url.hostname or "", request.url.path, said))
        await self._answer(request.url.path)(scope, receive, send)

    def _answer(self, path: str) -> Response:
        if path == "/token":
            token = {"access_token": "sites-token-0123456789", "token_type": "bearer"}
            return self.token_answer or JSONResponse(token)
        if path == "/me":
            return JSONResponse({"id": "u1", "name": "Ada", "sites": self.sites})
        return JSONResponse([] if path == "/boards" else {})

    def hosts(self, path: str) -> list[str]:
        """Which hosts were asked for a path."""
        return [host for host, asked, _ in self.asked if asked == path]


class WithSites(Network):
    """Another network in which every other host is the provider of the sites."""

    def __init__(self, provider: SitesProvider, others: Network, *hosts: str) -> None:
        super().__init__(dict.fromkeys(hosts, provider))
        self._own = hosts
        self._others = others

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host in self._own:
            return await super().handle_async_request(request)
        return await self._others.handle_async_request(request)


async def begin(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    given = {"method": "oauth2", "redirectUri": OWN_CALLBACK, **body}
    started: dict[str, Any] = data_of(await client.post(START, json=given), 201)
    return started


async def finish(client: httpx.AsyncClient, started: dict[str, Any]) -> httpx.Response:
    """As if the user had approved."""
    body = {"code": "any-code", "state": started["state"]}
    return await client.post(f"{START}/callback", json=body)


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def client_id_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["client_id"][0]


__all__ = ["APP", "DROPINS", "SitesProvider", "WithSites", "begin", "client_id_of", "finish"]
