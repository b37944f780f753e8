"""Real providers as data, from their documentation, to see that the spec can say what they do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
from pydantic import SecretStr

from src.connectors.github.manifest import OAUTH
from src.core.oauth import (
    BodyFormat,
    ClientAuthentication,
    Expiry,
    GrantedScopes,
    Meaning,
    OAuth2App,
    OAuth2Client,
    OAuth2Spec,
    Pkce,
    Refusal,
    Revocation,
    Step,
)
from src.core.outbound import Outbound

GITHUB = OAUTH

# https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
ATLASSIAN = OAuth2Spec(
    authorize_url="https://auth.atlassian.com/authorize",
    token_url="https://auth.atlassian.com/oauth/token",
    client_authentication=ClientAuthentication.BODY,
    body=BodyFormat.JSON,
    authorize_params={"audience": "api.atlassian.com", "prompt": "consent"},
    refresh_lifetime=timedelta(days=90),
    rotates=True,
    reuse_window=timedelta(minutes=10),
    refusals=(
        Refusal(Meaning.GRANT, "unauthorized_client", status=403, at=Step.REFRESH),
        Refusal(Meaning.CLIENT, "access_denied", status=401),
    ),
)

# https://developers.google.com/identity/protocols/oauth2/web-server
GOOGLE = OAuth2Spec(
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",
    revocation=Revocation(
        url="https://oauth2.googleapis.com/revoke",
        client_authentication=ClientAuthentication.NONE,
        hint=False,
    ),
    client_authentication=ClientAuthentication.BODY,
    pkce=Pkce.YES,
    authorize_params={"access_type": "offline", "include_granted_scopes": "true"},
    refresh_lifetime=timedelta(days=180),
    refusals=(Refusal(Meaning.OUTAGE, "internal_failure"),),
)

# https://developers.strava.com/docs/authentication/
STRAVA = OAuth2Spec(
    authorize_url="https://www.strava.com/oauth/authorize",
    token_url="https://www.strava.com/oauth/token",
    revocation=Revocation(
        url="https://www.strava.com/oauth/deauthorize", sends="access", signed_by_token=True
    ),
    client_authentication=ClientAuthentication.BODY,
    authorize_params={"approval_prompt": "auto"},
    scope_separator=",",
    granted_scopes=GrantedScopes.CALLBACK,
    granted_separator=",",
    expiry=Expiry.EXPIRES_AT,
    rotates=True,
    refusals=(
        Refusal(Meaning.CLIENT, "Application:invalid"),
        Refusal(Meaning.GRANT, "RequestToken:invalid", at=Step.EXCHANGE),
        Refusal(Meaning.GRANT, "RefreshToken:invalid", at=Step.REFRESH),
    ),
)

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
