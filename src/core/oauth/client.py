"""One client of one authorization server.

Sources: RFC 6749 (authorization code, refresh), RFC 7636 (PKCE), RFC 7009 (revocation).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urljoin

from pydantic import SecretStr

from src.core.oauth import requests
from src.core.oauth.answers import (
    MAX_ANSWER_BYTES,
    TokenGrant,
    Unreadable,
    read_grant,
    read_object,
    split_scopes,
    words_of,
)
from src.core.oauth.errors import ClientRefused, GrantDead, OAuthError, RequestRefused
from src.core.oauth.flow import Former, PkcePair
from src.core.oauth.refusals import is_good, refused, unanswered, unreadable
from src.core.oauth.requests import OAuth2App
from src.core.oauth.spec import GrantedScopes, Meaning, OAuth2Spec, Revocation, Step
from src.core.outbound import Outbound, OutboundError, Request, Response
from src.core.waits import provider_clock
from src.models.base import now

DEADLINE = 20.0


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The two halves of a grant."""

    access: SecretStr
    refresh: SecretStr | None

    def sent(self, revocation: Revocation) -> SecretStr | None:
        """The one that this way takes; None if it is not there."""
        kept = {"access": self.access, "refresh": self.refresh}
        return kept.get(revocation.sends, self.refresh or self.access)


class OAuth2Client:
    """Asks one authorization server for one app, each time once.

    Nothing is repeated: a code or a refresh token may be good for a single request, and only the
    caller knows what depends on it.
    """

    def __init__(
        self,
        outbound: Outbound,
        spec: OAuth2Spec,
        app: OAuth2App,
        *,
        operator_address: bool = False,
        deadline: float = DEADLINE,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Use these addresses and this app, which come from one level and are never mixed.

        Args:
            outbound: The door to the world.
            spec: The provider.
            app: Its client id and secret.
            operator_address: The addresses are the operator's, so they may be private or http.
            deadline: Seconds for one request.
            clock: The present moment.
        """
        self._outbound = outbound
        self._spec = spec
        self._app = app
        self._operator_address = operator_address
        self._deadline = deadline
        self._clock = clock

    @property
    def spec(self) -> OAuth2Spec:
        """The provider."""
        return self._spec

    @property
    def deadline(self) -> float:
        """Seconds for one request."""
        return self._deadline

    def authorize_url(
        self,
        *,
        redirect_uri: str,
        state: str,
        scopes: Sequence[str] = (),
        pkce: PkcePair | None = None,
        former: Former | None = None,
    ) -> str:
        """The address that the user's browser is sent to.

        Args:
            redirect_uri: Where it comes back to.
            state: What it brings along.
            scopes: What is asked for.
            pkce: The pair, of which the challenge is sent.
            former: The authorization that this one follows, if there is one.

        Raises:
            ValueError: A PKCE pair is missing, or the provider knows none.
        """
        return requests.authorize_url(
            self._spec,
            self._app,
            redirect_uri=redirect_uri,
            state=state,
            scopes=scopes,
            pkce=pkce,
            former=former,
        )

    def callback_refusal(self, error: str, description: str | None = None) -> OAuthError:
        """What the ``error`` of a callback means (RFC 6749 §4.1.2.1), to be raised."""
        answer = {"error": error, "error_description": description}
        meaning = self._spec.meaning(Step.AUTHORIZE, None, (error,))
        return refused(
            Step.AUTHORIZE,
            meaning,
            answer,
            self._app.secrets(),
            response=None,
            at=self._clock(),
        )

    async def exchange(
        self,
        *,
        code: SecretStr,
        redirect_uri: str,
        code_verifier: SecretStr | None = None,
        requested_scopes: Sequence[str] = (),
        callback_scope: str | None = None,
    ) -> TokenGrant:
        """Turn a code into tokens (RFC 6749 §4.1.3).

        Args:
            code: From the callback.
            redirect_uri: The same as in the authorize address.
            code_verifier: Of the PKCE pair, if there was one.
            requested_scopes: They hold where the provider does not tell the granted ones.
            callback_scope: The callback's ``scope``, for a provider that tells them there.

        Raises:
            CodeRefused: The code is wrong, used or too old.
            ClientRefused: The app is not accepted.
            RequestRefused: The request is not accepted.
            TokenTypeUnsupported: The tokens cannot be used.
            ProviderOutage: The provider cannot answer, or its answer is lost.
        """
        fields = {
            "grant_type": "authorization_code",
            "code": code.get_secret_value(),
            "redirect_uri": redirect_uri,
            **self._spec.exchange_params,
        }
        sent = [code]
        if code_verifier is not None:
            fields["code_verifier"] = code_verifier.get_secret_value()
            sent.append(code_verifier)
        grant = await self._token(Step.EXCHANGE, fields, sent)
        return replace(
            grant,
            scopes=self._granted(grant, requested_scopes, callback_scope),
            refresh_expires_at=grant.refresh_expires_at if grant.refresh_token else None,
        )

    async def refresh(self, refresh_token: SecretStr) -> TokenGrant:
        """Get a new access token (RFC 6749 §6). What the grant leaves out stays as it was.

        Raises:
            GrantDead: The refresh token is no longer good.
            ClientRefused: The app is not accepted.
            RequestRefused: The request is not accepted.
            TokenTypeUnsupported: The tokens cannot be used.
            ProviderOutage: The provider cannot answer, or its answer is lost; if it
                ``may_have_happened``, a token that rotates may be replaced already.
        """
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token.get_secret_value(),
            **self._spec.refresh_params,
        }
        grant = await self._token(Step.REFRESH, fields, [refresh_token])
        told = self._spec.granted_scopes is GrantedScopes.ANSWER
        return grant if told else replace(grant, scopes=None)

    @property
    def revokes_alone(self) -> bool:
        """Whether giving tokens back harms no other grant of the same account."""
        revocation = self._spec.revocation
        return revocation is not None and revocation.ends_alone

    async def revoke(
        self, *, access_token: SecretStr, refresh_token: SecretStr | None = None
    ) -> bool:
        """Give the tokens back. False if the provider has no way, or wants one that is not there.

        A token that the provider does not know any more counts as revoked (RFC 7009 §2.2).

        Raises:
            ClientRefused: The app is not accepted.
            RequestRefused: The request is not accepted.
            ProviderOutage: The provider cannot answer, or its answer is lost.
        """
        revocation = self._spec.revocation
        if revocation is None:
            return False
        tokens = _Tokens(access_token, refresh_token)
        try:
            return await self._revoke(revocation, tokens)
        except (ClientRefused, RequestRefused):
            other = revocation.otherwise
            if other is None:
                raise
            there = replace(other, url=urljoin(revocation.url, other.url))
            if not await self._revoke(there, tokens, is_last_resort=True):
                raise
            return True

    async def _revoke(
        self, revocation: Revocation, tokens: _Tokens, *, is_last_resort: bool = False
    ) -> bool:
        """Give one of the tokens back in one way; see ``revoke``."""
        token = tokens.sent(revocation)
        if token is None:
            return False
        kind = "refresh_token" if token is tokens.refresh else "access_token"
        response = await self._send(
            requests.revoke_request(self._spec, self._app, revocation, token, kind)
        )
        unknown = revocation.signed_by_token and response.status == HTTPStatus.UNAUTHORIZED
        if unknown and is_last_resort:
            # The access token may be over while the grant, which the first way meant, lives.
            return False
        if unknown and revocation.renews and tokens.refresh is not None:
            # Only the access token may have ended, and the grant would go on.
            return await self._revoke_renewed(revocation, tokens.refresh)
        if is_good(response.status) or unknown:
            return True
        try:
            answer = read_object(response)
        except Unreadable:
            answer = {}
        meaning = self._spec.meaning(Step.REVOKE, response.status, words_of(answer))
        if meaning is Meaning.GRANT:
            return True
        raise refused(
            Step.REVOKE,
            meaning,
            answer,
            self._app.secrets(token),
            response=response,
            at=self._clock(),
        )

    async def _revoke_renewed(self, revocation: Revocation, refresh_token: SecretStr) -> bool:
        """The same with a new access token; a grant that gives none is over."""
        try:
            grant = await self.refresh(refresh_token)
        except GrantDead:
            return True
        return await self._revoke(revocation, _Tokens(grant.access_token, None))

    async def _token(
        self, step: Step, fields: dict[str, str], sent: Sequence[SecretStr]
    ) -> TokenGrant:
        asked_at = self._clock()
        response = await self._send(requests.token_request(self._spec, self._app, fields))
        try:
            answer = read_object(response)
            # GitHub refuses with status 200.
            if is_good(response.status) and not answer.get("error"):
                clock = provider_clock(response.headers, asked_at)
                return read_grant(answer, self._spec, asked_at, clock)
        except Unreadable as error:
            raise unreadable(error, response, self._clock()) from None
        meaning = self._spec.meaning(step, response.status, words_of(answer))
        secrets = self._app.secrets(*sent)
        refusal = refused(step, meaning, answer, secrets, response=response, at=self._clock())
        refusal.explanation = self._spec.explanation(step, response.status, words_of(answer))
        raise refusal

    async def _send(self, request: Request) -> Response:
        try:
            return await self._outbound.send(
                request,
                operator_address=self._operator_address,
                deadline=self._deadline,
                max_bytes=MAX_ANSWER_BYTES,
            )
        except OutboundError as error:
            # Its cause holds the request, and that the secrets.
            raise unanswered(error) from None

    def _granted(
        self, grant: TokenGrant, requested: Sequence[str], callback_scope: str | None
    ) -> tuple[str, ...] | None:
        where = self._spec.granted_scopes
        if where is GrantedScopes.CALLBACK:
            told = callback_scope
            return None if told is None else split_scopes(told, self._spec.granted_separator)
        if where is GrantedScopes.ANSWER and grant.scopes is not None:
            return grant.scopes
        return tuple(requested) or None
