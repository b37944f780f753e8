"""Strava's authorization server: comma scopes, told at the redirect; `expires_at`; rotation.

| | client id | client secret |
|---|---|---|
| ten athletes | `24523` | `sandbox-strava-secret-24523` |
| its owner alone | `90001` | `sandbox-strava-secret-90001` |

Source: developers.strava.com/docs/authentication.
"""

from collections.abc import Mapping
from typing import Any

from src.sandbox.kit.oauth import (
    ClientAuthentication,
    OAuthAccount,
    OAuthApp,
    OAuthServerSpec,
    Pkce,
    Refusal,
    ScopesTold,
    Wording,
)
from src.sandbox.strava.errors import entry
from src.sandbox.strava.seed.people import ATHLETES, athlete_of

_CALLBACK = "/api/connectors/strava/connect/callback"
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
DEAUTHORIZE_PATH = "/oauth/deauthorize"
SIX_HOURS = 21_600
SCOPES = {
    "read": "read public segments, public routes, public profile data and clubs",
    "read_all": "read private routes, private segments and private events",
    "profile:read_all": "read all profile information, gear included",
    "profile:write": "update weight and FTP, star segments",
    "activity:read": "read activities that everyone or followers may see",
    "activity:read_all": "also read activities that only you may see",
    "activity:write": "create and change activities",
}


def _app(client_id: str, name: str) -> OAuthApp:
    return OAuthApp(
        client_id=client_id,
        client_secret=f"sandbox-strava-secret-{client_id}",
        name=name,
        redirect_uris=(f"http://localhost{_CALLBACK}", f"http://127.0.0.1{_CALLBACK}"),
        access_lifetime=SIX_HOURS,
    )


APP = _app("24523", "Sandbox app")
SINGLE_APP = _app("90001", "Sandbox of one athlete")
MOST_ATHLETES = {APP.client_id: 10, SINGLE_APP.client_id: 1}


def _invalid(resource: str, field: str) -> Wording:
    return Wording(400, {"message": "Bad Request", "errors": [entry(resource, field, "invalid")]})


def _athlete(account: OAuthAccount, grant_type: str) -> Mapping[str, Any]:
    found = athlete_of(account.id)
    return {"athlete": found.summary()} if found and grant_type == "authorization_code" else {}


SPEC = OAuthServerSpec(
    provider="Strava",
    authorize_path="/oauth/authorize",
    token_path=TOKEN_PATH,
    revoke_path="/oauth/revoke",
    revoke_authentication=frozenset({ClientAuthentication.BASIC}),
    apps=(APP, SINGLE_APP),
    accounts=tuple(OAuthAccount(str(one.id), one.username or "") for one in ATHLETES),
    scopes=SCOPES,
    scope_separator=",",
    granted_separator=",",
    scopes_told=ScopesTold.CALLBACK,
    sure_scopes=frozenset({"read"}),
    pkce=Pkce.NONE,
    client_authentication=frozenset({ClientAuthentication.FORM}),
    needs_redirect_uri=False,
    token_type="Bearer",  # noqa: S106 - its kind
    tells_expires_at=True,
    wordings={
        Refusal.REQUEST: _invalid("RequestToken", "code"),
        Refusal.GRANT_TYPE: _invalid("AccessToken", "grant_type"),
        Refusal.CLIENT: _invalid("Application", "client_id"),
        Refusal.CODE: _invalid("RequestToken", "code"),
        Refusal.REDIRECT_URI: _invalid("Application", "redirect_uri"),
        Refusal.REFRESH_TOKEN: _invalid("RefreshToken", "refresh_token"),
    },
    more=_athlete,
)
