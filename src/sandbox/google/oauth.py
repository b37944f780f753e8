"""accounts.google.com: OAuth 2.0 for web server applications.

- published: `sandbox-google.apps.googleusercontent.com`, `GOCSPX-sandbox-google-secret`
- in testing, so that refresh tokens live for seven days:
  `sandbox-testing.apps.googleusercontent.com`, `GOCSPX-sandbox-testing-secret`

Both may send the browser to `/api/connectors/google/connect/callback` on localhost, at any port.
`PUT /_sandbox/session-control` lets refreshes be refused as an organisation does that asks its
users to sign in again; `DELETE` ends that.
Source: developers.google.com/identity/protocols/oauth2/web-server.
"""

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.google.people import USERS
from src.sandbox.kit import json_answer, provider_path
from src.sandbox.kit.oauth import (
    ClientAuthentication,
    OAuthAccount,
    OAuthApp,
    OAuthServerSpec,
    Refusal,
    wording,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from src.sandbox.kit import SandboxStore

PREFIX = "https://www.googleapis.com/auth/"
_CALLBACK = "/api/connectors/google/connect/callback"

APP = OAuthApp(
    client_id="sandbox-google.apps.googleusercontent.com",
    client_secret="GOCSPX-sandbox-google-secret",  # noqa: S106 - opens the imitation only
    name="Sandbox app",
    redirect_uris=(f"http://localhost{_CALLBACK}", f"http://127.0.0.1{_CALLBACK}"),
    access_prefix="ya29.",
    access_lifetime=3_599,
    refresh_prefix="1//",
    rotates=False,
)
TESTING_APP = OAuthApp(
    client_id="sandbox-testing.apps.googleusercontent.com",
    client_secret="GOCSPX-sandbox-testing-secret",  # noqa: S106 - opens the imitation only
    name="Sandbox app in testing",
    redirect_uris=APP.redirect_uris,
    access_prefix="ya29.",
    access_lifetime=3_599,
    refresh_prefix="1//",
    refresh_lifetime=604_799,
    rotates=False,
)
SCOPES = {
    "openid": "say who you are",
    "email": "see your e-mail address",
    "profile": "see your name and picture",
    f"{PREFIX}userinfo.email": "see your e-mail address",
    f"{PREFIX}userinfo.profile": "see your name and picture",
    f"{PREFIX}drive": "see and change all files",
    f"{PREFIX}drive.readonly": "see all files",
    f"{PREFIX}drive.metadata.readonly": "see names of files",
    f"{PREFIX}drive.file": "see and change files opened with the app",
    f"{PREFIX}spreadsheets": "see and change spreadsheets",
    f"{PREFIX}spreadsheets.readonly": "see spreadsheets",
    f"{PREFIX}gmail.modify": "read, write and send mail",
    f"{PREFIX}gmail.readonly": "read mail and labels",
    f"{PREFIX}gmail.send": "send mail",
    f"{PREFIX}gmail.labels": "see and change labels",
    f"{PREFIX}calendar": "see and change calendars",
    f"{PREFIX}calendar.readonly": "see calendars",
    f"{PREFIX}calendar.events": "see and change events",
}

SPEC = OAuthServerSpec(
    provider="Google",
    authorize_path="/o/oauth2/v2/auth",
    token_path="/token",  # noqa: S106 - a path
    revoke_path="/revoke",
    apps=(APP, TESTING_APP),
    accounts=tuple(OAuthAccount(user.login, user.name) for user in USERS),
    scopes=SCOPES,
    sure_scopes=frozenset({"openid", "email", "profile"}),
    told_as={"email": f"{PREFIX}userinfo.email", "profile": f"{PREFIX}userinfo.profile"},
    joins_grants=True,
    revokes_for_anybody=True,
    client_authentication=frozenset({ClientAuthentication.FORM, ClientAuthentication.BASIC}),
    tells_refresh_lifetime=True,
    token_type="Bearer",  # noqa: S106 - its kind, no secret
    wordings={
        Refusal.CLIENT: wording("invalid_client", "Unauthorized", 401),
        Refusal.CODE: wording("invalid_grant", "Bad Request"),
        Refusal.REDIRECT_URI: wording("redirect_uri_mismatch", "Bad Request"),
        Refusal.REFRESH_TOKEN: wording("invalid_grant", "Token has been expired or revoked."),
        Refusal.REVOKED_TOKEN: wording("invalid_token", "Token expired or revoked"),
    },
)

_SESSION_CONTROL = "google/session-control"


class SessionControl:
    """Refuses refreshes in the name of an organisation, while it is switched on."""

    def __init__(self, app: "ASGIApp", *, store: "SandboxStore") -> None:
        """Look the switch up in the store."""
        self._app = app
        self._store = store

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Refuse a token request, or pass on whatever else it is."""
        is_token = scope["type"] == "http" and provider_path(scope) == SPEC.token_path
        if not is_token or await self._store.get(_SESSION_CONTROL) is None:
            await self._app(scope, receive, send)
            return
        told = {
            "error": "invalid_grant",
            "error_description": "reauth related error (invalid_rapt)",
        }
        answer = json_answer({**told, "error_subtype": "invalid_rapt"}, 400)
        await answer(scope, receive, send)


def session_controls(store: "SandboxStore") -> tuple[Route, ...]:
    """Return the switch."""

    async def switch(request: "Request") -> Response:
        if request.method == "PUT":
            await store.put(_SESSION_CONTROL, {"on": True})
        else:
            await store.delete(_SESSION_CONTROL)
        return Response(status_code=204)

    return (Route("/session-control", switch, methods=["PUT", "DELETE"]),)
