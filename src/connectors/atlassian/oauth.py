"""Atlassian's OAuth 2.0 (3LO), which Jira and Confluence share.

Source: developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps. The scopes are the products'
own and stand in their manifests.
"""

from __future__ import annotations

from datetime import timedelta

from src.core.oauth import (
    BodyFormat,
    ClientAuthentication,
    Meaning,
    OAuth2Spec,
    Refusal,
    Step,
)

API_URL = "https://api.atlassian.com"
OFFLINE = "offline_access"
"""The scope that refresh tokens are given out for."""

OAUTH = OAuth2Spec(
    authorize_url="https://auth.atlassian.com/authorize",
    token_url="https://auth.atlassian.com/oauth/token",  # noqa: S106  an address
    client_authentication=ClientAuthentication.BODY,
    body=BodyFormat.JSON,
    # prompt=consent: without it a user who has agreed before could not choose another site.
    authorize_params={"audience": "api.atlassian.com", "prompt": "consent"},
    refresh_lifetime=timedelta(days=90),
    rotates=True,
    reuse_window=timedelta(minutes=10),
    refusals=(
        # The words of a rotated or unknown refresh token; RFC 6749 would blame the app for them.
        Refusal(Meaning.GRANT, "unauthorized_client", status=403, at=Step.REFRESH),
    ),
)
"""It has no PKCE, and no address to revoke at: users end a grant at id.atlassian.com."""
