"""Access tokens for what a connection keeps, where no OAuth 2.0 app stands between.

A key that is exchanged for a bearer token, or a token that an app of the provider's own got. Where
it is sent, and what signs the request, is the provider's: a ``Redemption``. How it is kept and
renewed is that of every other token.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from src.core.oauth.answers import TokenGrant, Unreadable, read_grant, read_object, words_of
from src.core.oauth.client import DEADLINE, OAuth2Client
from src.core.oauth.oauth1 import OAuth1Keys, header
from src.core.oauth.refusals import is_good, refused, unreadable
from src.core.oauth.requests import OAuth2App
from src.core.oauth.spec import Expiry, Meaning, OAuth2Spec, Refusal, Step
from src.core.outbound import Outbound, Request, Response
from src.models.base import now

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class SchemeProof:
    """``Authorization: <scheme> <secret>``."""

    scheme: str
    secret: SecretStr


@dataclass(frozen=True, slots=True)
class UserProof:
    """``Authorization: Basic`` (RFC 7617) of a name without a password."""

    name: str


Proof = SchemeProof | UserProof | OAuth1Keys


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is to redeem, and where. Its ``repr`` shows no secret."""

    secret: SecretStr
    """A key, or the refresh token as the connector has packed it."""
    api_url: str
    token_url: str
    consumer: OAuth2App | None = None
    """The pair that the operator set for signatures of OAuth 1.0."""


def _as_it_is(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    return answer


def _unknown(_status: int, _answer: Mapping[str, Any]) -> Meaning | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """One request for an access token; always a POST."""

    url: str
    proof: Proof
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[SecretStr, ...] = ()
    """What is sent beside the proof and must not be seen."""
    read: Callable[[Mapping[str, Any]], Mapping[str, Any]] = _as_it_is
    """From the provider's names to those of RFC 6749 §5.1."""
    meaning: Callable[[int, Mapping[str, Any]], Meaning | None] = _unknown
    """What a refusal means, by its status and object (empty for none); None = as in OAuth 2.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """How a method gets its access tokens: a provider's facts.

    ``redeem`` may raise ``ClientRefused`` where the operator has not set what it needs.
    """

    redeem: Callable[[Kept], Redemption]
    lifetime: timedelta | None = None
    """Of an access token whose answer says none."""
    rotates: bool = False
    refusals: tuple[Refusal, ...] = ()
    dead: str | None = None
    """What to tell of a secret that is no longer good."""


class RedeemingClient(OAuth2Client):
    """Redeems what is kept; to all others a client like any, which has nothing to give back."""

    def __init__(
        self,
        outbound: Outbound,
        renewal: Renewal,
        place: Kept,
        *,
        operator_address: bool = False,
        deadline: float = DEADLINE,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Redeem at ``place``, whose secret is another each time."""
        spec = OAuth2Spec(
            authorize_url="",
            token_url=place.token_url,
            # A moment goes before a span, which stands for it where there is none.
            expiry=Expiry.EXPIRES_AT,
            rotates=renewal.rotates,
            access_lifetime=renewal.lifetime,
            refusals=renewal.refusals,
        )
        super().__init__(
            outbound,
            spec,
            place.consumer or OAuth2App(""),
            operator_address=operator_address,
            deadline=deadline,
            clock=clock,
        )
        self._renewal = renewal
        self._place = place

    async def refresh(self, refresh_token: SecretStr) -> TokenGrant:
        """Redeem a secret.

        Raises:
            GrantDead: It is no longer good.
            ClientRefused: The operator's pair is missing or not accepted.
            RequestRefused: The request is not accepted.
            ProviderOutage: The provider cannot answer, or its answer is lost.
        """
        place = self._place
        redemption = self._renewal.redeem(
            Kept(refresh_token, place.api_url, place.token_url, place.consumer)
        )
        asked_at = self._clock()
        request, proofs = self._signed(redemption, asked_at)
        response = await self._send(request)
        if is_good(response.status):
            try:
                return read_grant(redemption.read(read_object(response)), self._spec, asked_at)
            except Unreadable as error:
                raise unreadable(error, response, self._clock()) from None
        hidden = self._app.secrets(refresh_token, *redemption.secrets, *map(SecretStr, proofs))
        raise self._refused(redemption, response, hidden)

    def _refused(
        self, redemption: Redemption, response: Response, hidden: tuple[str, ...]
    ) -> Exception:
        try:
            answer = read_object(response)
        except Unreadable as error:
            answer = {}
            if redemption.meaning(response.status, answer) is None:
                return unreadable(error, response, self._clock())
        meaning = redemption.meaning(response.status, answer) or self._spec.meaning(
            Step.REFRESH, response.status, words_of(answer)
        )
        refusal = refused(
            Step.REFRESH, meaning, answer, hidden, response=response, at=self._clock()
        )
        if meaning is Meaning.GRANT:
            refusal.explanation = self._renewal.dead
        return refusal

    def _signed(self, redemption: Redemption, moment: datetime) -> tuple[Request, tuple[str, ...]]:
        """The request, and what in its proof must not be seen."""
        value, hidden = _proven(redemption, moment)
        headers = {
            "Accept": "application/json",
            "Content-Type": _FORM,
            **redemption.headers,
            "Authorization": value,
        }
        content = urlencode(redemption.fields).encode()
        return Request("POST", redemption.url, headers, content), hidden


def _proven(redemption: Redemption, moment: datetime) -> tuple[str, tuple[str, ...]]:
    """The value of the header, and what in it must not be seen."""
    proof = redemption.proof
    if isinstance(proof, SchemeProof):
        secret = proof.secret.get_secret_value()
        return f"{proof.scheme} {secret}", (secret,)
    if isinstance(proof, UserProof):
        pair = b64encode(f"{proof.name}:".encode()).decode()
        return f"Basic {pair}", (pair,)
    value = header(
        "POST",
        redemption.url,
        redemption.fields.items(),
        proof,
        timestamp=int(moment.timestamp()),
        nonce=token_hex(16),
    )
    secrets = (proof.consumer_secret, proof.token, proof.token_secret)
    return value, (value, *(secret.get_secret_value() for secret in secrets))
