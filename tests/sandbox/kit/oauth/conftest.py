"""Authorization servers of a few kinds, built with nothing but the kit."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from src.sandbox.kit import Document, MemoryStore, Provider, build_app
from src.sandbox.kit.oauth import OAuthAccount, OAuthApp, OAuthServer, OAuthServerSpec
from tests.fakes.browser import approve

BASE = "https://imitation.test"
NOW = 1_767_225_600.0
CALLBACK = "https://we.test/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
APP = OAuthApp(
    client_id="the-app",
    client_secret="se:cret/+",
    name="The <App>",
    redirect_uris=(CALLBACK,),
    access_lifetime=3600,
    refresh_lifetime=86_400,
)
OTHER = OAuthApp(client_id="other", client_secret="other", name="Other", redirect_uris=(CALLBACK,))
FACTS: dict[str, Any] = {
    "provider": "Imitation",
    "authorize_path": "/authorize",
    "token_path": "/token",
    "revoke_path": "/revoke",
    "apps": (APP, OTHER),
    "accounts": (OAuthAccount("ann", "Ann"), OAuthAccount("bob", "Bob")),
    "scopes": {"read": "look at things", "write": "change things"},
}


class SharedStore(MemoryStore):
    """Lets others in between two steps, as the store of several processes does."""

    async def get(self, key: str) -> Document | None:
        await asyncio.sleep(0)
        return await super().get(key)

    async def put(self, key: str, value: Document) -> None:
        await asyncio.sleep(0)
        await super().put(key, value)

    async def increment(self, key: str, field: str, by: int = 1) -> int:
        await asyncio.sleep(0)
        return await super().increment(key, field, by)


@dataclass
class Imitation:
    """A server, an app's view of it, and its switches."""

    server: OAuthServer
    app: ASGIApp
    client: httpx.AsyncClient

    def url(self, **params: str | None) -> str:
        usual = {
            "response_type": "code",
            "client_id": "the-app",
            "redirect_uri": CALLBACK,
            "scope": "read write",
            "state": "the state",
        }
        given = {name: value for name, value in {**usual, **params}.items() if value is not None}
        return str(httpx.URL("/authorize", params=given))

    async def code(self, **params: str | None) -> str:
        return (await approve(self.client, self.url(**params)))["code"]

    async def token(self, *, app: OAuthApp = APP, **fields: str) -> httpx.Response:
        secrets = {"client_id": app.client_id, "client_secret": app.client_secret}
        return await self.client.post("/token", data={**secrets, **fields})

    async def exchange(self, code: str, **fields: str) -> httpx.Response:
        usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return await self.token(**{**usual, **fields})

    async def refresh(self, refresh_token: str, *, app: OAuthApp = APP) -> httpx.Response:
        return await self.token(app=app, grant_type="refresh_token", refresh_token=refresh_token)

    async def tokens(self, **params: str | None) -> dict[str, Any]:
        """Walk to the end."""
        answer = await self.exchange(await self.code(**params))
        assert answer.is_success, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def ahead(self, seconds: float) -> None:
        """Let the server's time run ahead."""
        answer = await self.client.put("/_sandbox/oauth/clock", json={"seconds_ahead": seconds})
        answer.raise_for_status()

    async def change(self, **changes: Any) -> None:
        """Change the app."""
        answer = await self.client.put("/_sandbox/oauth/apps/the-app", json=changes)
        answer.raise_for_status()

    async def is_good(self, access_token: str) -> bool:
        return await self.server.grant_of(access_token) is not None


Imitate = Callable[..., Imitation]


@pytest.fixture
async def imitate() -> AsyncIterator[Imitate]:
    """Return a function: a server with these facts; all share one store."""
    store = SharedStore()
    async with AsyncExitStack() as stack:

        def build(**facts: Any) -> Imitation:
            spec = OAuthServerSpec(**{**FACTS, **facts})
            server = OAuthServer(store, "imitation", spec, lambda: NOW)
            provider = Provider("imitation", server.routes, controls=server.controls)
            app = build_app(provider, store)
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
            stack.push_async_callback(client.aclose)
            return Imitation(server, app, client)

        yield build


@pytest.fixture
def imitation(imitate: Imitate) -> Imitation:
    return imitate()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]
