"""The authorization address: the browser comes, a user decides, the browser goes back."""

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import msgspec
from starlette.responses import RedirectResponse

from src.sandbox.kit.dialect import Refused
from src.sandbox.kit.oauth.apps import Apps, is_registered
from src.sandbox.kit.oauth.consent import consent_page, error_page
from src.sandbox.kit.oauth.fields import BadFields, Fields, read_query
from src.sandbox.kit.oauth.ledger import Code, Grant, Ledger
from src.sandbox.kit.oauth.spec import OAuthApp, OAuthServerSpec, Pkce, ScopesTold

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_SEE_OTHER = 303
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url without padding (RFC 7636 §4.2)."""


class _Asked(msgspec.Struct, frozen=True):
    """An authorize request that may be answered by redirect."""

    app: OAuthApp
    redirect_uri: str
    names_redirect_uri: bool
    fields: Fields


class AuthorizeAddress:
    """Serves the consent page and what follows from it."""

    def __init__(self, spec: OAuthServerSpec, apps: Apps, ledger: Ledger) -> None:
        """Share apps and ledger with the token address."""
        self._spec = spec
        self._apps = apps
        self._ledger = ledger

    async def ask(self, request: "Request") -> "Response":
        """Show the consent page."""
        asked = await self._read(request)
        scopes = self._scopes(asked)
        self._challenge(asked)
        shown = [scope for scope in scopes if scope != self._spec.offline_scope]
        return consent_page(self._spec, asked.app, shown, asked.redirect_uri)

    async def decide(self, request: "Request") -> "Response":
        """Send the browser back with a code, or with the user's no."""
        asked = await self._read(request)
        scopes = self._scopes(asked)
        challenge = self._challenge(asked)
        body = (await request.body()).decode("utf-8", "replace")
        choices = parse_qsl(body, max_num_fields=100)
        match [value for name, value in choices if name == "decision"]:
            case ["cancel"]:
                raise _back(asked, "access_denied", "The user has denied your application access.")
            case ["approve"]:
                pass
            case _:
                raise Refused(error_page("Neither approved nor cancelled."))
        account = self._spec.account(dict(choices).get("account", ""))
        if account is None:
            raise Refused(error_page("There is no such account."))
        ticked = {value for name, value in choices if name == "scope"}
        granted = tuple(scope for scope in scopes if self._is_granted(scope, ticked))
        offline = True
        if self._spec.joins_grants:
            former = await self._ledger.scopes_of(asked.app.client_id, account.id)
            offline = _is_offline(asked, granted, former)
            if asked.fields.get("include_granted_scopes") == "true":
                granted = tuple(dict.fromkeys((*granted, *former)))
        grant = await self._ledger.open_grant(asked.app.client_id, account.id, granted)
        return await self._approved(asked, grant, challenge, offline=offline)

    async def _approved(
        self, asked: _Asked, grant: Grant, challenge: str | None, *, offline: bool
    ) -> "Response":
        code = await self._ledger.write_code(
            Code(
                grant.number,
                asked.redirect_uri,
                asked.names_redirect_uri,
                challenge,
                await self._ledger.now() + self._spec.code_lifetime,
                offline,
            )
        )
        answer = {"code": code}
        if self._spec.scopes_told is ScopesTold.CALLBACK:
            answer["scope"] = self._spec.granted_separator.join(grant.scopes)
        return _redirect(asked, answer)

    async def _read(self, request: "Request") -> _Asked:
        try:
            fields = read_query(request.url.query)
        except BadFields as error:
            raise Refused(error_page(f"The request cannot be read: {error}.")) from error
        app = await self._apps.find(fields.get("client_id", ""))
        if app is None:
            raise Refused(error_page("There is no app with this client_id.", 404))
        named = fields.get("redirect_uri")
        if named is None and len(app.redirect_uris) != 1:
            raise Refused(error_page("The redirect_uri is missing."))
        redirect_uri = named or app.redirect_uris[0]
        if not is_registered(app, redirect_uri):
            raise Refused(error_page("The redirect_uri is not registered for this app."))
        asked = _Asked(app, redirect_uri, named is not None, fields)
        kind = fields.get("response_type", "" if self._spec.needs_response_type else "code")
        if not kind:
            raise _back(asked, "invalid_request", "The response_type is missing.")
        if kind != "code":
            raise _back(asked, "unsupported_response_type", "Only code is supported.")
        return asked

    def _scopes(self, asked: _Asked) -> tuple[str, ...]:
        if not asked.app.has_scopes:
            return ()
        parts = asked.fields.get("scope", "").split(self._spec.scope_separator)
        scopes = tuple(dict.fromkeys(filter(None, parts)))
        known = {*self._spec.scopes, self._spec.offline_scope}
        if unknown := [scope for scope in scopes if scope not in known]:
            raise _back(asked, "invalid_scope", f"There is no scope {unknown[0]}.")
        return scopes

    def _challenge(self, asked: _Asked) -> str | None:
        if self._spec.pkce is Pkce.NONE:
            return None
        challenge = asked.fields.get("code_challenge")
        if challenge is None:
            if self._spec.pkce is Pkce.REQUIRED:
                raise _back(asked, "invalid_request", "A code_challenge is required.")
            return None
        # Without a method it would be plain (RFC 7636 §4.3).
        if asked.fields.get("code_challenge_method") != "S256":
            raise _back(asked, "invalid_request", "The code_challenge_method must be S256.")
        if not _CHALLENGE.fullmatch(challenge):
            raise _back(asked, "invalid_request", "The code_challenge is malformed.")
        return challenge

    def _is_granted(self, scope: str, ticked: set[str]) -> bool:
        sure = {*self._spec.sure_scopes, self._spec.offline_scope}
        return scope in ticked or scope in sure or not self._spec.may_untick


def _is_offline(asked: _Asked, granted: tuple[str, ...], former: tuple[str, ...]) -> bool:
    """Tell whether a refresh token comes: it is wanted, and the user is really asked."""
    is_asked = "consent" in asked.fields.get("prompt", "").split() or not {*granted} <= {*former}
    return asked.fields.get("access_type") == "offline" and is_asked


def _back(asked: _Asked, error: str, description: str) -> Refused:
    """Tell the app through the browser (RFC 6749 §4.1.2.1)."""
    return Refused(_redirect(asked, {"error": error, "error_description": description}))


def _redirect(asked: _Asked, answer: Fields) -> "Response":
    if "state" in asked.fields:
        answer = {**answer, "state": asked.fields["state"]}
    parts = urlsplit(asked.redirect_uri)
    query = "&".join(filter(None, (parts.query, urlencode(answer, quote_via=quote))))
    # Not 307, with which the browser would send the form along (RFC 9700 §4.12).
    location = urlunsplit(parts._replace(query=query))
    return RedirectResponse(location, _SEE_OTHER, headers={"cache-control": "no-store"})
