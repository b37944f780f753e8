"""What a client sends: the authorize address, the token request, the revocation."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr

from src.core.oauth.flow import CODE_CHALLENGE_METHOD, Former, PkcePair
from src.core.oauth.spec import (
    BodyFormat,
    ClientAuthentication,
    OAuth2Spec,
    Pkce,
    Revocation,
)
from src.core.outbound import Request

_CONTENT_TYPES = {
    BodyFormat.FORM: "application/x-www-form-urlencoded",
    BodyFormat.JSON: "application/json",
}


@dataclass(frozen=True, slots=True)
class OAuth2App:
    """An app as its provider knows it. Its ``repr`` shows no secret."""

    client_id: str
    client_secret: SecretStr | None = None

    @property
    def basic(self) -> str:
        """RFC 6749 §2.3.1: both are form-encoded first, since either may hold a colon."""
        secret = self.client_secret.get_secret_value() if self.client_secret else ""
        return b64encode(f"{quote_plus(self.client_id)}:{quote_plus(secret)}".encode()).decode()

    def secrets(self, *sent: SecretStr) -> tuple[str, ...]:
        """Everything that an answer may repeat of a request, also as it stood on the wire."""
        own = () if self.client_secret is None else (self.client_secret,)
        plain = [secret.get_secret_value() for secret in (*sent, *own)]
        written = [form for text in plain for form in (quote_plus(text), json.dumps(text)[1:-1])]
        return (*plain, *written, *((self.basic,) if own else ()))


def authorize_url(
    spec: OAuth2Spec,
    app: OAuth2App,
    *,
    redirect_uri: str,
    state: str,
    scopes: Sequence[str],
    pkce: PkcePair | None,
    former: Former | None = None,
) -> str:
    """The address that the browser is sent to (RFC 6749 §4.1.1, RFC 7636 §4.3).

    Raises:
        ValueError: A PKCE pair is missing, or the provider knows none.
    """
    if pkce is None and spec.pkce is Pkce.REQUIRED:
        raise ValueError("the provider requires PKCE")
    if pkce is not None and spec.pkce is Pkce.NO:
        raise ValueError("the provider knows no PKCE")
    params = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        **spec.authorize_params,
        **_after(spec, former),
    }
    if scopes:
        params["scope"] = spec.scope_separator.join(scopes)
    if pkce is not None:
        params["code_challenge"] = pkce.code_challenge
        params["code_challenge_method"] = CODE_CHALLENGE_METHOD
    address = urlsplit(spec.authorize_url)
    query = "&".join(filter(None, (address.query, urlencode(params, quote_via=quote))))
    return urlunsplit(address._replace(query=query, fragment=""))


def _after(spec: OAuth2Spec, former: Former | None) -> dict[str, str]:
    """What is asked for because of what was authorized before, or because nothing was."""
    if former is None:
        return dict(spec.consent_params)
    params = dict(spec.incremental_params)
    if not former.lives:
        params |= spec.consent_params
    if spec.hint_param is not None and former.account_id is not None:
        params[spec.hint_param] = former.account_id
    return params


def token_request(spec: OAuth2Spec, app: OAuth2App, fields: Mapping[str, str]) -> Request:
    """A request to the token address (RFC 6749 §4.1.3, §6)."""
    return _request(
        spec,
        app,
        "POST",
        spec.token_url,
        fields,
        body=spec.body,
        authentication=spec.client_authentication,
    )


def revoke_request(
    spec: OAuth2Spec, app: OAuth2App, revocation: Revocation, token: SecretStr, kind: str
) -> Request:
    """A request to give back a token; ``kind`` is its name in RFC 7009 §2.1."""
    url = revocation.url.replace("{client_id}", quote(app.client_id, safe=""))
    if revocation.signed_by_token:
        signed = {"Authorization": f"Bearer {token.get_secret_value()}"}
        return Request(revocation.method, url, _headers(spec) | signed)
    fields = {revocation.field: token.get_secret_value()}
    if revocation.hint:
        fields["token_type_hint"] = kind
    return _request(
        spec,
        app,
        revocation.method,
        url,
        fields,
        body=revocation.body,
        authentication=revocation.client_authentication,
    )


def _headers(spec: OAuth2Spec) -> dict[str, str]:
    return {"Accept": "application/json", **spec.headers}


def _request(
    spec: OAuth2Spec,
    app: OAuth2App,
    method: str,
    url: str,
    fields: Mapping[str, str],
    *,
    body: BodyFormat,
    authentication: ClientAuthentication,
) -> Request:
    headers = _headers(spec) | {"Content-Type": _CONTENT_TYPES[body]}
    if authentication is ClientAuthentication.BASIC and app.client_secret is not None:
        headers["Authorization"] = f"Basic {app.basic}"
    elif authentication is not ClientAuthentication.NONE:
        fields = {**fields, "client_id": app.client_id}
        if app.client_secret is not None:
            fields["client_secret"] = app.client_secret.get_secret_value()
    content = json.dumps(fields) if body is BodyFormat.JSON else urlencode(fields)
    return Request(method, url, headers, content.encode())
