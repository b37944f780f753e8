"""Supabase's authorization server: the user chooses one organisation, scopes are the app's.

| | client id | client secret |
|---|---|---|
| all scopes | `7f6b4c1e-5a7d-4f0e-9b6a-2f1d3c5e7a90` | `sba_sandbox_supabase_secret` |
| may only read | `2b1f0d4a-93c6-4b0a-8a41-6a1f5f0d7c33` | `sba_sandbox_reader_secret` |

Source: supabase.com/docs, "Build a Supabase OAuth integration": HTTP basic, answers with 201,
revocation by JSON.
"""

from src.sandbox.kit.oauth import (
    ClientAuthentication,
    OAuthAccount,
    OAuthApp,
    OAuthServerSpec,
    Refusal,
    ScopesTold,
    Wording,
)
from src.sandbox.supabase.seed.world import ORGANIZATIONS

_CALLBACK = "/api/connectors/supabase/connect/callback"
_REDIRECT_URIS = (f"http://localhost{_CALLBACK}", f"http://127.0.0.1{_CALLBACK}")
TOKEN_PATH = "/v1/oauth/token"  # noqa: S105 - a path
TOKEN_FIELDS = frozenset(
    {
        "grant_type",
        "client_id",
        "client_secret",
        "code",
        "code_verifier",
        "redirect_uri",
        "refresh_token",
    }
)
"""Any other is refused."""


def _app(client_id: str, secret: str, name: str) -> OAuthApp:
    return OAuthApp(
        client_id=client_id,
        client_secret=secret,
        name=name,
        redirect_uris=_REDIRECT_URIS,
        has_scopes=False,
        access_prefix="sbp_oauth_",
        access_lifetime=86_400,
        refresh_prefix="sbr_",
    )


APP = _app("7f6b4c1e-5a7d-4f0e-9b6a-2f1d3c5e7a90", "sba_sandbox_supabase_secret", "Sandbox app")
READER_APP = _app(
    "2b1f0d4a-93c6-4b0a-8a41-6a1f5f0d7c33", "sba_sandbox_reader_secret", "Sandbox reader"
)
_READING = frozenset({"organizations:read", "projects:read", "database:read"})
APP_SCOPES = {APP.client_id: _READING | {"database:write"}, READER_APP.client_id: _READING}


def _worded(message: str, status: int = 400) -> Wording:
    return Wording(status, {"message": message})


SPEC = OAuthServerSpec(
    provider="Supabase",
    authorize_path="/v1/oauth/authorize",
    token_path=TOKEN_PATH,
    revoke_path="/v1/oauth/revoke",
    revoke_field="refresh_token",
    revoke_status=204,
    revoke_authentication=frozenset({ClientAuthentication.JSON}),
    apps=(APP, READER_APP),
    accounts=tuple(OAuthAccount(one.slug, one.name) for one in ORGANIZATIONS),
    scopes_told=ScopesTold.NOWHERE,
    may_untick=False,
    client_authentication=frozenset({ClientAuthentication.BASIC, ClientAuthentication.FORM}),
    answer_status=201,
    token_type="Bearer",  # noqa: S106 - its kind
    wordings={
        Refusal.REQUEST: _worded("Bad request"),
        Refusal.GRANT_TYPE: _worded("Unsupported grant type"),
        Refusal.CLIENT: _worded("Invalid client credentials", 401),
        Refusal.CODE: _worded("Invalid authorization code"),
        Refusal.VERIFIER: _worded("Invalid authorization code"),
        Refusal.REDIRECT_URI: _worded("Invalid redirect uri"),
        Refusal.REFRESH_TOKEN: _worded("Invalid refresh token"),
    },
)
