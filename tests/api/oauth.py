"""A host that connects GitHub accounts with OAuth, and the browser of its user."""

from dataclasses import dataclass
from typing import Any

import httpx

from src.sandbox.github.oauth import GITHUB_APP, OAUTH_APP
from src.sandbox.kit.oauth import OAuthApp
from tests.api.answers import data_of
from tests.conftest import GITHUB_SETTINGS, GitHub, Service
from tests.fakes.browser import approve

START = "/api/connectors/github/connect"
CALLBACK = f"{START}/callback"
OWN_CALLBACK = f"http://localhost:8000{CALLBACK}"
HOST = "https://app.example"


def github_settings(app: OAuthApp | None = OAUTH_APP, **more: Any) -> dict[str, Any]:
    """The imitation as the operator sets it, with this app of the platform's."""
    pair = {"client_id": app and app.client_id, "client_secret": app and app.client_secret}
    return {**GITHUB_SETTINGS, **pair, **more}


@dataclass
class Host:
    """The host's backend (``client``) and its user's browser at GitHub."""

    service: Service
    github: GitHub

    @property
    def client(self) -> httpx.AsyncClient:
        return self.service.client

    async def start(self, **body: Any) -> dict[str, Any]:
        body = {"method": "oauth2", "redirectUri": OWN_CALLBACK, **body}
        started: dict[str, Any] = data_of(await self.client.post(START, json=body), 201)
        return started

    async def approve(self, started: dict[str, Any], **choice: Any) -> dict[str, str]:
        """What the browser brings to the callback."""
        return await approve(self.github.client, started["authUrl"], **choice)

    async def finish(self, came: dict[str, str], **body: Any) -> httpx.Response:
        known = {name: came[name] for name in ("code", "state")}
        return await self.client.post(CALLBACK, json={**known, **body})

    async def connect(self, *, status: int = 201, choice: Any = None, **body: Any) -> Any:
        """The whole walk; what the last answer says."""
        came = await self.approve(await self.start(**body), **(choice or {}))
        return data_of(await self.finish(came), status)

    async def grants(self) -> list[dict[str, Any]]:
        """What users have allowed, as GitHub has it."""
        answer = await self.github.client.get("/_sandbox/oauth/grants")
        found: list[dict[str, Any]] = answer.json()
        return found

    def token_requests(self) -> list[httpx.Request]:
        """What was asked at the token address."""
        return [
            request
            for request in self.github.network.requests
            if request.url.path == "/login/oauth/access_token"
        ]


__all__ = ["CALLBACK", "GITHUB_APP", "HOST", "OAUTH_APP", "OWN_CALLBACK", "START", "Host"]
