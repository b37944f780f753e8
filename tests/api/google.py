"""A host that connects Google accounts, and the browser of its user at Google."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from src.sandbox.google.app import create_app
from src.sandbox.google.oauth import APP
from src.sandbox.kit import MemoryStore
from src.sandbox.kit.oauth import OAuthApp
from tests.api.hosts import OAuthHost, callback_of
from tests.conftest import GITHUB_SETTINGS, StartService
from tests.fakes.network import Network

GOOGLE_URL = "http://google.sandbox"
START = "/api/connectors/google/connect"
CALLBACK = callback_of("google")
OWN_CALLBACK = f"http://localhost:8000{CALLBACK}"


def google_settings(app: OAuthApp) -> dict[str, Any]:
    """The imitation, as the operator sets it, with an app of the platform's."""
    return {
        "api_url": GOOGLE_URL,
        "authorize_url": f"{GOOGLE_URL}/o/oauth2/v2/auth",
        "token_url": f"{GOOGLE_URL}/token",
        "revoke_url": f"{GOOGLE_URL}/revoke",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }


def asked(started: dict[str, Any]) -> dict[str, str]:
    """The parameters of the address that the user is sent to."""
    return dict(parse_qsl(urlsplit(started["authUrl"]).query))


class GoogleHost(OAuthHost):
    """With the imitation's switches."""

    @property
    def google(self) -> httpx.AsyncClient:
        return self.provider

    async def end_access_tokens(self) -> None:
        (await self.google.delete("/_sandbox/oauth/access-tokens")).raise_for_status()

    async def end_grants(self) -> None:
        (await self.google.delete("/_sandbox/oauth/grants")).raise_for_status()

    async def grants(self) -> list[dict[str, Any]]:
        """What users have allowed, as Google has it."""
        found: list[dict[str, Any]] = (await self.google.get("/_sandbox/oauth/grants")).json()
        return found

    def requests(self, path: str) -> list[httpx.Request]:
        """What was asked of an address of Google's."""
        return [one for one in self.network.requests if one.url.path == path]


async def google_host(
    start: StartService, network: Network, app: OAuthApp = APP, **settings: Any
) -> GoogleHost:
    """The application over an imitation of Google, which calls the application's webhooks."""

    async def post(address: str, headers: Mapping[str, str], body: bytes) -> int:
        path = urlsplit(address).path
        return (await service.client.post(path, headers=headers, content=body)).status_code

    imitation = create_app(MemoryStore(), post=post)
    network.add("google.sandbox", imitation)
    connectors = {"github": GITHUB_SETTINGS, "google": google_settings(app)}
    service = await start(connectors=connectors, **settings)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(imitation), base_url=GOOGLE_URL)
    return GoogleHost("google", service, client, network, "ann")
