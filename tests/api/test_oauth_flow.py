"""OAuth by hand: a host begins, its user approves, the host hands over what came back."""

import base64
import hashlib
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from src.db.client import Mongo
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.oauth import (
    CALLBACK,
    GITHUB_APP,
    HOST,
    OAUTH_APP,
    OWN_CALLBACK,
    START,
    Host,
    github_settings,
)
from tests.conftest import GitHub, StartService

KEY = "platform-key-0123456789"


async def test_a_start_says_where_the_user_approves(host: Host) -> None:
    started = await host.start()
    assert set(started) == {
        "authUrl",
        "state",
        "codeChallenge",
        "codeChallengeMethod",
        "codeVerifier",
        "expiresAt",
    }
    digest = hashlib.sha256(started["codeVerifier"].encode()).digest()
    assert started["codeChallenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert started["codeChallengeMethod"] == "S256"
    assert len(started["state"]) == 43
    query = parse_qs(urlsplit(started["authUrl"]).query)
    assert query["state"] == [started["state"]]
    assert query["redirect_uri"] == [OWN_CALLBACK]
    assert query["code_challenge"] == [started["codeChallenge"]]
    assert query["scope"] == ["read:org repo"]
    left = datetime.fromisoformat(started["expiresAt"]) - datetime.now().astimezone()
    assert 590 < left.total_seconds() <= 600
    assert items_of(await host.client.get("/api/connections")) == []


async def test_a_code_becomes_a_connection(host: Host) -> None:
    connected = await host.connect(alias="Work", userId="ada")
    connection_id = connected.pop("connectionId")
    assert connected == {
        "status": "connected",
        "account": {
            "id": "1",
            "name": "octocat",
            "url": "https://github.com/octocat",
            "avatarUrl": connected["account"]["avatarUrl"],
        },
        "grantedScopes": ["read:org", "repo"],
        "missingScopes": [],
        "selection": None,
    }
    found = data_of(await host.client.get(f"/api/connections/{connection_id}"))
    assert (found["alias"], found["userId"], found["authMethod"]) == ("Work", "ada", "oauth2")
    params = {"connectionId": connection_id}
    assert items_of(await host.client.get("/api/connectors/github/containers", params=params))


async def test_the_token_of_a_github_app_is_kept_with_its_end(
    start: StartService, github: GitHub
) -> None:
    connectors = {"github": github_settings(GITHUB_APP)}
    host = Host(await start(connectors=connectors), github)
    connected = await host.connect()
    assert connected["grantedScopes"] is None
    token = data_of(await host.client.get(f"/api/connections/{connected['connectionId']}/token"))
    assert token["hasRefreshToken"]
    assert token["expiresAt"]


async def test_no_secret_of_a_flow_is_stored_in_the_clear(host: Host, mongo: Mongo) -> None:
    started = await host.start(
        csrfToken="csrf-0123456789", clientId="own", clientSecret="own-secret-01234"
    )
    stored = str([one async for one in mongo.database["oauth_states"].find()])
    assert "state_hash" in stored or "stateHash" in stored
    for secret in (
        started["state"],
        started["codeVerifier"],
        "csrf-0123456789",
        "own-secret-01234",
    ):
        assert secret not in stored


async def test_production_keeps_the_verifier_to_itself(start: StartService, mongo_url: str) -> None:
    service = await start(
        environment="production",
        auth_required=True,
        admin_api_key=KEY,
        public_url="https://connect.example",
        connectors={"github": github_settings()},
    )
    body = {
        "method": "oauth2",
        "redirectUri": f"https://connect.example{CALLBACK}",
    }
    headers = {"Authorization": f"Bearer {KEY}"}
    started = data_of(await service.client.post(START, json=body, headers=headers), 201)
    assert started["codeVerifier"] is None
    assert started["codeChallenge"]


async def test_unticked_boxes_are_missing_scopes(host: Host) -> None:
    connected = await host.connect(choice={"without": ("repo",)}, scopes=["repo", "gist"])
    assert connected["status"] == "connected"
    assert connected["grantedScopes"] == ["gist"]
    assert connected["missingScopes"] == ["repo"]
    found = data_of(await host.client.get(f"/api/connections/{connected['connectionId']}"))
    assert found["capabilities"]["items"] == {"missingScopes": ["repo"]}


async def test_a_no_is_told_with_the_providers_word(host: Host) -> None:
    came = await host.approve(await host.start(returnUrl=f"{HOST}/done"), button="Cancel")
    answer = await host.client.get(CALLBACK, params=came)
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query == {"error": ["oauth_denied"], "state": [came["state"]]}


async def test_a_code_that_is_none_is_told_with_the_providers_word(host: Host) -> None:
    started = await host.start()
    answer = await host.finish({"code": "nonsense", "state": started["state"]})
    error = error_of(answer, 400, "oauth_exchange_failed")
    assert error["details"]["error"] == "bad_verification_code"


async def test_a_wrong_app_is_a_matter_of_configuration(host: Host) -> None:
    switch = f"/_sandbox/oauth/apps/{OAUTH_APP.client_id}"
    came = await host.approve(await host.start())
    await host.github.client.put(switch, json={"client_secret": "another"})
    error = error_of(await host.finish(came), 409, "connector_not_configured")
    assert error["details"]["reason"] == "app_refused"
    assert error["details"]["error"] == "incorrect_client_credentials"


@pytest.mark.parametrize(
    "fault",
    [{"kind": "not_json"}, {"kind": "huge", "size": 100_000}, {"kind": "server_error"}],
    ids=lambda fault: fault["kind"],
)
async def test_an_answer_that_is_no_token_is_the_providers_fault(host: Host, fault: dict) -> None:
    came = await host.approve(await host.start())
    await host.github.fault({**fault, "path": "/login/oauth/access_token"})
    error_of(await host.finish(came), 502, "provider_error")
    assert items_of(await host.client.get("/api/connections")) == []


async def test_an_answer_that_does_not_come_in_time_is_told_apart(
    start: StartService, github: GitHub
) -> None:
    host = Host(await start(provider_timeout_seconds=0.2), github)
    came = await host.approve(await host.start())
    await github.fault({"kind": "slow", "delay": 60, "path": "/login/oauth/access_token"})
    error = error_of(await host.finish(came), 504, "provider_timeout")
    assert error["details"] == {"at": "provider"}
    assert items_of(await host.client.get("/api/connections")) == []
    # The code may have been used: nobody tries it again.
    error_of(await host.finish(came), 400, "invalid_state")


async def test_another_account_does_not_take_over_a_connection(host: Host) -> None:
    first = (await host.connect())["connectionId"]
    came = await host.approve(await host.start(connectionId=first), account="hubot")
    error = error_of(await host.finish(came), 409, "account_mismatch")
    assert error["details"] == {"connectionId": first}
    # What was refused is dropped and never revoked: somebody else may live on it.
    assert all(grant["alive"] for grant in await host.grants())


async def test_an_account_is_connected_once_and_revived_after_its_end(host: Host) -> None:
    first = (await host.connect())["connectionId"]
    came = await host.approve(await host.start())
    error = error_of(await host.finish(came), 409, "connection_exists")
    assert error["details"] == {"connectionId": first}
    data_of(await host.client.delete(f"/api/connections/{first}"))
    assert (await host.connect(status=200))["connectionId"] == first


async def test_a_new_start_for_a_connection_voids_the_one_before(host: Host) -> None:
    first = (await host.connect())["connectionId"]
    old = await host.start(connectionId=first)
    new = await host.start(connectionId=first)

    async def found(state: str) -> list[str]:
        answer = await host.client.get("/api/connections", params={"state": state})
        return [one["id"] for one in items_of(answer)]

    assert await found(old["state"]) == []
    assert await found(new["state"]) == [first]
    error_of(await host.finish(await host.approve(old)), 400, "invalid_state")
    assert data_of(await host.finish(await host.approve(new)))["connectionId"] == first
    assert await found(new["state"]) == []


async def test_a_disconnect_voids_what_was_begun_for_the_connection(host: Host) -> None:
    first = (await host.connect())["connectionId"]
    came = await host.approve(await host.start(connectionId=first))
    data_of(await host.client.delete(f"/api/connections/{first}"))
    error_of(await host.finish(came), 400, "invalid_state")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"redirectUri": None}, "redirectUri"),
        ({"clientId": "one-half"}, "clientSecret"),
        ({"clientSecret": "other-half"}, "clientId"),
        ({"tools": ["issues_create"]}, "tools"),
        ({"openerOrigin": "https://evil.example"}, "openerOrigin"),
    ],
)
async def test_a_start_that_cannot_be_is_refused(host: Host, body: dict, field: str) -> None:
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK, **body}
    assert wrong_fields(await host.client.post(START, json=body)) == [field]


async def test_the_catalogue_and_a_start_agree_that_there_is_no_app(start: StartService) -> None:
    client = (await start(connectors={"github": github_settings(None)})).client
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK}
    error = error_of(await client.post(START, json=body), 409, "connector_not_configured")
    assert error["details"] == {"reason": "no_app"}


async def test_the_sandbox_brings_its_own_app_and_addresses(start: StartService) -> None:
    client = (await start(sandbox=True, connectors={})).client
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK}
    started = data_of(await client.post(START, json=body), 201)
    address = urlsplit(started["authUrl"])
    assert address.netloc == "localhost:8000"
    assert address.path == "/sandbox/github/login/oauth/authorize"
    assert parse_qs(address.query)["client_id"] == [OAUTH_APP.client_id]
