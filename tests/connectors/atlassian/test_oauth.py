"""Our OAuth client against the imitation of auth.atlassian.com: the walk, and how it can fail."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from src.connectors.atlassian.oauth import OAUTH
from src.core.oauth import (
    ClientRefused,
    CodeRefused,
    Denied,
    GrantDead,
    LostReply,
    OAuth2App,
    OAuth2Client,
    TokenGrant,
)
from src.core.outbound import Outbound
from src.sandbox.atlassian.oauth import app_of
from src.sandbox.jira.app import create_app
from src.sandbox.kit import MemoryStore
from tests.fakes.browser import ConsentPage, approve
from tests.fakes.network import Network

BASE = "http://jira.sandbox"
CALLBACK = "http://localhost:8000/api/connectors/jira/connect/callback"
SPEC = OAUTH.with_addresses(authorize_url=f"{BASE}/authorize", token_url=f"{BASE}/oauth/token")
SCOPES = ("read:jira-work", "offline_access")
APP = app_of("jira")


@dataclass
class Walk:
    """Our client, a browser, and the switches of the imitation."""

    network: Network
    browser: httpx.AsyncClient

    def client(self, secret: str = APP.client_secret) -> OAuth2Client:
        app = OAuth2App(APP.client_id, SecretStr(secret))
        return OAuth2Client(Outbound(self.network), SPEC, app, operator_address=True)

    def url(self, scopes: tuple[str, ...] = SCOPES) -> str:
        return self.client().authorize_url(redirect_uri=CALLBACK, state="s", scopes=scopes)

    async def connected(self, scopes: tuple[str, ...] = SCOPES) -> TokenGrant:
        came = await approve(self.browser, self.url(scopes))
        code = SecretStr(came["code"])
        return await self.client().exchange(code=code, redirect_uri=CALLBACK)

    async def ahead(self, seconds: int) -> None:
        await self.browser.put("/_sandbox/oauth/clock", json={"seconds_ahead": seconds})

    async def works(self, grant: TokenGrant) -> bool:
        token = grant.access_token.get_secret_value()
        answer = await self.browser.get(
            "/oauth/token/accessible-resources", headers={"authorization": f"Bearer {token}"}
        )
        return answer.status_code == 200


@pytest.fixture
async def walk() -> AsyncIterator[Walk]:
    app = create_app(MemoryStore())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as browser:
        yield Walk(Network({"jira.sandbox": app}), browser)


def held(grant: TokenGrant) -> SecretStr:
    assert grant.refresh_token is not None
    return grant.refresh_token


def test_how_long_things_live() -> None:
    assert OAUTH.rotates
    assert OAUTH.reuse_window == timedelta(minutes=10)
    assert OAUTH.refresh_lifetime == timedelta(days=90)


async def test_a_grant(walk: Walk) -> None:
    grant = await walk.connected()
    assert grant.scopes is not None
    assert set(grant.scopes) == set(SCOPES)
    assert grant.expires_at is not None
    assert await walk.works(grant)


async def test_the_token_request_is_json_with_the_secret_in_it(walk: Walk) -> None:
    await walk.connected()
    request = walk.network.requests[-1]
    assert request.headers["content-type"] == "application/json"
    assert "authorization" not in request.headers
    sent = json.loads(request.content)
    assert set(sent) == {"grant_type", "client_id", "client_secret", "code", "redirect_uri"}


async def test_without_its_scope_there_is_no_refresh_token(walk: Walk) -> None:
    assert (await walk.connected(("read:jira-work",))).refresh_token is None


async def test_a_refresh_token_rotates_and_the_former_works_for_ten_minutes(walk: Walk) -> None:
    first = await walk.connected()
    second = await walk.client().refresh(held(first))
    assert held(second) != held(first)
    await walk.ahead(590)
    again = await walk.client().refresh(held(first))
    assert await walk.works(again)
    await walk.ahead(610)
    with pytest.raises(GrantDead, match="unauthorized_client"):
        await walk.client().refresh(held(first))
    assert await walk.works(await walk.client().refresh(held(second)))


async def test_a_grant_that_nobody_uses_for_ninety_days_is_over(walk: Walk) -> None:
    grant = await walk.connected()
    await walk.ahead(89 * 86_400)
    grant = await walk.client().refresh(held(grant))
    await walk.ahead((89 + 91) * 86_400)
    with pytest.raises(GrantDead):
        await walk.client().refresh(held(grant))


async def test_a_grant_that_the_user_has_ended(walk: Walk) -> None:
    grant = await walk.connected()
    await walk.browser.delete("/_sandbox/oauth/grants")
    with pytest.raises(GrantDead):
        await walk.client().refresh(held(grant))
    assert not await walk.works(grant)


async def test_a_wrong_secret_is_never_a_dead_grant(walk: Walk) -> None:
    grant = await walk.connected()
    with pytest.raises(ClientRefused, match="access_denied"):
        await walk.client("wrong").refresh(held(grant))
    assert await walk.works(await walk.client().refresh(held(grant)))


async def test_a_code_that_is_none(walk: Walk) -> None:
    with pytest.raises(CodeRefused, match="invalid_grant"):
        await walk.client().exchange(code=SecretStr("nonsense"), redirect_uri=CALLBACK)


async def test_the_user_says_no(walk: Walk) -> None:
    came = await approve(walk.browser, walk.url(), "Cancel")
    error = walk.client().callback_refusal(came["error"], came["error_description"])
    assert isinstance(error, Denied)


async def test_single_permissions_cannot_be_taken_out(walk: Walk) -> None:
    page = ConsentPage.of(await walk.browser.get(walk.url()))
    assert page.values("scope") == []
    assert "read:jira-work" in page.text


async def test_there_is_nothing_to_revoke_at(walk: Walk) -> None:
    grant = await walk.connected()
    assert not await walk.client().revoke(access_token=grant.access_token)


@pytest.mark.parametrize("body", [b'{"error":"invalid_grant"}', b'{"error":"unauthorized_client"}'])
async def test_both_words_of_a_dead_grant(body: bytes) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(403, content=body)

    app = OAuth2App("id", SecretStr("secret-of-the-app"))
    client = OAuth2Client(Outbound(httpx.MockTransport(handler)), OAUTH, app)
    with pytest.raises(GrantDead):
        await client.refresh(SecretStr("refresh-token-of-somebody"))


async def test_a_lost_reply_is_made_good_inside_the_window(walk: Walk) -> None:
    grant = await walk.connected()
    fault: list[dict[str, Any]] = [{"kind": "cut", "path": "/oauth/token", "times": 1}]
    await walk.browser.put("/_sandbox/faults", json=fault)
    with pytest.raises(LostReply):
        await walk.client().refresh(held(grant))
    assert await walk.works(await walk.client().refresh(held(grant)))
