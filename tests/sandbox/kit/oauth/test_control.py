"""The switches: time, apps, access tokens, grants; and the faults of the kit strike here too."""

from typing import Any

import httpx
import pytest

from src.sandbox.kit import ConnectionCut
from tests.sandbox.kit.oauth.conftest import CALLBACK, Imitation, refusal

APP_SWITCH = "/_sandbox/oauth/apps/the-app"


async def fault(imitation: Imitation, **given: Any) -> None:
    (await imitation.client.put("/_sandbox/faults", json=[given])).raise_for_status()


async def test_the_clock_is_shown(imitation: Imitation) -> None:
    assert (await imitation.client.get("/_sandbox/oauth/clock")).json() == {"seconds_ahead": 0}
    await imitation.ahead(60.5)
    assert (await imitation.client.get("/_sandbox/oauth/clock")).json() == {"seconds_ahead": 60.5}


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"{}", b'{"seconds_ahead": -1}', b'{"seconds_ahead": 1, "more": 1}'],
)
async def test_a_time_that_is_none(imitation: Imitation, body: bytes) -> None:
    answer = await imitation.client.put("/_sandbox/oauth/clock", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_an_app_can_be_changed_and_changed_back(imitation: Imitation) -> None:
    before = (await imitation.client.get(APP_SWITCH)).json()
    await imitation.change(client_secret="another", access_lifetime=5)
    changed = (await imitation.client.get(APP_SWITCH)).json()
    assert changed == {**before, "client_secret": "another", "access_lifetime": 5}
    assert refusal(await imitation.refresh("x")) == (401, "invalid_client")
    await imitation.change(access_lifetime=7)
    assert (await imitation.tokens())["expires_in"] == 7
    assert (await imitation.client.delete(APP_SWITCH)).json() == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"client_id": "x"}',
        b'{"access_lifetime": -1}',
        b'{"access_lifetime": "1"}',
        b'{"colour": "red"}',
    ],
)
async def test_a_change_that_makes_no_sense(imitation: Imitation, body: bytes) -> None:
    before = (await imitation.client.get(APP_SWITCH)).json()
    assert (await imitation.client.put(APP_SWITCH, content=body)).status_code == 400
    assert (await imitation.client.get(APP_SWITCH)).json() == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_an_app_that_is_not_there(imitation: Imitation, method: str) -> None:
    answer = await imitation.client.request(method, "/_sandbox/oauth/apps/nobody", json={})
    assert answer.status_code == 404


async def test_access_tokens_can_be_ended_and_nothing_else(imitation: Imitation) -> None:
    tokens = await imitation.tokens()
    await imitation.client.delete("/_sandbox/oauth/access-tokens")
    assert not await imitation.is_good(tokens["access_token"])
    renewed = (await imitation.refresh(tokens["refresh_token"])).json()
    assert await imitation.is_good(renewed["access_token"])


async def test_grants_are_listed_and_ended(imitation: Imitation) -> None:
    first, second = await imitation.tokens(), await imitation.tokens(scope="read")
    (await imitation.client.delete("/_sandbox/oauth/grants/1")).raise_for_status()
    assert (await imitation.client.get("/_sandbox/oauth/grants")).json() == [
        {
            "number": 1,
            "client_id": "the-app",
            "account": "ann",
            "scopes": ["read", "write"],
            "alive": False,
        },
        {
            "number": 2,
            "client_id": "the-app",
            "account": "ann",
            "scopes": ["read"],
            "alive": True,
        },
    ]
    assert not await imitation.is_good(first["access_token"])
    assert refusal(await imitation.refresh(first["refresh_token"]))[1] == "invalid_grant"
    assert await imitation.is_good(second["access_token"])
    (await imitation.client.delete("/_sandbox/oauth/grants")).raise_for_status()
    assert not await imitation.is_good(second["access_token"])


async def test_a_grant_that_ends_before_the_exchange(imitation: Imitation) -> None:
    code = await imitation.code()
    await imitation.client.delete("/_sandbox/oauth/grants")
    assert refusal(await imitation.exchange(code)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("kind", "status"),
    [("server_error", 503), ("rate_limited", 429), ("not_json", 200), ("wrong_type", 200)],
)
async def test_a_fault_strikes_the_token_address(
    imitation: Imitation, kind: str, status: int
) -> None:
    code = await imitation.code()
    await fault(imitation, kind=kind, path="/token", times=1)
    struck = await imitation.exchange(code)
    assert struck.status_code == status
    assert "access_token" not in struck.text
    assert (await imitation.exchange(code)).is_success


async def test_a_slow_answer_is_late_and_whole(imitation: Imitation) -> None:
    await fault(imitation, kind="slow", path="/token", delay=0)
    assert (await imitation.exchange(await imitation.code())).is_success


@pytest.mark.parametrize("kind", ["cut", "truncated_json"])
async def test_a_lost_answer_has_used_up_the_refresh_token(imitation: Imitation, kind: str) -> None:
    token = (await imitation.tokens())["refresh_token"]
    await fault(imitation, kind=kind, path="/token", times=1)
    try:
        lost = await imitation.refresh(token)
    except ConnectionCut:
        pass
    else:
        assert not lost.text.endswith("}")
    assert refusal(await imitation.refresh(token)) == (400, "invalid_grant")


async def test_requests_are_counted(imitation: Imitation) -> None:
    await imitation.tokens()
    assert (await imitation.client.get("/_sandbox/requests")).json() == {
        "GET /authorize": 1,
        "POST /authorize": 1,
        "POST /token": 1,
    }


async def test_the_page_is_struck_too(imitation: Imitation) -> None:
    await fault(imitation, kind="server_error", path="/authorize")
    answer = await imitation.client.get(imitation.url())
    assert isinstance(answer, httpx.Response)
    assert answer.status_code == 503
    assert CALLBACK not in answer.text
