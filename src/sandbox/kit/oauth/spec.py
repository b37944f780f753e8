"""What makes one provider's authorization server differ from another's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

import msgspec

_Seconds = Annotated[int, msgspec.Meta(ge=0, le=10**10)]
CODE_LIFETIME = 600


class ClientAuthentication(StrEnum):
    """The ways in which an app may prove itself at the token address."""

    BASIC = "basic"
    FORM = "form"
    JSON = "json"


class Pkce(StrEnum):
    """What the provider makes of a code challenge; NONE is to ignore it."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class ScopesTold(StrEnum):
    """Where the provider tells which scopes were granted."""

    ANSWER = "answer"
    CALLBACK = "callback"
    NOWHERE = "nowhere"


class Refusal(StrEnum):
    """The reasons to refuse at the token address, for which each provider has its own words."""

    REQUEST = "request"
    GRANT_TYPE = "grant_type"
    CLIENT = "client"
    CODE = "code"
    REDIRECT_URI = "redirect_uri"
    VERIFIER = "verifier"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a reason
    REVOKED_TOKEN = "revoked_token"  # noqa: S105 - the name of a reason
    """Only where a token that nobody knows is an error; RFC 7009 §2.2 says that it is none."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How a refusal is said."""

    status: int
    body: Mapping[str, Any]


def wording(error: str, description: str, status: int = 400) -> Wording:
    """Say it in the form of RFC 6749 §5.2."""
    return Wording(status, {"error": error, "error_description": description})


RFC_WORDING: Mapping[Refusal, Wording] = {
    Refusal.REQUEST: wording("invalid_request", "The request is not well-formed."),
    Refusal.GRANT_TYPE: wording("unsupported_grant_type", "This grant type is not supported."),
    Refusal.CLIENT: wording("invalid_client", "Client authentication failed.", 401),
    Refusal.CODE: wording("invalid_grant", "The code is invalid, expired or used."),
    Refusal.REDIRECT_URI: wording("invalid_grant", "The redirect_uri is not that of the code."),
    Refusal.VERIFIER: wording("invalid_grant", "The code_verifier does not match."),
    Refusal.REFRESH_TOKEN: wording("invalid_grant", "The refresh token is invalid or expired."),
    Refusal.REVOKED_TOKEN: wording("invalid_token", "The token is invalid, expired or revoked."),
}


class OAuthApp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A registered app; each may have lives and rules of its own. Times are seconds."""

    client_id: str
    client_secret: str
    name: str
    redirect_uris: tuple[str, ...]
    """Compared exactly; `http` on localhost takes any port (RFC 8252 §7.3)."""
    has_scopes: bool = True
    """Without, the app's permissions are fixed and a `scope` is ignored."""
    access_prefix: str = ""
    access_lifetime: _Seconds | None = 3_600
    """None is for ever."""
    refreshes: bool = True
    refresh_prefix: str = ""
    refresh_lifetime: _Seconds | None = None
    rotates: bool = True
    reuse_window: _Seconds = 0
    """How long a refresh token still works after its first use, when it rotates."""


class OAuthAccount(msgspec.Struct, frozen=True):
    """A user who may be chosen on the consent page."""

    id: str
    name: str


def _nothing(_: OAuthAccount, __: str) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthServerSpec:
    """A provider's OAuth as data; the defaults are RFC 6749's."""

    provider: str
    """Its name on the consent page."""
    authorize_path: str
    token_path: str
    revoke_path: str | None = None
    """Of RFC 7009; whichever token is given back, its whole grant ends."""
    revoke_field: str = "token"
    revoke_status: int = 200
    revoke_authentication: frozenset[ClientAuthentication] | None = None
    """How an app proves itself there; None is as at the token address."""
    apps: tuple[OAuthApp, ...]
    accounts: tuple[OAuthAccount, ...]
    scopes: Mapping[str, str] = field(default_factory=dict)
    """Every scope there is, with what it allows."""
    implied: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Scopes that vanish into a wider one that is granted too."""
    offline_scope: str | None = None
    """Refresh tokens are given out for this scope only; it is in no user's hand."""
    scope_separator: str = " "
    granted_separator: str = " "
    scopes_told: ScopesTold = ScopesTold.ANSWER
    may_untick: bool = True
    sure_scopes: frozenset[str] = frozenset()
    """Granted whatever is ticked."""
    told_as: Mapping[str, str] = field(default_factory=dict)
    """Scopes that are told by another name than they are asked for by."""
    joins_grants: bool = False
    """What a user has granted to an app is one, as at Google: `include_granted_scopes=true` adds
    the scopes from before; a refresh token comes only with `access_type=offline`, and only when the
    user is really asked: for the first time, for more, or because of `prompt=consent`; whoever
    revokes a token ends all of it."""
    revokes_for_anybody: bool = False
    """Whoever has a token may revoke it, without an app's secret."""
    pkce: Pkce = Pkce.OPTIONAL
    client_authentication: frozenset[ClientAuthentication] = frozenset(
        {ClientAuthentication.BASIC, ClientAuthentication.FORM}
    )
    needs_response_type: bool = True
    needs_grant_type: bool = True
    """Else a request without one brings a code."""
    needs_redirect_uri: bool = True
    """At the token address, when the authorize request named one (RFC 6749 §4.1.3)."""
    code_lifetime: int = CODE_LIFETIME
    answers_in_form: bool = False
    """Unless JSON is asked for, as GitHub does."""
    answer_status: int = 200
    token_type: str = "bearer"  # noqa: S105 - its kind, no secret
    tells_expires_at: bool = False
    tells_refresh_lifetime: bool = False
    replaces_access_token: bool = False
    """A refresh ends the access token that came with the refresh token."""
    wordings: Mapping[Refusal, Wording] = field(default_factory=dict)
    """The provider's own, in place of `RFC_WORDING`."""
    more: Callable[[OAuthAccount, str], Mapping[str, Any]] = _nothing
    """Further fields of a token answer, from account and grant type (Strava's `athlete`)."""

    def worded(self, refusal: Refusal) -> Wording:
        """Return how the provider says it."""
        return self.wordings.get(refusal, RFC_WORDING[refusal])

    def account(self, account_id: str) -> OAuthAccount | None:
        """Find a user."""
        return next((one for one in self.accounts if one.id == account_id), None)

    def normalized(self, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """Drop what a wider scope holds already."""
        held = {inner for scope in scopes for inner in self.implied.get(scope, ())}
        return tuple(scope for scope in scopes if scope not in held)
