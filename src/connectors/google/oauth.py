"""Google's OAuth 2.0 for web server applications.

Source: developers.google.com/identity/protocols/oauth2/web-server.
"""

from __future__ import annotations

from datetime import timedelta

from src.core.oauth import (
    ClientAuthentication,
    Meaning,
    OAuth2Spec,
    Pkce,
    Refusal,
    Revocation,
    Step,
)

_TESTING = (
    "Google ends an authorization after seven days while the app's consent screen is external and"
    " its publishing status is testing. Publish the app in the Google Cloud console (Google Auth"
    " Platform, Audience), then connect again."
)
_DEAD = (
    "Google no longer accepts the refresh token. It was revoked, not used for six months, pushed"
    " out by a hundred newer ones, ended by a changed password, or is older than seven days while"
    " the app's consent screen is in testing. Connect again."
)
_SESSION_CONTROL = (
    "The Google Workspace organization asks its users to sign in again from time to time (session"
    " control). Connect again; an administrator can exempt trusted apps."
)

OAUTH = OAuth2Spec(
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106  an address
    # Whichever token is given back: it ends all that this user has granted to this app.
    revocation=Revocation(
        url="https://oauth2.googleapis.com/revoke",
        client_authentication=ClientAuthentication.NONE,
        hint=False,
    ),
    client_authentication=ClientAuthentication.BODY,
    pkce=Pkce.YES,
    authorize_params={"access_type": "offline"},
    # Only then a refresh token is given out to a user who has agreed before.
    consent_params={"prompt": "consent"},
    incremental_params={"include_granted_scopes": "true"},
    hint_param="login_hint",
    repeats_refresh_token=False,
    refresh_lifetime=timedelta(days=180),
    refusals=(
        Refusal(Meaning.CLIENT, "deleted_client"),
        Refusal(Meaning.CLIENT, "disabled_client"),
        Refusal(Meaning.CLIENT, "org_internal", at=Step.AUTHORIZE),
        Refusal(Meaning.DENIED, "admin_policy_enforced", at=Step.AUTHORIZE),
        Refusal(Meaning.OUTAGE, "internal_failure"),
    ),
    explanations={"invalid_rapt": _SESSION_CONTROL, "invalid_grant": _DEAD},
    explained_end=_TESTING,
)
"""A refresh brings no new refresh token: the first one lives on."""
