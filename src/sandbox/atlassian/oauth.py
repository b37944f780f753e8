"""auth.atlassian.com: 3LO as both products have it; each product's imitation has an app of its own.

| product | client id | client secret |
|---|---|---|
| Jira | `sandbox-jira-3lo-app` | `sandbox-jira-3lo-secret` |
| Confluence | `sandbox-confluence-3lo-app` | `sandbox-confluence-3lo-secret` |

Both may send the browser to `/api/connectors/<product>/connect/callback` on localhost, at any port.
Source: developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps; refusals as measured in life.
"""

from collections.abc import Mapping

from src.sandbox.atlassian.people import USERS
from src.sandbox.kit.oauth import (
    ClientAuthentication,
    OAuthAccount,
    OAuthApp,
    OAuthServerSpec,
    Pkce,
    Refusal,
    wording,
)

OFFLINE = "offline_access"
_HOSTS = ("http://localhost", "http://127.0.0.1")
_DAY = 86_400


def app_of(product: str) -> OAuthApp:
    """Return the app of a product's imitation."""
    callback = f"/api/connectors/{product}/connect/callback"
    return OAuthApp(
        client_id=f"sandbox-{product}-3lo-app",
        client_secret=f"sandbox-{product}-3lo-secret",
        name=f"Sandbox app for {product.capitalize()}",
        redirect_uris=tuple(f"{host}{callback}" for host in _HOSTS),
        access_prefix="eyJ",
        refresh_lifetime=90 * _DAY,
        reuse_window=600,
    )


def spec(product: str, scopes: Mapping[str, str]) -> OAuthServerSpec:
    """Return the authorization server of a product's imitation, with these scopes."""
    return OAuthServerSpec(
        provider="Atlassian",
        authorize_path="/authorize",
        token_path="/oauth/token",  # noqa: S106 - a path
        apps=(app_of(product),),
        accounts=tuple(OAuthAccount(user.login, user.name) for user in USERS),
        scopes={"read:me": "read the profile", **scopes},
        offline_scope=OFFLINE,
        may_untick=False,
        pkce=Pkce.NONE,
        client_authentication=frozenset({ClientAuthentication.JSON, ClientAuthentication.FORM}),
        token_type="Bearer",  # noqa: S106 - its kind, no secret
        wordings={
            # A wrong secret has the word of a user's "no"; it is about the app.
            Refusal.CLIENT: wording("access_denied", "Unauthorized", 401),
            Refusal.CODE: wording("invalid_grant", "Invalid authorization code", 403),
            Refusal.REDIRECT_URI: wording("invalid_grant", "Invalid authorization code", 403),
            # A used or unknown refresh token has the word of an app that may not do this.
            Refusal.REFRESH_TOKEN: wording("unauthorized_client", "refresh_token is invalid", 403),
        },
    )
