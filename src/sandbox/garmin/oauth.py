"""The Developer Program's authorization server.

| client id | client secret |
|---|---|
| `3f8e1c5a-sandbox-garmin-app` | `garmin_sandbox_client_secret` |

What the user permits are switches at Garmin: here, the scopes that the consent page shows.
"""

from src.sandbox.garmin.people import MIA
from src.sandbox.kit.oauth import (
    ClientAuthentication,
    OAuthAccount,
    OAuthApp,
    OAuthServerSpec,
    Pkce,
)

_CALLBACK = "/api/connectors/garmin/connect/callback"

APP = OAuthApp(
    client_id="3f8e1c5a-sandbox-garmin-app",
    client_secret="garmin_sandbox_client_secret",  # noqa: S106 - known to everybody
    name="Sandbox app",
    redirect_uris=(f"http://localhost{_CALLBACK}", f"http://127.0.0.1{_CALLBACK}"),
    has_scopes=False,
    access_lifetime=86_400,
    refresh_lifetime=7_775_998,
)
PERMISSIONS = ("ACTIVITY_EXPORT", "WORKOUT_IMPORT", "HEALTH_EXPORT", "COURSE_IMPORT", "MCT_EXPORT")


def _more(_: OAuthAccount, __: str) -> dict[str, str]:
    return {
        "scope": "PARTNER_WRITE PARTNER_READ CONNECT_READ CONNECT_WRITE",
        "jti": "f9eb2316-sandbox",
    }


SPEC = OAuthServerSpec(
    provider="Garmin Connect",
    authorize_path="/oauth2Confirm",
    token_path="/di-oauth2-service/oauth/token",  # noqa: S106 - a path
    apps=(APP,),
    accounts=(OAuthAccount(MIA.wellness_id, MIA.full_name),),
    pkce=Pkce.REQUIRED,
    client_authentication=frozenset({ClientAuthentication.FORM}),
    tells_refresh_lifetime=True,
    more=_more,
)
