"""A real OAuth 2.0 authorization server for imitation providers; a provider is a spec."""

from src.sandbox.kit.oauth.ledger import Grant
from src.sandbox.kit.oauth.server import OAuthServer
from src.sandbox.kit.oauth.spec import (
    RFC_WORDING,
    ClientAuthentication,
    OAuthAccount,
    OAuthApp,
    OAuthServerSpec,
    Pkce,
    Refusal,
    ScopesTold,
    Wording,
    wording,
)

__all__ = [
    "RFC_WORDING",
    "ClientAuthentication",
    "Grant",
    "OAuthAccount",
    "OAuthApp",
    "OAuthServer",
    "OAuthServerSpec",
    "Pkce",
    "Refusal",
    "ScopesTold",
    "Wording",
    "wording",
]
