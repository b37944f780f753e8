"""Our OAuth client against the imitation: the whole walk, and each way in which it can fail."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from src.core.oauth import (
    ClientRefused,
    CodeRefused,
    Denied,
    GrantDead,
    LateReply,
    LostReply,
    OAuth2App,
    OAuth2Client,
    PkcePair,
    ProviderOutage,
    Throttled,
    TokenGrant,
    new_state,
)
from src.core.outbound import Outbound
from src.sandbox.github.app import create_app
from src.sandbox.github.oauth import GITHUB_APP, OAUTH_APP
from src.sandbox.kit import MemoryStore
from src.sandbox.kit.oauth import OAuthApp
from tests.core.oauth_providers import GITHUB
from tests.fakes.browser import approve
from tests.fakes.network import Network

BASE = "http://github.sandbox"
CALLBACK = "http://localhost:8000/api/connectors/github/connect/callback"
SPEC = GITHUB.with_addresses(
    authorize_url=f"{BASE}/login/oauth/authorize",
    token_url=f"{BASE}/login/oauth/access_token",
    revoke_url=f"{BASE}/applications/{{client_id}}/token",
)


@dataclass
class Walk:
    """Our client, a browser, and the switches of the imitation."""

    network: Network
    browser: httpx.AsyncClient

    def client(
        self, app: OAuthApp = GITHUB_APP, *, secret: str | None = None, deadline: float = 20
    ) -> OAuth2Client:
        ours = OAuth2App(app.client_id, SecretStr(secret or app.client_secret))
        return OAuth2Client(
            Outbound(self.network), SPEC, ours, operator_address=True, deadline=deadline
        )

    async def connected(self, app: OAuthApp = GITHUB_APP, **choice: Any) -> TokenGrant:
        client, pkce, state = self.client(app), PkcePair.new(), new_state()
        url = client.authorize_url(
            redirect_uri=CALLBACK, state=state, scopes=("repo", "read:org"), pkce=pkce
        )
        callback = await approve(self.browser, url, **choice)
        assert callback["state"] == state
        return await client.exchange(
            code=SecretStr(callback["code"]),
            redirect_uri=CALLBACK,
            code_verifier=pkce.code_verifier,
            requested_scopes=("repo", "read:org"),
        )

    async def login(self, grant: TokenGrant) -> str | None:
        token = grant.access_token.get_secret_value()
        answer = await self.browser.get("/user", headers={"authorization": f"Bearer {token}"})
        return answer.json().get("login")

    async def fault(self, **fault: Any) -> None:
        faults = [{"path": "/login/oauth/access_token", "times": 1, **fault}]
        (await self.browser.put("/_sandbox/faults", json=faults)).raise_for_status()


@pytest.fixture
async def walk() -> AsyncIterator[Walk]:
    app = create_app(MemoryStore())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as browser:
        yield Walk(Network({"github.sandbox": app}), browser)


def held(grant: TokenGrant) -> SecretStr:
    assert grant.refresh_token is not None
    return grant.refresh_token


async def test_the_oauth_app(walk: Walk) -> None:
    grant = await walk.connected(OAUTH_APP, account="hubot", without=("repo",))
    assert (grant.scopes, grant.refresh_token, grant.expires_at) == (("read:org",), None, None)
    assert await walk.login(grant) == "hubot"
    assert await walk.client(OAUTH_APP).revoke(access_token=grant.access_token)
    assert await walk.login(grant) is None
    assert await walk.client(OAUTH_APP).revoke(access_token=grant.access_token)


async def test_the_github_app(walk: Walk) -> None:
    first = await walk.connected()
    assert first.expires_at is not None
    assert first.refresh_expires_at is not None
    second = await walk.client().refresh(held(first))
    assert await walk.login(first) is None
    assert await walk.login(second) == "octocat"
    with pytest.raises(GrantDead, match="bad_refresh_token"):
        await walk.client().refresh(held(first))


async def test_the_user_says_no(walk: Walk) -> None:
    client = walk.client()
    url = client.authorize_url(redirect_uri=CALLBACK, state="s")
    callback = await approve(walk.browser, url, "Cancel")
    error = client.callback_refusal(callback["error"], callback["error_description"])
    assert isinstance(error, Denied)


async def test_a_code_that_is_none(walk: Walk) -> None:
    with pytest.raises(CodeRefused, match="bad_verification_code"):
        await walk.client().exchange(code=SecretStr("nonsense"), redirect_uri=CALLBACK)


async def test_a_wrong_secret_is_never_a_dead_grant(walk: Walk) -> None:
    grant = await walk.connected()
    wrong = walk.client(secret="wrong")
    with pytest.raises(ClientRefused, match="incorrect_client_credentials"):
        await wrong.refresh(held(grant))
    with pytest.raises(ClientRefused):
        await wrong.revoke(access_token=grant.access_token)
    assert await walk.login(await walk.client().refresh(held(grant))) == "octocat"


async def test_a_grant_that_the_user_has_ended(walk: Walk) -> None:
    grant = await walk.connected()
    await walk.browser.delete("/_sandbox/oauth/grants")
    with pytest.raises(GrantDead):
        await walk.client().refresh(held(grant))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "server_error", "status": 502}, ProviderOutage),
        ({"kind": "rate_limited", "retry_after": 7}, Throttled),
        ({"kind": "not_json"}, LostReply),
        ({"kind": "wrong_type"}, LostReply),
        ({"kind": "huge", "size": 100_000}, LostReply),
        ({"kind": "redirect_outside"}, ProviderOutage),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else None,
)
async def test_an_outage_costs_nothing(
    walk: Walk, fault: dict[str, Any], kind: type[ProviderOutage]
) -> None:
    grant = await walk.connected()
    await walk.fault(**fault)
    with pytest.raises(ProviderOutage) as failed:
        await walk.client().refresh(held(grant))
    assert type(failed.value) is kind
    assert failed.value.retry_after == fault.get("retry_after")
    assert await walk.login(await walk.client().refresh(held(grant))) == "octocat"


async def test_an_answer_that_does_not_come_in_time(walk: Walk) -> None:
    grant = await walk.connected()
    await walk.fault(kind="slow", delay=60)
    with pytest.raises(LateReply):
        await walk.client(deadline=0.05).refresh(held(grant))
    assert await walk.login(await walk.client().refresh(held(grant))) == "octocat"


@pytest.mark.parametrize("kind", ["cut", "truncated_json"])
async def test_a_lost_reply_may_cost_the_grant(walk: Walk, kind: str) -> None:
    grant = await walk.connected()
    await walk.fault(kind=kind)
    with pytest.raises(LostReply) as lost:
        await walk.client().refresh(held(grant))
    assert lost.value.may_have_happened
    with pytest.raises(GrantDead):
        await walk.client().refresh(held(grant))


async def test_a_lost_reply_inside_the_window_is_made_good(walk: Walk) -> None:
    switch = f"/_sandbox/oauth/apps/{GITHUB_APP.client_id}"
    (await walk.browser.put(switch, json={"reuse_window": 600})).raise_for_status()
    grant = await walk.connected()
    await walk.fault(kind="cut")
    with pytest.raises(LostReply):
        await walk.client().refresh(held(grant))
    assert await walk.login(await walk.client().refresh(held(grant))) == "octocat"
