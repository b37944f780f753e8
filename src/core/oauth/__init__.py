"""OAuth 2.0 as a client: a provider's facts are an ``OAuth2Spec``, one client reads them."""

from src.core.oauth.answers import BEARER, MAX_ANSWER_BYTES, TokenGrant
from src.core.oauth.client import OAuth2Client
from src.core.oauth.errors import (
    ClientRefused,
    CodeRefused,
    Denied,
    GrantDead,
    LostReply,
    NotSent,
    OAuthError,
    ProviderOutage,
    RequestRefused,
    Throttled,
    TokenTypeUnsupported,
)
from src.core.oauth.flow import CODE_CHALLENGE_METHOD, PkcePair, new_state
from src.core.oauth.requests import OAuth2App
from src.core.oauth.spec import (
    RFC_REFUSALS,
    BodyFormat,
    ClientAuthentication,
    Expiry,
    GrantedScopes,
    Meaning,
    OAuth2Spec,
    Pkce,
    Refusal,
    Revocation,
    Step,
)

__all__ = [
    "BEARER",
    "CODE_CHALLENGE_METHOD",
    "MAX_ANSWER_BYTES",
    "RFC_REFUSALS",
    "BodyFormat",
    "ClientAuthentication",
    "ClientRefused",
    "CodeRefused",
    "Denied",
    "Expiry",
    "GrantDead",
    "GrantedScopes",
    "LostReply",
    "Meaning",
    "NotSent",
    "OAuth2App",
    "OAuth2Client",
    "OAuth2Spec",
    "OAuthError",
    "Pkce",
    "PkcePair",
    "ProviderOutage",
    "Refusal",
    "RequestRefused",
    "Revocation",
    "Step",
    "Throttled",
    "TokenGrant",
    "TokenTypeUnsupported",
    "new_state",
]
