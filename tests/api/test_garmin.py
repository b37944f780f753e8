"""Garmin over HTTP: personal keys, token files and the Developer Program, until their ends."""

import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from src.sandbox.garmin.app import create_app
from src.sandbox.garmin.oauth import APP
from src.sandbox.garmin.people import (
    CONSUMER_KEY,
    CONSUMER_SECRET,
    DI_CLIENT,
    LI,
    LI_OAUTH1,
    MIA,
    MIA_DI,
    MIA_KEY,
    MIA_OAUTH1,
    OAuth1,
)
from src.sandbox.garmin.seed import BIG, NEWEST, SHOES
from src.sandbox.garmin.tokens import file_token
from src.sandbox.kit import MemoryStore
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.conftest import GITHUB_SETTINGS, GitHub, Service, StartService
from tests.fakes.browser import approve

URL = "http://garmin.sandbox"
C = "/api/connectors/garmin"
CALLBACK = f"{C}/connect/callback"
HOSTS = (
    "garmin.sandbox",
    "personal.connectapi.garmin.com",
    "connectapi.garmin.com",
    "diauth.garmin.com",
    "connectapi.garmin.cn",
    "diauth.garmin.cn",
)
SETTINGS = {
    "api_url": URL,
    "authorize_url": f"{URL}/oauth2Confirm",
    "token_url": f"{URL}/di-oauth2-service/oauth/token",
    "revoke_url": f"{URL}/wellness-api/rest/user/registration",
    "client_id": APP.client_id,
    "client_secret": APP.client_secret,
}
CONSUMER = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}
EXCHANGE = "/oauth-service/oauth/exchange/user/2.0"
KEY_EXCHANGE = "/personalapitoken-service/personal-api/personal-api-key/token"
PROFILE = "/userprofile-service/socialProfile"


def garth(person_key: OAuth1 = MIA_OAUTH1, *, end: float | None = None) -> dict[str, Any]:
    """The two files of garth; the access token ends in an hour unless told."""
    ends = time.time() + 3_600 if end is None else end
    return {
        "oauth1": {
            "oauth_token": person_key.token,
            "oauth_token_secret": person_key.secret,
            "mfa_token": person_key.mfa,
            "mfa_expiration_timestamp": "2026-08-02 05:56:10.000",
            "domain": person_key.person.domain,
        },
        "oauth2": {
            "scope": "CONNECT_READ CONNECT_WRITE",
            "jti": "1",
            "token_type": "Bearer",
            "access_token": file_token(person_key.person, end=ends),
            "refresh_token": "never-used-by-anybody",
            "expires_in": 107_182,
            "expires_at": int(ends),
            "refresh_token_expires_in": 2_591_999,
            "refresh_token_expires_at": int(ends) + 2_591_999,
        },
    }


def di(*, end: float | None = None) -> dict[str, Any]:
    ends = time.time() + 3_600 if end is None else end
    return {
        "di_token": file_token(MIA, end=ends),
        "di_refresh_token": MIA_DI,
        "di_client_id": DI_CLIENT,
    }


@dataclass
class Host:
    """The host's backend, and the imitation."""

    service: Service
    garmin: httpx.AsyncClient
    requests: list[httpx.Request]

    @property
    def client(self) -> httpx.AsyncClient:
        return self.service.client

    async def callback(self, **body: Any) -> httpx.Response:
        return await self.client.post(CALLBACK, json=body)

    async def key(self, **body: Any) -> Any:
        return data_of(await self.callback(apiKey=MIA_KEY, **body), 201)

    async def file(self, raw: Any, status: int = 201, **body: Any) -> Any:
        return data_of(await self.callback(token={"raw": raw}, **body), status)

    async def oauth(self, status: int = 201, **body: Any) -> Any:
        address = f"http://localhost:8000{CALLBACK}"
        body = {"method": "oauth2", "redirectUri": address, **body}
        started = data_of(await self.client.post(f"{C}/connect", json=body), 201)
        query = parse_qs(urlsplit(started["authUrl"]).query)
        assert query["code_challenge_method"] == ["S256"]
        assert "scope" not in query
        came = await approve(self.garmin, started["authUrl"])
        return data_of(await self.client.post(CALLBACK, json=came), status)

    async def ask(self, path: str, connected: Any, **params: Any) -> httpx.Response:
        query = {"connectionId": connected["connectionId"], **params}
        return await self.client.get(f"{C}/{path}", params=query)

    async def item(self, connected: Any, item_id: str, **params: Any) -> Any:
        return data_of(await self.ask(f"items/{item_id}", connected, **params))

    async def end(self, what: str) -> None:
        (await self.garmin.delete(f"/_sandbox/{what}")).raise_for_status()

    async def status(self, connected: Any) -> str:
        answer = await self.client.get(f"/api/connections/{connected['connectionId']}")
        found: str = data_of(answer)["status"]
        return found

    def asked(self) -> list[str]:
        """What has been asked since the last look."""
        found = [f"{one.method} {one.url.path}" for one in self.requests]
        self.requests.clear()
        return found


async def begin(start: StartService, github: GitHub, **more: Any) -> Host:
    app = create_app(MemoryStore())
    for name in HOSTS:
        github.network.add(name, app)
    settings = {"github": GITHUB_SETTINGS, "garmin": {**SETTINGS, **more}}
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=URL)
    return Host(await start(connectors=settings), client, github.network.requests)


@pytest.fixture
async def host(start: StartService, github: GitHub) -> Host:
    return await begin(start, github, **CONSUMER)


async def test_a_key_is_exchanged_and_browsed_with(host: Host) -> None:
    connected = await host.key(alias="Mine")
    assert connected["account"]["id"] == str(MIA.profile)
    assert connected["account"]["name"] == MIA.full_name
    exchange, profile = host.requests
    assert exchange.url.path == KEY_EXCHANGE
    assert exchange.headers["authorization"] == f"ApiKey {MIA_KEY}"
    assert profile.headers["authorization"].startswith("Bearer eyJ")
    host.asked()
    listed = items_of(await host.ask("items", connected, containerId="activities", limit=2))
    assert [one["id"] for one in listed] == [f"activity:{BIG}", f"activity:{NEWEST}"]
    # The bearer token is kept: the key is not sent again.
    assert host.asked() == ["GET /activitylist-service/activities/search/activities"]
    assert [one["id"] for one in items_of(await host.ask("containers", connected))] == [
        "activities",
        "daily",
    ]
    for place in ("devices", "gear"):
        refused = await host.ask("items", connected, containerId=place)
        error_of(refused, 422, "unsupported_capability")
    refused = await host.ask("resources/garmin_gear", connected)
    error_of(refused, 422, "unsupported_capability")


async def test_a_bearer_token_that_ended_is_exchanged_again_once(host: Host) -> None:
    connected = await host.key()
    await host.end("tokens")
    host.asked()
    items_of(await host.ask("items", connected, containerId="activities", limit=1))
    activities = "GET /activitylist-service/activities/search/activities"
    assert host.asked() == [activities, f"POST {KEY_EXCHANGE}", activities]
    # A token that is refused at once: no third try.
    await host.garmin.put(
        "/_sandbox/faults",
        json=[{"kind": "unauthorized", "path": "/activitylist-service/*"}],
    )
    answer = await host.ask("items", connected, containerId="activities", limit=1)
    error_of(answer, 409, "reauthorization_required")
    assert host.asked() == [activities, f"POST {KEY_EXCHANGE}", activities]


async def test_a_key_that_was_deleted_asks_for_a_new_one(host: Host) -> None:
    connected = await host.key()
    await host.end("secrets")
    await host.end("tokens")
    answer = await host.ask("items", connected, containerId="activities")
    error = error_of(answer, 409, "reauthorization_required")
    assert "personalApiToken" in error["message"]
    assert await host.status(connected) == "reauth_required"


async def test_a_wrong_key_is_refused_with_its_field(host: Host) -> None:
    answer = await host.callback(apiKey="gcp_of_nobody_at_all")
    error = error_of(answer, 422, "provider_rejected")
    assert [one["field"] for one in error["details"]["errors"]] == ["apiKey"]
    assert "gcp_of_nobody" not in answer.text
    assert host.asked() == [f"POST {KEY_EXCHANGE}"]
    assert items_of(await host.client.get("/api/connections")) == []


async def test_a_key_knows_no_garmin_cn(host: Host) -> None:
    answer = await host.callback(apiKey=MIA_KEY, config={"domain": "garmin.cn"})
    assert wrong_fields(answer) == ["config.domain"]


@pytest.mark.parametrize("domain", ["garmin.evil", "garmin.com.evil.example", "", 7, None])
async def test_no_other_domain_is_taken(host: Host, domain: Any) -> None:
    answer = await host.callback(token={"raw": garth()}, config={"domain": domain})
    assert wrong_fields(answer) == ["config.domain"]
    assert host.asked() == []


@pytest.mark.parametrize("form", ["objects", "dump", "di"])
async def test_a_token_file_is_verified_once_and_browsed_with(host: Host, form: str) -> None:
    both = garth()
    dump = base64.b64encode(json.dumps([both["oauth1"], both["oauth2"]]).encode()).decode()
    connected = await host.file({"objects": both, "dump": dump, "di": di()}[form])
    assert host.asked() == [f"GET {PROFILE}"]
    assert connected["account"]["id"] == str(MIA.profile)
    scopes = None if form == "di" else ["CONNECT_READ", "CONNECT_WRITE"]
    assert connected["grantedScopes"] == scopes
    found = items_of(await host.ask("containers", connected))
    assert [one["id"] for one in found] == ["activities", "daily", "devices", "gear"]


@pytest.mark.parametrize("form", ["garth", "di"])
async def test_a_token_of_a_file_is_renewed_by_its_own_rule(host: Host, form: str) -> None:
    connected = await host.file(garth() if form == "garth" else di())
    for _ in range(2):
        # Twice, so that what the first renewal keeps is what the second needs.
        await host.end("tokens")
        host.asked()
        items_of(await host.ask("containers", connected))
        (renewal,) = [one for one in host.requests if one.method == "POST"]
        fields = parse_qs(renewal.content.decode())
        if form == "garth":
            assert (renewal.url.host, renewal.url.path) == ("connectapi.garmin.com", EXCHANGE)
            assert renewal.headers["authorization"].startswith("OAuth oauth_consumer_key=")
            assert fields == {"mfa_token": [MIA_OAUTH1.mfa]}
        else:
            assert renewal.url.host == "diauth.garmin.com"
            pair = base64.b64encode(f"{DI_CLIENT}:".encode()).decode()
            assert renewal.headers["authorization"] == f"Basic {pair}"
            assert set(fields) == {"grant_type", "client_id", "refresh_token"}
    assert await host.status(connected) == "connected"


@pytest.mark.parametrize("form", ["garth", "di"])
async def test_a_file_whose_access_token_is_over_is_renewed_at_once(host: Host, form: str) -> None:
    over = time.time() - 60
    connected = await host.file(garth(end=over) if form == "garth" else di(end=over))
    assert [one.split()[0] for one in host.asked()] == ["POST", "GET"]
    items_of(await host.ask("items", connected, containerId="activities", limit=1))


@pytest.mark.parametrize("form", ["garth", "di"])
async def test_a_dead_file_asks_for_a_new_one(host: Host, form: str) -> None:
    connected = await host.file(garth() if form == "garth" else di())
    await host.end("secrets")
    await host.end("tokens")
    answer = await host.ask("containers", connected)
    assert "token file" in error_of(answer, 409, "reauthorization_required")["message"]
    # And none of it is taken anew.
    over = time.time() - 60
    raw = garth(end=over) if form == "garth" else di(end=over)
    error = error_of(await host.callback(token={"raw": raw}), 422, "provider_rejected")
    assert [one["field"] for one in error["details"]["errors"]] == ["token"]


async def test_an_account_of_china_lives_at_garmin_cn(host: Host) -> None:
    raw = garth(LI_OAUTH1, end=time.time() - 60)
    wrong = error_of(await host.callback(token={"raw": raw}), 422, "provider_rejected")
    assert "config.domain" in wrong["details"]["errors"][0]["message"]
    assert host.asked() == []
    connected = await host.file(raw, config={"domain": "garmin.cn"})
    assert connected["account"]["id"] == str(LI.profile)
    assert {one.url.host for one in host.requests} == {"connectapi.garmin.cn"}
    found = await host.item(connected, "activity:31000000001")
    assert found["url"] == "https://connect.garmin.cn/modern/activity/31000000001"


async def test_without_the_operators_consumer_key_garth_is_not_renewed(
    start: StartService, github: GitHub
) -> None:
    host = await begin(start, github)
    await host.file(garth())
    over = garth(end=time.time() - 60)
    answer = await host.callback(token={"raw": over}, userId="another")
    error = error_of(answer, 409, "connector_not_configured")
    assert "CONSUMER_KEY" in json.dumps(error)


async def test_a_bare_token_works_until_its_end(host: Host) -> None:
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3_600))
    token = {"accessToken": file_token(MIA, end=time.time() + 3_600), "expiresAt": ends}
    connected = data_of(await host.callback(token=token), 201)
    await host.end("tokens")
    answer = await host.ask("containers", connected)
    error_of(answer, 409, "reauthorization_required")


async def test_gear_is_listed_and_named_by_an_activity_when_it_is_wanted(host: Host) -> None:
    connected = await host.file(garth())
    connection = f"/api/connections/{connected['connectionId']}"
    picked = items_of(await host.ask("resources/garmin_gear", connected))
    assert picked[0]["fields"]["distance"] == 312400.5
    assert [one["name"] for one in picked] == ["Hoka Clifton 9", "The grey one", "Kayano 28"]
    listed = items_of(await host.ask("items", connected, containerId="gear"))
    told = {one["title"]: one["fields"] for one in listed}
    assert told["Hoka Clifton 9"] == {
        "brand": "Hoka",
        "model": "Clifton",
        "nickname": "Hoka Clifton 9",
        "gearType": "shoe",
        "distance": 312400.5,
        "activities": 41,
        "retired": False,
        "maximumDistance": 700000.0,
        "usedFrom": "2026-03-01",
        "usedUntil": None,
    }
    assert told["Kayano 28"]["retired"] is True
    assert told["Kayano 28"]["distance"] is None

    assert data_of(await host.client.get(connection))["settings"] == {"syncGear": False}
    activity = f"activity:{NEWEST}"
    assert "gear" not in (await host.item(connected, activity))["fields"]
    for wrong in ("true", 1, None):
        answer = await host.client.patch(connection, json={"settings": {"syncGear": wrong}})
        assert wrong_fields(answer) == ["settings.syncGear"]
    data_of(await host.client.patch(connection, json={"settings": {"syncGear": True}}))
    host.asked()
    found = await host.item(connected, activity)
    assert found["fields"]["gear"] == [{"id": f"gear:{SHOES}", "name": "Hoka Clifton 9"}]
    assert found["fields"]["gearName"] == "Hoka Clifton 9"
    assert host.asked() == [
        f"GET /activity-service/activity/{NEWEST}",
        "GET /gear-service/gear/filterGear",
    ]


async def test_the_developer_program_connects_and_keeps_its_data_to_itself(host: Host) -> None:
    connected = await host.oauth()
    assert connected["account"]["id"] == MIA.wellness_id
    assert connected["grantedScopes"] == ["ACTIVITY_EXPORT", "WORKOUT_IMPORT", "HEALTH_EXPORT"]
    (exchange,) = [one for one in host.requests if one.method == "POST"]
    fields = set(parse_qs(exchange.content.decode()))
    assert fields >= {"client_id", "client_secret", "code", "code_verifier", "redirect_uri"}
    assert "authorization" not in exchange.headers
    host.asked()
    found = items_of(await host.ask("containers", connected))
    assert [one["id"] for one in found] == ["activities", "daily"]
    for place in ("activities", "daily"):
        assert items_of(await host.ask("items", connected, containerId=place)) == []
    answer = await host.ask("items", connected, containerId="gear")
    error_of(answer, 422, "validation_error")
    error_of(await host.ask("items/activity:1", connected), 404, "not_found")
    assert host.asked() == []
    # The other form of the permissions.
    again = await host.oauth(200, connectionId=connected["connectionId"])
    assert again["grantedScopes"] == connected["grantedScopes"]


async def test_a_token_of_the_program_rotates_until_the_user_leaves(host: Host) -> None:
    connected = await host.oauth()
    body = {"connectionId": connected["connectionId"]}
    for _ in range(2):
        await host.end("oauth/access-tokens")
        probe = data_of(await host.client.post(f"{C}/probe", json=body))
        assert probe["authenticated"] is True
    sent = [parse_qs(one.content.decode()) for one in host.requests if one.method == "POST"]
    tokens = [fields["refresh_token"][0] for fields in sent if "refresh_token" in fields]
    assert len(set(tokens)) == 2
    await host.end("oauth/grants")
    error_of(await host.client.post(f"{C}/probe", json=body), 409, "reauthorization_required")
    assert await host.status(connected) == "reauth_required"


@pytest.mark.parametrize("over", [False, True], ids=["valid", "over"])
async def test_a_disconnect_ends_the_registration(host: Host, over: bool) -> None:
    connected = await host.oauth()
    if over:
        # Most access tokens are: they last a day.
        await host.end("oauth/access-tokens")
    host.asked()
    body = {"connectionId": connected["connectionId"]}
    answer = data_of(await host.client.post(f"{C}/revoke", json=body))
    assert answer["revokedAtProvider"] == "yes"
    registration = "DELETE /wellness-api/rest/user/registration"
    token = "POST /di-oauth2-service/oauth/token"
    assert host.asked() == ([registration, token, registration] if over else [registration])
    grants = (await host.garmin.get("/_sandbox/oauth/grants")).json()
    assert [one["alive"] for one in grants] == [False]


async def test_what_was_set_outlives_a_disconnect_and_another_way_in(host: Host) -> None:
    connected = await host.key(alias="Mine")
    connection = f"/api/connections/{connected['connectionId']}"
    data_of(await host.client.patch(connection, json={"settings": {"syncGear": True}}))
    body = {"connectionId": connected["connectionId"]}
    answer = data_of(await host.client.post(f"{C}/revoke", json=body))
    assert answer["revokedAtProvider"] == "unsupported"
    error_of(await host.ask("containers", connected), 409, "connection_not_ready")
    # A key and a file of one user are the same account.
    again = await host.file(di(), 200)
    assert again["connectionId"] == connected["connectionId"]
    found = data_of(await host.client.get(connection))
    assert (found["alias"], found["settings"]) == ("Mine", {"syncGear": True})
    error_of(await host.callback(token={"raw": di()}), 409, "connection_exists")
    item = await host.item(again, f"activity:{NEWEST}")
    assert item["fields"]["gearId"] == f"gear:{SHOES}"


async def test_another_tenant_sees_nothing_of_it(host: Host) -> None:
    connected = await host.file(garth())
    host.client.headers["X-Tenant-Id"] = "globex"
    for path in ("containers", "resources/garmin_gear", f"items/activity:{NEWEST}"):
        error_of(await host.ask(path, connected), 404, "not_found")
    answer = await host.client.patch(
        f"/api/connections/{connected['connectionId']}", json={"settings": {"syncGear": True}}
    )
    error_of(answer, 404, "not_found")


def documented() -> Any:
    """The body with a token file that the documents give for the imitation."""
    document = Path(__file__).parents[2] / "docs/connectors/garmin.md"
    text = document.read_text(encoding="utf-8").split("## Sandbox")[1]
    return json.loads(text.split("```json")[1].split("```")[0])


async def test_the_token_file_of_the_documents_opens_the_imitation(host: Host) -> None:
    connected = data_of(await host.client.post(CALLBACK, json=documented()), 201)
    assert items_of(await host.ask("items", connected, containerId="activities"))
