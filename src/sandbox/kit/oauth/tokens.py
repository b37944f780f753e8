"""The token address: codes and refresh tokens come, tokens go."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import Response

from src.sandbox.kit.answers import json_answer
from src.sandbox.kit.dialect import Refused
from src.sandbox.kit.oauth.apps import Apps
from src.sandbox.kit.oauth.fields import (
    BadFields,
    Credentials,
    Fields,
    read_body,
    read_credentials,
)
from src.sandbox.kit.oauth.ledger import Code, Grant, Issued, Ledger
from src.sandbox.kit.oauth.spec import (
    ClientAuthentication,
    OAuthApp,
    OAuthServerSpec,
    Pkce,
    Refusal,
    ScopesTold,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant type
_FORM = "application/x-www-form-urlencoded; charset=utf-8"
_NO_CONTENT = 204
_UNAUTHORIZED = 401


class TokenAddress:
    """Gives out tokens, renews them and takes them back."""

    def __init__(self, spec: OAuthServerSpec, apps: Apps, ledger: Ledger) -> None:
        """Share apps and ledger with the authorization address."""
        self._spec = spec
        self._apps = apps
        self._ledger = ledger

    async def give(self, request: "Request") -> Response:
        """Answer a token request."""
        app, fields = await self._authenticated(request)
        usual = "" if self._spec.needs_grant_type else AUTHORIZATION_CODE
        match fields.get("grant_type", usual):
            case "authorization_code" as grant_type:
                grant, issued = await self._exchange(request, app, fields)
            case "refresh_token" as grant_type:
                grant, issued = await self._refresh(request, app, fields)
            case "":
                raise self._refused(request, Refusal.REQUEST)
            case _:
                raise self._refused(request, Refusal.GRANT_TYPE)
        return self._answer(request, self._told(app, grant, issued, grant_type))

    async def take_back(self, request: "Request") -> Response:
        """Answer a revocation; a token that nobody knows is revoked already (RFC 7009 §2.2)."""
        client_id = None
        if self._spec.revokes_for_anybody:
            fields = await self._anybodys(request)
        else:
            app, fields = await self._authenticated(request, self._spec.revoke_authentication)
            client_id = app.client_id
        text = fields.get(self._spec.revoke_field)
        if text is None:
            raise self._refused(request, Refusal.REQUEST)
        found = await self._ledger.refresh_token(text) or await self._ledger.access_token(text)
        grant = await self._ledger.grant(found.grant) if found else None
        if grant is not None and client_id in {None, grant.client_id}:
            await self._end(grant)
        elif Refusal.REVOKED_TOKEN in self._spec.wordings:
            raise self._refused(request, Refusal.REVOKED_TOKEN)
        if self._spec.revoke_status == _NO_CONTENT:
            return Response(status_code=_NO_CONTENT)
        return json_answer({}, self._spec.revoke_status)

    async def _end(self, grant: Grant) -> None:
        if self._spec.joins_grants:
            await self._ledger.end_grants_of(grant.client_id, grant.account)
        else:
            await self._ledger.end_grant(grant.number)

    async def _anybodys(self, request: "Request") -> Fields:
        try:
            return (await read_body(request))[0]
        except BadFields as error:
            raise self._refused(request, Refusal.REQUEST) from error

    async def app_of(self, credentials: Credentials | None) -> OAuthApp | None:
        """Return the app that has proven itself."""
        if credentials is None:
            return None
        app = await self._apps.find(credentials.client_id)
        if app is None or not credentials.prove(app.client_secret):
            return None
        return app

    async def _authenticated(
        self, request: "Request", among: frozenset[ClientAuthentication] | None = None
    ) -> tuple[OAuthApp, Fields]:
        try:
            fields, way = await read_body(request)
            credentials = read_credentials(request, fields, way)
        except BadFields as error:
            raise self._refused(request, Refusal.REQUEST) from error
        app = await self.app_of(credentials)
        ways = self._spec.client_authentication if among is None else among
        if app is None or credentials is None or credentials.way not in ways:
            raise self._refused(request, Refusal.CLIENT)
        return app, fields

    async def _exchange(
        self, request: "Request", app: OAuthApp, fields: Fields
    ) -> tuple[Grant, Issued]:
        text = fields.get("code")
        if text is None:
            raise self._refused(request, Refusal.REQUEST)
        code = await self._ledger.code(text)
        grant = await self._ledger.grant(code.grant) if code else None
        if code is None or grant is None or grant.client_id != app.client_id:
            raise self._refused(request, Refusal.CODE)
        if not await self._ledger.use_code(text):
            # Whoever was first may have been a thief (RFC 6749 §4.1.2).
            await self._ledger.end_grant(grant.number)
            raise self._refused(request, Refusal.CODE)
        if (why := await self._fault_of(code, fields)) is not None:
            raise self._refused(request, why)
        return grant, await self._issue(app, grant, offline=code.offline)

    async def _fault_of(self, code: Code, fields: Fields) -> Refusal | None:
        """Return what is wrong with a request that has the right code."""
        if code.expires_at <= await self._ledger.now():
            return Refusal.CODE
        may_lack = not (code.names_redirect_uri and self._spec.needs_redirect_uri)
        if fields.get("redirect_uri", code.redirect_uri if may_lack else "") != code.redirect_uri:
            return Refusal.REDIRECT_URI
        if self._spec.pkce is Pkce.NONE or _matches(code.challenge, fields.get("code_verifier")):
            return None
        return Refusal.VERIFIER

    async def _refresh(
        self, request: "Request", app: OAuthApp, fields: Fields
    ) -> tuple[Grant, Issued]:
        text = fields.get("refresh_token")
        if text is None:
            raise self._refused(request, Refusal.REQUEST)
        token = await self._ledger.refresh_token(text)
        grant = await self._ledger.grant(token.grant) if token else None
        if token is None or grant is None or grant.client_id != app.client_id:
            raise self._refused(request, Refusal.REFRESH_TOKEN)
        if app.rotates and not await self._ledger.use_refresh_token(text, app.reuse_window):
            raise self._refused(request, Refusal.REFRESH_TOKEN)
        if self._spec.replaces_access_token:
            await self._ledger.drop_access_key(token.access)
        if app.rotates:
            return grant, await self._issue(app, grant)
        return grant, await self._ledger.issue(app, grant, refreshable=False)

    async def _issue(self, app: OAuthApp, grant: Grant, *, offline: bool = True) -> Issued:
        wanted = self._spec.offline_scope
        refreshable = offline and app.refreshes and (wanted is None or wanted in grant.scopes)
        return await self._ledger.issue(app, grant, refreshable=refreshable)

    def _told(self, app: OAuthApp, grant: Grant, issued: Issued, grant_type: str) -> dict[str, Any]:
        told: dict[str, Any] = {
            "access_token": issued.access_token,
            "token_type": self._spec.token_type,
        }
        if app.access_lifetime is not None:
            told["expires_in"] = app.access_lifetime
            if self._spec.tells_expires_at:
                told["expires_at"] = int(issued.at) + app.access_lifetime
        if issued.refresh_token is not None:
            told["refresh_token"] = issued.refresh_token
            if self._spec.tells_refresh_lifetime and app.refresh_lifetime is not None:
                told["refresh_token_expires_in"] = app.refresh_lifetime
        if self._spec.scopes_told is ScopesTold.ANSWER:
            scopes = self._spec.normalized(grant.scopes)
            named = (self._spec.told_as.get(scope, scope) for scope in scopes)
            told["scope"] = self._spec.granted_separator.join(named)
        account = self._spec.account(grant.account)
        return told if account is None else {**told, **self._spec.more(account, grant_type)}

    def _refused(self, request: "Request", refusal: Refusal) -> Refused:
        words = self._spec.worded(refusal)
        answer = self._answer(request, words.body, words.status)
        if words.status == _UNAUTHORIZED and "authorization" in request.headers:
            answer.headers["www-authenticate"] = f'Basic realm="{self._spec.provider}"'
        return Refused(answer)

    def _answer(
        self, request: "Request", told: "Mapping[str, Any]", status: int | None = None
    ) -> Response:
        status = self._spec.answer_status if status is None else status
        in_json = "json" in request.headers.get("accept", "")
        if self._spec.answers_in_form and not in_json:
            answer = Response(urlencode(told), status, media_type=_FORM)
        else:
            answer = json_answer(told, status)
        # RFC 6749 §5.1.
        answer.headers["cache-control"] = "no-store"
        return answer


def _matches(challenge: str | None, verifier: str | None) -> bool:
    """Check RFC 7636 §4.6; a verifier without a challenge is a downgrade (RFC 9700 §4.8.2)."""
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    digest = sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return compare_digest(urlsafe_b64encode(digest).rstrip(b"="), challenge.encode())
