"""What an attacker would try on a connect flow."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest

from src.db.client import Mongo
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.oauth import CALLBACK, HOST, OWN_CALLBACK, START, Host
from tests.api.sites import finish as finish_at_sites
from tests.conftest import GitHub, Service, StartService, connect

GLOBEX = {"X-Tenant-Id": "globex"}
ELSEWHERE = [
    "https://evil.example/",
    "https://app.example.evil.example/",
    "https://app.example@evil.example/",
    "https://evil.example\\@app.example/",
    "https://evil.example#@app.example/",
    "https://app.example:444/",
    "http://app.example/",
    "//app.example/",
    "javascript:alert(1)//https://app.example",
    "https://app.example/done\r\nSet-Cookie: a=b",
    "https://app.example/done#fragment",
    "https://app.example /",
]


@pytest.mark.parametrize("field", ["redirectUri", "returnUrl"])
@pytest.mark.parametrize("address", ELSEWHERE)
async def test_no_browser_is_sent_to_an_address_off_the_list(
    host: Host, field: str, address: str
) -> None:
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK, field: address}
    assert wrong_fields(await host.client.post(START, json=body)) == [field]


async def test_the_callback_of_another_connector_is_not_ours(host: Host) -> None:
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK.replace("github", "notes")}
    answer = await host.client.post(START, json=body)
    assert wrong_fields(answer) == ["redirectUri"]
    # Mostly a port or a name that PUBLIC_URL does not have: say which would do.
    assert OWN_CALLBACK in answer.text


async def test_a_host_header_changes_no_address(host: Host) -> None:
    headers = {"Host": "127.0.0.1:666", "X-Forwarded-Host": "evil.example"}
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK}
    started = data_of(await host.client.post(START, json=body, headers=headers), 201)
    assert "evil" not in started["authUrl"]
    assert "666" not in started["authUrl"]
    made = await host.client.post("/api/connect-sessions", json={}, headers=headers)
    assert urlsplit(data_of(made, 201)["connectUrl"]).netloc == "localhost:8000"
    answer = await host.client.get("/api/connectors/github/authorize", headers=headers)
    assert "localhost%3A8000" in answer.headers["location"]


async def test_a_code_and_its_state_are_good_once(host: Host) -> None:
    came = await host.approve(await host.start())
    answers = await asyncio.gather(*(host.finish(came) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
    assert len(host.token_requests()) == 1
    error_of(await host.finish(came), 400, "invalid_state")
    assert (await host.client.get(CALLBACK, params=came)).status_code == 400
    assert len(host.token_requests()) == 1


async def test_a_state_of_another_tenant_is_unknown_and_stays_good(host: Host) -> None:
    started = await host.start()
    came = await host.approve(started)
    answer = await host.client.post(CALLBACK, json=came, headers=GLOBEX)
    error_of(answer, 400, "invalid_state")
    params = {"state": started["state"]}
    assert items_of(await host.client.get("/api/connections", params=params, headers=GLOBEX)) == []
    data_of(await host.finish(came), 201)
    assert items_of(await host.client.get("/api/connections", headers=GLOBEX)) == []


async def test_a_state_of_another_user_is_unknown(host: Host) -> None:
    came = await host.approve(await host.start(userId="ada"))
    answer = await host.client.post(CALLBACK, json=came, headers={"X-User-Id": "bob"})
    error_of(answer, 400, "invalid_state")


async def test_a_state_names_no_connection_of_another_tenant(host: Host) -> None:
    theirs = await connect(host.client)
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK, "connectionId": theirs}
    error_of(await host.client.post(START, json=body, headers=GLOBEX), 404, "not_found")
    await host.start(connectionId=theirs)
    found = items_of(await host.client.get("/api/connections", headers=GLOBEX))
    assert found == []


async def test_an_answer_at_another_connectors_callback_is_a_mix_up(
    sites_service: Service, sites: Any
) -> None:
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK}
    started = data_of(await sites_service.client.post(START, json=body), 201)
    error_of(await finish_at_sites(sites_service.client, started), 400, "invalid_state")
    params = {"code": "stolen", "state": started["state"]}
    url = "/api/connectors/sites/connect/callback"
    assert (await sites_service.client.get(url, params=params)).status_code == 400
    assert sites.asked == []


@pytest.mark.parametrize("given", [None, "wrong-0123456789"])
async def test_a_state_with_a_csrf_token_needs_it(host: Host, given: str | None) -> None:
    came = await host.approve(await host.start(csrfToken="right-0123456789", returnUrl=HOST + "/"))
    in_browser = await host.client.get(CALLBACK, params=came)
    assert "error=invalid_state" in in_browser.headers["location"]
    body = {} if given is None else {"csrfToken": given}
    error_of(await host.finish(came, **body), 400, "invalid_state")
    # One guess, no more.
    right = await host.finish(came, csrfToken="right-0123456789")
    error_of(right, 400, "invalid_state")
    assert host.token_requests() == []


async def test_the_right_csrf_token_completes_by_post(host: Host) -> None:
    came = await host.approve(await host.start(csrfToken="right-0123456789"))
    await host.client.get(CALLBACK, params=came)
    data_of(await host.finish(came, csrfToken="right-0123456789"), 201)


async def test_a_verifier_of_another_flow_is_refused(host: Host) -> None:
    other = await host.start()
    came = await host.approve(await host.start())
    answer = await host.finish(came, codeVerifier=other["codeVerifier"])
    error_of(answer, 400, "invalid_state")
    assert host.token_requests() == []


async def test_a_code_of_another_flow_is_refused_by_its_challenge(host: Host) -> None:
    victim = await host.approve(await host.start())
    attacker = await host.start()
    injected = {"code": victim["code"], "state": attacker["state"]}
    error_of(await host.finish(injected), 400, "oauth_exchange_failed")


async def test_a_state_is_good_for_ten_minutes(host: Host, mongo: Mongo) -> None:
    came = await host.approve(await host.start())
    (state,) = await mongo.database["oauth_states"].find().to_list(None)
    past = {"expiresAt": state["expiresAt"].replace(year=2020)}
    await mongo.database["oauth_states"].update_one({"_id": state["_id"]}, {"$set": past})
    error_of(await host.finish(came), 400, "invalid_state")


@pytest.mark.parametrize(
    "query", ["state={0}&state={0}&code=x", "state={0}&code=a&code=b", "state={0}", "&" * 80]
)
async def test_a_callback_that_can_be_read_in_two_ways_is_refused(host: Host, query: str) -> None:
    started = await host.start()
    answer = await host.client.get(f"{CALLBACK}?{query.format(started['state'])}")
    assert answer.status_code == 400
    assert host.token_requests() == []


async def test_a_header_cannot_be_broken_out_of(host: Host) -> None:
    started = await host.start(returnUrl=f"{HOST}/done")
    params = {"state": started["state"], "code": "a\r\nSet-Cookie: evil=1", "scope": "\r\nX: y"}
    answer = await host.client.get(CALLBACK, params=params)
    assert answer.headers["location"] == (
        f"{HOST}/done?error=oauth_exchange_failed&state={started['state']}"
    )
    assert "set-cookie" not in answer.headers
    assert host.token_requests() == []


async def test_no_secret_of_a_flow_is_logged(
    capfd: pytest.CaptureFixture[str], start: StartService, github: GitHub
) -> None:
    host = Host(await start(log_level="DEBUG", return_url_allowlist=[HOST]), github)
    started = await host.start(csrfToken="csrf-token-0123456789", returnUrl=f"{HOST}/done")
    came = await host.approve(started)
    data_of(await host.finish(came, csrfToken="csrf-token-0123456789"), 201)
    session = data_of(await host.client.post("/api/connect-sessions", json={}), 201)
    browser = await host.client.get("/connect", params={"session": session["token"]})
    assert browser.status_code == 303
    captured = capfd.readouterr()
    logged = captured.out + captured.err
    assert "request.served" in logged
    secrets = (started["state"], started["codeVerifier"], came["code"], session["token"])
    for secret in (*secrets, "csrf-token-0123456789"):
        assert secret not in logged
