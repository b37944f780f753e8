"""The Developer Program's OAuth 2.0. Source: Garmin's OAuth2 PKCE specification.

There is no scope parameter: what may be read are switches that the user sets at Garmin. Its token
answer names scopes of the app, which say nothing of them.
"""

from __future__ import annotations

from src.core.oauth import (
    ClientAuthentication,
    GrantedScopes,
    OAuth2Spec,
    Pkce,
    Revocation,
)

API_URL = "https://apis.garmin.com"
ACTIVITY_EXPORT = "ACTIVITY_EXPORT"
HEALTH_EXPORT = "HEALTH_EXPORT"
PERMISSIONS = (
    ACTIVITY_EXPORT,
    HEALTH_EXPORT,
    "MCT_EXPORT",
    "WORKOUT_IMPORT",
    "COURSE_IMPORT",
)

OAUTH = OAuth2Spec(
    authorize_url="https://connect.garmin.com/oauth2Confirm",
    token_url="https://diauth.garmin.com/di-oauth2-service/oauth/token",  # noqa: S106  an address
    revocation=Revocation(
        url=f"{API_URL}/wellness-api/rest/user/registration",
        method="DELETE",
        sends="access",
        signed_by_token=True,
        renews=True,
    ),
    client_authentication=ClientAuthentication.BODY,
    pkce=Pkce.REQUIRED,
    granted_scopes=GrantedScopes.NOWHERE,
    rotates=True,
)
