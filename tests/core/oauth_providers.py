"""Real providers as data, from their documentation, to see that the spec can say what they do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from pydantic import SecretStr

from src.connectors.atlassian import oauth as atlassian
from src.connectors.github.manifest import OAUTH
from src.connectors.google import oauth as google
from src.connectors.strava import manifest as strava
from src.core.oauth import (
    BodyFormat,
    ClientAuthentication,
    GrantedScopes,
    OAuth2App,
    OAuth2Client,
    OAuth2Spec,
    Pkce,
    Revocation,
)
from src.core.outbound import Outbound

GITHUB = OAUTH
ATLASSIAN = atlassian.OAUTH
GOOGLE = google.OAUTH
STRAVA = strava.OAUTH

# https://supabase.com/docs/guides/integrations/build-a-supabase-oauth-integration
SUPABASE = OAuth2Spec(
    authorize_url="https://api.supabase.com/v1/oauth/authorize",
    token_url="https://api.supabase.com/v1/oauth/token",
    revocation=Revocation(
        url="https://api.supabase.com/v1/oauth/revoke",
        client_authentication=ClientAuthentication.BODY,
        body=BodyFormat.JSON,
        field="refresh_token",
        sends="refresh",
        hint=False,
    ),
    pkce=Pkce.YES,
    granted_scopes=GrantedScopes.NOWHERE,
    rotates=True,
)

GARMIN = OAuth2Spec(
    authorize_url="https://connect.garmin.com/oauth2Confirm",
    token_url="https://diauth.garmin.com/di-oauth2-service/oauth/token",
    revocation=Revocation(
        url="https://apis.garmin.com/wellness-api/rest/user/registration",
        method="DELETE",
        sends="access",
        signed_by_token=True,
        renews=True,
    ),
    client_authentication=ClientAuthentication.BODY,
    pkce=Pkce.REQUIRED,
    rotates=True,
)

# Nobody in particular: the defaults, with a revocation as RFC 7009 has it.
PLAIN = OAuth2Spec(
    authorize_url="https://auth.test/authorize",
    token_url="https://auth.test/token",
    revocation=Revocation(url="https://auth.test/revoke"),
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REDIRECT_URI = "https://we.test/callback"
CODE = SecretStr("code-4f1c9d-secret")
REFRESH_TOKEN = SecretStr("refresh-77ab/+e2-secret")
ACCESS_TOKEN = SecretStr("access-51cd-secret")
VERIFIER = SecretStr("verifier-90817263544536271809abcdefghijklmnopqr")
APP = OAuth2App("the client", SecretStr("s3cret:of/the app+"))
TOKENS = {"access_token": "a-new-one", "token_type": "bearer"}


@dataclass
class AuthorizationServer:
    """Gives one answer to everything and keeps what it was asked."""

    answer: httpx.Response | Exception = field(default_factory=lambda: says(TOKENS))
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def client(self, spec: OAuth2Spec, app: OAuth2App = APP, **options: Any) -> OAuth2Client:
        outbound = Outbound(httpx.MockTransport(self))
        return OAuth2Client(outbound, spec, app, clock=lambda: NOW, **options)


def says(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    """An answer in JSON, or in the bytes that are given."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.Response(status, headers=named, content=content)


Ask = Callable[[OAuth2Client], Any]


async def exchange(client: OAuth2Client) -> Any:
    return await client.exchange(code=CODE, redirect_uri=REDIRECT_URI, code_verifier=VERIFIER)


async def refresh(client: OAuth2Client) -> Any:
    return await client.refresh(REFRESH_TOKEN)


async def revoke(client: OAuth2Client) -> Any:
    return await client.revoke(access_token=ACCESS_TOKEN, refresh_token=REFRESH_TOKEN)
