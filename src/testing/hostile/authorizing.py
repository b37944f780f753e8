"""A grant of the sandbox's authorization server, got as a person gets one in a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from pydantic import SecretStr

from src.connectors.manifest import AuthMethod
from src.core.oauth import OAuth2App, OAuth2Client, OAuth2Spec, Pkce, PkcePair, TokenGrant
from src.core.outbound import Outbound
from src.models.base import now
from src.testing.bench import Bench, expect, refuse
from src.testing.wires import Wires

_DEADLINE = 20.0
_INPUT = re.compile(r'name="(account|scope)" value="([^"]*)"')
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(slots=True)
class Authorization:
    """A grant, and the client that renews it."""

    bench: Bench
    method: AuthMethod
    spec: OAuth2Spec
    app: OAuth2App
    grant: TokenGrant
    life: float | None = None
    """For how many seconds the access token seems to live."""

    @property
    def wires(self) -> Wires:
        """The way to the sandbox."""
        return self.bench.wires

    @property
    def token_path(self) -> str:
        """Where tokens are given out, as faults name it."""
        return re.escape(urlsplit(self.spec.token_url).path) + "$"

    @property
    def refresh_token(self) -> SecretStr:
        """The one that is good now."""
        if self.grant.refresh_token is None:
            refuse("there is no refresh token")
        return self.grant.refresh_token

    def client(self, deadline: float | None = None) -> OAuth2Client:
        """Asks the authorization server of the sandbox."""
        return OAuth2Client(
            Outbound(self.wires),
            self.spec,
            self.app,
            operator_address=True,
            deadline=deadline or _DEADLINE,
        )

    async def renew(self) -> TokenGrant:
        """Refresh, and keep what the answer leaves out, as the service does."""
        given = await self.client().refresh(self.refresh_token)
        kept = given.refresh_token or self.grant.refresh_token
        self.grant = TokenGrant(given.access_token, kept, given.expires_at)
        self.life = _life(given)
        return given

    async def change_app(self, **changes: Any) -> None:
        """Let the provider treat the app otherwise."""
        path = f"/oauth/apps/{self.app.client_id}"
        answer = await self.wires.control("PUT", path, changes)
        expect(answer.is_success, f"the sandbox refuses {changes}: {answer.text[:200]}")


async def authorize(bench: Bench, method: AuthMethod) -> Authorization:
    """Send a browser to the consent page, approve everything, and exchange the code."""
    app, spec = bench.loaded.manifest.sandbox_app, method.oauth2
    if app is None or spec is None:
        refuse(
            "name an OAuth app that the sandbox knows in manifest.sandbox_app, and build its"
            " authorization server with src.sandbox.kit.oauth"
        )
    moved = spec.with_addresses(
        authorize_url=bench.wires.url(urlsplit(spec.authorize_url).path),
        token_url=bench.wires.url(urlsplit(spec.token_url).path),
    )
    at = Authorization(bench, method, moved, app, TokenGrant(SecretStr("")))
    redirect_uri = await _redirect_uri(at)
    pkce = None if spec.pkce is Pkce.NO else PkcePair.new()
    rules = bench.loaded.manifest.scopes
    scopes = tuple(dict.fromkeys((*rules.default, *rules.always)))
    url = at.client().authorize_url(
        redirect_uri=redirect_uri, state="hostile", scopes=scopes, pkce=pkce
    )
    back = await _approve(bench.wires, url)
    at.grant = await at.client().exchange(
        code=SecretStr(back["code"]),
        redirect_uri=redirect_uri,
        code_verifier=pkce.code_verifier if pkce else None,
        requested_scopes=scopes,
        callback_scope=back.get("scope"),
    )
    at.life = _life(at.grant)
    return at


async def _redirect_uri(at: Authorization) -> str:
    answer = await at.wires.control("GET", f"/oauth/apps/{at.app.client_id}")
    expect(
        answer.is_success,
        "the sandbox does not know manifest.sandbox_app: build its authorization server with"
        " src.sandbox.kit.oauth, and hand its controls to the Provider",
    )
    return str(answer.json()["redirect_uris"][0])


async def _approve(wires: Wires, url: str) -> dict[str, str]:
    page = await wires.visit(httpx.Request("GET", url))
    expect(
        page.is_success,
        f"the sandbox has no consent page at {urlsplit(url).path}, where the manifest's"
        f" OAuth2Spec.authorize_url leads (it answers {page.status_code}: {page.text[:200]})."
        " Give its authorization server the paths of the manifest's addresses, what stands before"
        " them in the API's included (authorize_path and token_path of src.sandbox.kit.oauth)",
    )
    fields = [(name, unescape(value)) for name, value in _INPUT.findall(page.text)]
    accounts = [pair for pair in fields if pair[0] == "account"][:1]
    ticked = [pair for pair in fields if pair[0] == "scope"]
    form = urlencode([*accounts, *ticked, ("decision", "approve")]).encode()
    answer = await wires.visit(httpx.Request("POST", url, content=form, headers=_FORM))
    expect(
        answer.status_code == HTTPStatus.SEE_OTHER,
        f"the consent page does not send the browser back: {answer.text[:200]}",
    )
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    back = {name: values[0] for name, values in query.items()}
    expect("code" in back, f"the authorization was refused: {back.get('error')}")
    return back


def _life(grant: TokenGrant) -> float | None:
    return None if grant.expires_at is None else (grant.expires_at - now()).total_seconds()
