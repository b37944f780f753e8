"""Salesforce's OAuth 2.0: the web server flow with PKCE.

Sources: help.salesforce.com, "OAuth 2.0 Web Server Flow for Web App Integration", "Revoke OAuth
Tokens", "Refresh Token Rotation" and "Limit the Idle Refresh Token TTL".

The token answer has no ``expires_in``: how long a session lives is the org's setting, and its end
is told by a 401. A refresh token may rotate; using an old one then ends the whole grant.
"""

from __future__ import annotations

from datetime import timedelta

from src.core.oauth import (
    ClientAuthentication,
    Expiry,
    Meaning,
    OAuth2Spec,
    Pkce,
    Refusal,
    Revocation,
    Step,
)

from .config import AUTHORIZE_PATH, LOGIN, REVOKE_PATH, TOKEN_PATH

_ASK_ADMIN = "An administrator of the org has to allow the app: Setup → Connected Apps OAuth Usage."

OAUTH = OAuth2Spec(
    authorize_url=LOGIN + AUTHORIZE_PATH,
    token_url=LOGIN + TOKEN_PATH,
    revocation=Revocation(
        url=LOGIN + REVOKE_PATH,
        # Whoever has a token may give it back; no app is named.
        client_authentication=ClientAuthentication.NONE,
        hint=False,
        # A refresh token ends with its access tokens; each authorization has one of its own.
        ends_alone=True,
    ),
    client_authentication=ClientAuthentication.BODY,
    pkce=Pkce.YES,
    expiry=Expiry.NONE,
    rotates=True,
    # Of apps with the idle limit; those without lose nothing by being renewed in time.
    refresh_lifetime=timedelta(days=30),
    refusals=(
        Refusal(Meaning.CLIENT, "invalid_client_id"),
        Refusal(Meaning.CLIENT, "invalid_client_credentials"),
        Refusal(Meaning.CLIENT, "invalid_app_access", explanation=_ASK_ADMIN),
        Refusal(Meaning.DENIED, "OAUTH_APP_BLOCKED", at=Step.AUTHORIZE, explanation=_ASK_ADMIN),
        Refusal(Meaning.GRANT, "inactive_user", at=Step.REFRESH),
        Refusal(Meaning.GRANT, "inactive_org", at=Step.REFRESH),
        Refusal(Meaning.GRANT, "unsupported_token_type", at=Step.REVOKE),
        Refusal(Meaning.LIMITED, "rate_limit_exceeded"),
    ),
    explanations={
        "inactive_user": "The Salesforce user has been deactivated.",
        "inactive_org": "The Salesforce org is locked or closed.",
        "invalid_grant": "Salesforce has ended this authorization: it was revoked, replaced by "
        "newer ones of the same user and app, or not used for too long.",
    },
)
