"""A provider's OAuth 2.0 as data: where, how, how long, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Literal


class ClientAuthentication(StrEnum):
    """How the app proves itself (RFC 6749 §2.3.1)."""

    BASIC = "basic"
    BODY = "body"
    NONE = "none"


class BodyFormat(StrEnum):
    """How a request body is written."""

    FORM = "form"
    JSON = "json"


class Pkce(StrEnum):
    """Whether the provider knows code challenges (RFC 7636); ``plain`` is never used."""

    NO = "no"
    YES = "yes"
    REQUIRED = "required"


class GrantedScopes(StrEnum):
    """Where the provider tells which scopes the user has granted."""

    ANSWER = "answer"
    """In the token answer; if it is silent, all that were requested (RFC 6749 §5.1)."""
    CALLBACK = "callback"
    """In the address that the browser comes back to."""
    NOWHERE = "nowhere"
    """Nowhere: those that were requested hold."""


class Expiry(StrEnum):
    """In which field the life of an access token stands."""

    EXPIRES_IN = "expires_in"
    EXPIRES_AT = "expires_at"
    NONE = "none"


class Step(StrEnum):
    """The request at hand; ``AUTHORIZE`` is the user's, answered through the callback."""

    AUTHORIZE = "authorize"
    EXCHANGE = "exchange"
    REFRESH = "refresh"
    REVOKE = "revoke"


class Meaning(StrEnum):
    """What a refusal is about."""

    GRANT = "grant"
    """The code, the refresh token, or the token to revoke is no good."""
    CLIENT = "client"
    DENIED = "denied"
    REQUEST = "request"
    LIMITED = "limited"
    OUTAGE = "outage"


def is_outage(status: int) -> bool:
    """Whether a status speaks of the provider's state and not of the request.

    So does a redirect: it is not followed with secrets, and a closed service answers one.
    """
    redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    late = status == HTTPStatus.REQUEST_TIMEOUT
    return redirect or late or status >= HTTPStatus.INTERNAL_SERVER_ERROR


ANY_WORD = "*"
"""Whatever the provider says, as long as it is the provider: a firewall answers in no such form."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a word of the provider means; ``status`` and ``at`` narrow it down.

    The word is the answer's ``error`` or ``message``, or ``resource:code`` of an entry in its
    ``errors``. Without a word the status alone decides, but never that a grant is dead: a firewall
    in between may use any status.
    """

    means: Meaning
    word: str | None = None
    status: int | None = None
    at: Step | None = None
    explanation: str | None = None
    """What to tell people, where more is known than what it means."""

    def __post_init__(self) -> None:
        if self.word is None and self.status is None:
            raise ValueError("a refusal needs a word or a status")
        if self.word is None and self.means is Meaning.GRANT and self.at is not Step.REVOKE:
            raise ValueError("a status alone does not say that a grant is dead")

    def covers(self, step: Step, status: int | None, words: Collection[str]) -> bool:
        """Whether this is what the provider has said."""
        known = {None, *words, *([ANY_WORD] if words else [])}
        if self.at not in {None, step} or self.word not in known:
            return False
        if self.status is not None:
            return status == self.status
        return status is None or not (status == HTTPStatus.TOO_MANY_REQUESTS or is_outage(status))


RFC_REFUSALS = (
    Refusal(Meaning.CLIENT, "invalid_client"),
    Refusal(Meaning.CLIENT, "unauthorized_client"),
    Refusal(Meaning.CLIENT, "redirect_uri_mismatch"),
    Refusal(Meaning.OUTAGE, "server_error"),
    Refusal(Meaning.OUTAGE, "temporarily_unavailable"),
    Refusal(Meaning.DENIED, "access_denied", at=Step.AUTHORIZE),
    Refusal(Meaning.GRANT, "invalid_token", at=Step.REVOKE),
    Refusal(Meaning.GRANT, "invalid_grant"),
)
"""The words of RFC 6749 §4.1.2.1, §5.2 and RFC 7009 §2.2, and one that everybody added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """How a token is given back.

    RFC 7009 needs an address only. GitHub: ``DELETE`` with basic and a JSON ``access_token``.
    Strava: RFC 7009, and ``otherwise`` its older deauthorization, which is ``signed_by_token`` and
    sends no body.
    """

    url: str
    """``{client_id}`` stands for the app's."""
    method: Literal["POST", "DELETE"] = "POST"
    client_authentication: ClientAuthentication = ClientAuthentication.BASIC
    body: BodyFormat = BodyFormat.FORM
    field: str = "token"
    sends: Literal["access", "refresh", "either"] = "either"
    """Which token; ``either`` prefers the refresh token, whose end is the grant's."""
    hint: bool = True
    """Whether ``token_type_hint`` is sent along."""
    signed_by_token: bool = False
    renews: bool = False
    """For ``signed_by_token``: an access token that is over is refreshed first, since nothing else
    ends the grant."""
    ends_alone: bool = False
    """Whether other tokens of the same account and app live on, whichever is given back. Where they
    do not, nothing is given back as long as nobody knows whose it is."""
    otherwise: Revocation | None = None
    """How else, where the provider refuses this one; its url may be relative to this one's."""


_OURS = frozenset({"client_id", "client_secret", "redirect_uri", "scope", "grant_type"})
_OURS_AT_AUTHORIZE = _OURS | {"response_type", "state", "code_challenge", "code_challenge_method"}
_OURS_AT_TOKEN = _OURS | {"code", "code_verifier", "refresh_token"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2Spec:
    """Everything about a provider's OAuth 2.0 that is not code; the defaults are RFC 6749's.

    Raises:
        ValueError: The facts contradict each other.
    """

    authorize_url: str
    token_url: str
    revocation: Revocation | None = None
    client_authentication: ClientAuthentication = ClientAuthentication.BASIC
    body: BodyFormat = BodyFormat.FORM
    pkce: Pkce = Pkce.NO
    headers: Mapping[str, str] = field(default_factory=dict)
    authorize_params: Mapping[str, str] = field(default_factory=dict)
    exchange_params: Mapping[str, str] = field(default_factory=dict)
    refresh_params: Mapping[str, str] = field(default_factory=dict)
    scope_separator: str = " "
    granted_scopes: GrantedScopes = GrantedScopes.ANSWER
    granted_separator: str = " "
    expiry: Expiry = Expiry.EXPIRES_IN
    access_lifetime: timedelta | None = None
    """Where the answer says none; None = the access token does not expire."""
    refresh_lifetime: timedelta | None = None
    """Since its last use, where the answer has no ``refresh_token_expires_in``."""
    rotates: bool = False
    """A refresh replaces the refresh token, so that a lost answer can lose the grant."""
    reuse_window: timedelta = timedelta(0)
    """How long the replaced refresh token still works."""
    refusals: tuple[Refusal, ...] = ()
    """The provider's own; the first that covers an answer decides, then ``RFC_REFUSALS``."""
    consent_params: Mapping[str, str] = field(default_factory=dict)
    """Sent with an authorization that must bring a refresh token: there is none that works."""
    incremental_params: Mapping[str, str] = field(default_factory=dict)
    """Sent when a connection is authorized again, so that it keeps what was granted before."""
    hint_param: str | None = None
    """Names the account of a connection that is authorized again, so that nobody must choose."""
    repeats_refresh_token: bool = True
    """Each authorization brings a refresh token; else the first one may have to live on."""
    explanations: Mapping[str, str] = field(default_factory=dict)
    """By a word of the provider's, what to tell of a grant that is dead; the first one fits."""
    explained_end: str | None = None
    """What to tell of a refresh token that ended when it was said that it would."""

    def __post_init__(self) -> None:
        if self.reuse_window < timedelta(0) or (self.reuse_window and not self.rotates):
            raise ValueError("only a refresh token that rotates has a reuse window")
        if self.client_authentication is ClientAuthentication.NONE:
            raise ValueError("an app without a secret still names itself: leave it to the body")
        at_token = ("exchange_params", "refresh_params")
        for name in ("authorize_params", "consent_params", "incremental_params", *at_token):
            taken = _OURS_AT_TOKEN if name in at_token else _OURS_AT_AUTHORIZE
            if clash := taken & set(getattr(self, name)):
                raise ValueError(f"{name} must not set {', '.join(sorted(clash))}")

    def with_addresses(
        self,
        *,
        authorize_url: str | None = None,
        token_url: str | None = None,
        revoke_url: str | None = None,
    ) -> OAuth2Spec:
        """The same provider somewhere else; an address that is not given stays."""
        revocation = self.revocation
        if revocation is not None and revoke_url is not None:
            revocation = replace(revocation, url=revoke_url)
        return replace(
            self,
            authorize_url=authorize_url or self.authorize_url,
            token_url=token_url or self.token_url,
            revocation=revocation,
        )

    def explanation(
        self, step: Step, status: int | None, words: Collection[str] = ()
    ) -> str | None:
        """What to tell people of a refusal."""
        refusal = self._refusal(step, status, words)
        if refusal is not None and refusal.explanation is not None:
            return refusal.explanation
        if refusal is None or refusal.means is not Meaning.GRANT or step is not Step.REFRESH:
            return None
        return next((text for word, text in self.explanations.items() if word in words), None)

    def meaning(self, step: Step, status: int | None, words: Collection[str] = ()) -> Meaning:
        """What a refusal is about; one that nobody knows is about our request."""
        refusal = self._refusal(step, status, words)
        if refusal is not None:
            return refusal.means
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return Meaning.LIMITED
        if status is not None and is_outage(status):
            return Meaning.OUTAGE
        # What is authenticated here is the client (RFC 6749 §5.2).
        return Meaning.CLIENT if status == HTTPStatus.UNAUTHORIZED else Meaning.REQUEST

    def _refusal(self, step: Step, status: int | None, words: Collection[str]) -> Refusal | None:
        known = (*self.refusals, *RFC_REFUSALS)
        return next((one for one in known if one.covers(step, status, words)), None)
