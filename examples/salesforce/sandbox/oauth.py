"""Salesforce's authorization server: PKCE, no `expires_in`, and an address beside the token.

| | client id | client secret |
|---|---|---|
| the app | `sandbox-salesforce-app` | `sandbox-salesforce-secret` |
"""

from src.sandbox.kit.oauth import (
    ClientAuthentication,
    OAuthAccount,
    OAuthApp,
    OAuthServerSpec,
    Pkce,
    Refusal,
    wording,
)

from .people import USERS

_CALLBACK = "/api/connectors/salesforce/connect/callback"
TOKEN_PATH = "/services/oauth2/token"  # noqa: S105  a path
APP = OAuthApp(
    client_id="sandbox-salesforce-app",
    client_secret="sandbox-salesforce-secret",  # noqa: S106  opens nothing but the imitation
    name="Sandbox app",
    redirect_uris=(f"http://localhost{_CALLBACK}", f"http://127.0.0.1{_CALLBACK}"),
    access_prefix="00D!",
    access_lifetime=None,
    refresh_prefix="5Aep",
)
SCOPES = {
    "api": "manage user data via APIs",
    "openid": "access unique user identifiers",
    "id": "access the identity URL service",
    "full": "full access",
    "chatter_api": "access Connect REST API resources",
}
SPEC = OAuthServerSpec(
    provider="Salesforce",
    authorize_path="/services/oauth2/authorize",
    token_path=TOKEN_PATH,
    revoke_path="/services/oauth2/revoke",
    revokes_for_anybody=True,
    apps=(APP,),
    accounts=tuple(OAuthAccount(one.id, f"{one.name}, {one.org.name}") for one in USERS.values()),
    scopes=SCOPES,
    offline_scope="refresh_token",
    may_untick=False,
    pkce=Pkce.REQUIRED,
    client_authentication=frozenset({ClientAuthentication.BASIC, ClientAuthentication.FORM}),
    token_type="Bearer",  # noqa: S106  its kind
    wordings={
        Refusal.REQUEST: wording("invalid_request", "missing required parameter"),
        Refusal.GRANT_TYPE: wording("unsupported_grant_type", "grant type not supported"),
        Refusal.CLIENT: wording("invalid_client_id", "client identifier invalid"),
        Refusal.CODE: wording("invalid_grant", "expired authorization code"),
        Refusal.REDIRECT_URI: wording(
            "redirect_uri_mismatch", "redirect_uri must match configuration"
        ),
        Refusal.VERIFIER: wording("invalid_grant", "invalid code verifier"),
        Refusal.REFRESH_TOKEN: wording("invalid_grant", "expired access/refresh token"),
        Refusal.REVOKED_TOKEN: wording("unsupported_token_type", "token type not supported"),
    },
)
