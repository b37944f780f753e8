"""Salesforce from end to end, out of CONNECTOR_PATHS: the org's address comes with the token."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of
from tests.api.runs import records, run
from tests.conftest import GitHub, StartService
from tests.examples.salesforce import (
    ACCOUNT,
    ACME,
    CALLBACK,
    EXAMPLES,
    GIL,
    GLOBEX,
    LOGIN,
    OWN_CALLBACK,
    TOKEN,
    C,
    Host,
    N,
    opened,
)
from tests.fakes.browser import approve

FORGED = [
    "https://evil.example",
    "https://acme.my.salesforce.com.evil.example",
    "https://evil.example/.my.salesforce.com",
    "https://acme.my.salesforce.com@evil.example",
    "https://evil.example#.my.salesforce.com",
    "https://evilsalesforce.com",
    "https://salesforce.com",
    "https://evil.my.site.force.com",
    "https://na123.salesforce.com",
    f"https://{LOGIN}",
    "http://acme.my.salesforce.com",
    "https://acme.my.salesforce.com:8443",
    "https://acme.my.salesforce.com/elsewhere",
    "https://127.0.0.1",
    "https://[::1]",
    "https://169.254.169.254",
    "https://acme.my.salesforce.com\n.evil.example",
    "//acme.my.salesforce.com",
    "",
    None,
    17,
    ["https://acme.my.salesforce.com"],
]


@pytest.fixture
async def host(start: StartService, github: GitHub) -> AsyncIterator[Host]:
    async with opened(start, github) as found:
        yield found


async def test_the_whole_way_by_oauth(host: Host) -> None:
    started = await host.start()
    asked = httpx.URL(started["authUrl"])
    assert (asked.host, asked.path) == (LOGIN, "/services/oauth2/authorize")
    assert asked.params["scope"] == "openid refresh_token api"
    assert asked.params["code_challenge_method"] == "S256"
    connected = data_of(await host.finish(started), 201)
    assert connected["account"]["id"] == ACCOUNT
    assert connected["missingScopes"] == []
    # Only the login host has seen the app's secret, and the API is asked at the org's own.
    assert [(one.url.host, one.url.path) for one in host.requests] == [
        (LOGIN, "/services/oauth2/token"),
        (ACME, "/services/oauth2/userinfo"),
    ]
    connection = connected["connectionId"]
    told = data_of(await host.client.get(f"{N}/{connection}"))
    assert told["config"] == {"instanceUrl": f"https://{ACME}", "loginUrl": None}
    containers = [one["id"] for one in await host.listed("containers", connection)]
    assert containers == [
        "Account",
        "Contact",
        "Lead",
        "Opportunity",
        "Case",
        "Task",
        "Acme_Asset__c",
    ]
    (first, *_) = await host.listed("items", connection, containerId="Case", state="open")
    assert first["url"] == f"https://{ACME}/{first['id'].removeprefix('Case:')}"
    query = {"connectionId": connection}
    one = data_of(await host.client.get(f"{C}/items/{first['id']}", params=query))
    assert "Description: It can't move.\nDay " in one["body"]
    assert host.hosts(since=1) == {ACME}
    elsewhere = await host.client.get(
        f"{C}/items/{first['id']}", params=query, headers={"X-Tenant-Id": "globex"}
    )
    error_of(elsewhere, 404, "not_found")


async def test_a_forged_address_never_gets_the_token(host: Host) -> None:
    for forged in FORGED:
        await host.switch("/instance-url", forged)
        answer = await host.finish(await host.start())
        assert answer.status_code == 502, forged
        error = error_of(answer, 502, "provider_error")
        assert error["details"]["reason"] == "instance_url is no address of Salesforce", forged
        assert "evil" not in answer.text
    assert {(one.url.host, one.url.path) for one in host.requests} == {
        (LOGIN, "/services/oauth2/token"),
        (LOGIN, "/services/oauth2/revoke"),
    }
    assert items_of(await host.client.get(N)) == []


async def test_what_was_granted_with_a_forged_address_is_audited_and_given_back(host: Host) -> None:
    await host.switch("/instance-url", FORGED[0])
    error_of(await host.finish(await host.start()), 502, "provider_error")
    (entry,) = items_of(await host.client.get("/api/audit-logs"))
    assert (entry["action"], entry["outcome"]) == ("credential.refused", "failure")
    assert entry["target"] == "salesforce"
    assert entry["details"]["message"] == "instance_url is no address of Salesforce"
    assert "evil" not in str(entry)
    assert await host.alive() == [False]


async def test_a_forged_address_does_not_harm_the_connection_it_was_for(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    await host.switch("/instance-url", FORGED[0])
    started = await host.start(connectionId=connection)
    error_of(await host.finish(started), 502, "provider_error")
    found = items_of(await host.client.get("/api/audit-logs?action=credential.refused"))
    assert [entry["target"] for entry in found] == [connection]
    # Only what came with the forged address has ended.
    assert await host.alive() == [True, False]
    assert len(await host.listed("containers", connection)) == 7


async def test_a_grant_that_cannot_be_given_back_is_refused_all_the_same(host: Host) -> None:
    await host.switch("/instance-url", FORGED[0])
    started = await host.start()
    came = await approve(host.salesforce, started["authUrl"])
    await host.salesforce.put(
        "/_sandbox/faults", json=[{"kind": "server_error", "path": "/services/oauth2/revoke"}]
    )
    error_of(await host.client.post(CALLBACK, json=came), 502, "provider_error")
    (entry,) = items_of(await host.client.get("/api/audit-logs"))
    assert entry["action"] == "credential.refused"
    assert len(host.asked("/services/oauth2/revoke")) == 1
    assert await host.alive() == [True]


async def test_what_a_caller_says_of_the_address_does_not_count(host: Host) -> None:
    config = {"instanceUrl": f"https://{GLOBEX}"}
    connection = (await host.connect(config=config))["connectionId"]
    assert host.hosts() == {LOGIN, ACME}
    assert len(await host.listed("containers", connection)) == 7
    evil = {"instanceUrl": FORGED[0]}
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK, "config": evil}
    refused = await host.client.post(f"{C}/connect", json=body)
    error = error_of(refused, 422, "validation_error")
    assert error["details"]["errors"][0]["field"] == "config.instanceUrl"


async def test_two_orgs_are_asked_at_their_own_hosts(host: Host) -> None:
    acme = (await host.connect())["connectionId"]
    globex = (await host.connect(choice={"account": GIL}))["connectionId"]
    before = len(host.requests)
    listed = await host.listed("items", globex, containerId="Account")
    assert len(listed) == 3
    assert host.hosts(since=before) == {GLOBEX}
    assert len(await host.listed("items", acme, containerId="Account")) == 45


async def test_a_session_that_has_ended_is_renewed_where_people_log_in(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    sent = []
    for _ in range(2):
        await host.salesforce.delete("/_sandbox/oauth/access-tokens")
        assert await host.listed("containers", connection)
        sent.append(
            dict(httpx.QueryParams(host.asked("/services/oauth2/token")[-1].content.decode()))
        )
    assert {one.url.host for one in host.asked("/services/oauth2/token")} == {LOGIN}
    # It rotates.
    assert sent[0]["refresh_token"] != sent[1]["refresh_token"]
    before = len(host.requests)
    # What a renewal says of the address does not move the credential.
    await host.switch("/instance-url", "https://evil.example")
    await host.salesforce.delete("/_sandbox/oauth/access-tokens")
    assert await host.listed("containers", connection)
    assert host.hosts(since=before) == {LOGIN, ACME}


async def test_a_grant_that_its_user_took_back(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    await host.salesforce.delete("/_sandbox/oauth/grants")
    answer = await host.client.get(f"{C}/containers", params={"connectionId": connection})
    error_of(answer, 409, "reauthorization_required")


async def test_disconnecting_gives_the_grant_back(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    told = data_of(await host.client.delete(f"{N}/{connection}"))
    assert told["revokedAtProvider"] == "yes"
    (revoke,) = host.asked("/services/oauth2/revoke")
    # Without the app's secret: whoever has a token may give it back.
    assert set(httpx.QueryParams(revoke.content.decode())) == {"token"}
    assert await host.alive() == [False]


@pytest.mark.parametrize("address", [FORGED[0], FORGED[1], FORGED[7], None], ids=repr)
async def test_a_typed_address_must_be_salesforces(host: Host, address: str | None) -> None:
    config = {"instanceUrl": address}
    body = {"method": "accessToken", "apiKey": TOKEN, "config": config}
    error_of(await host.client.post(CALLBACK, json=body), 422, "validation_error")
    assert host.requests == []


async def test_a_token_that_salesforce_does_not_know_is_refused(host: Host) -> None:
    """Also one of another org, at a host that is Salesforce's."""
    for token, name in (("00D!nothing", ACME), (TOKEN, GLOBEX)):
        config = {"instanceUrl": f"https://{name}"}
        body = {"method": "accessToken", "apiKey": token, "config": config}
        error_of(await host.client.post(CALLBACK, json=body), 422, "provider_rejected")
    assert items_of(await host.client.get(N)) == []


async def test_an_access_token_and_an_imported_answer(host: Host) -> None:
    typed = {
        "method": "accessToken",
        "apiKey": TOKEN,
        "config": {"instanceUrl": f"https://{ACME}/"},
    }
    first = data_of(await host.client.post(CALLBACK, json=typed), 201)
    assert first["account"]["id"] == ACCOUNT
    raw = {"access_token": TOKEN, "instance_url": f"https://{ACME}", "token_type": "Bearer"}
    body = {"userId": "u1", "method": "import", "token": {"raw": raw}}
    second = data_of(await host.client.post(CALLBACK, json=body), 201)
    assert len(await host.listed("containers", second["connectionId"])) == 7
    assert host.hosts() == {ACME}
    ours = {**body, "userId": "u2", "token": {"accessToken": TOKEN}}
    nowhere = error_of(await host.client.post(CALLBACK, json=ours), 422, "validation_error")
    assert nowhere["details"]["errors"][0]["field"] == "config.instanceUrl"
    forged = {**body, "userId": "u2", "token": {"raw": {**raw, "instance_url": FORGED[0]}}}
    error = error_of(await host.client.post(CALLBACK, json=forged), 422, "validation_error")
    assert error["details"]["errors"][0]["field"] == "config.instanceUrl"
    assert host.hosts() == {ACME}


async def test_a_login_host_of_a_tenants_own_needs_its_own_app(host: Host) -> None:
    config = {"loginUrl": f"https://{GLOBEX}"}
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK, "config": config}
    refused = await host.client.post(f"{C}/connect", json=body)
    error_of(refused, 409, "connector_not_configured")
    own = {"clientId": "sandbox-salesforce-app", "clientSecret": "sandbox-salesforce-secret"}
    connected = await host.connect(config=config, choice={"account": GIL}, **own)
    assert connected["status"] == "connected"
    assert host.hosts() == {GLOBEX}


async def test_records_are_synchronized_and_deletions_told(host: Host) -> None:
    connection = (await host.connect())["connectionId"]
    objects = {"settings": {"objects": ["Lead", "Task"]}}
    data_of(await host.client.patch(f"{N}/{connection}", json=objects))
    job = (await run(host.client, "salesforce", connection))["records"]
    assert (job["status"], job["counts"]["added"]) == ("succeeded", 136)
    gone = await host.client.request(
        "POST",
        f"{C}/tools/salesforce_update_record",
        json={
            "connectionId": connection,
            "arguments": {
                "object": "Lead",
                "record": "Lead:00Q000000000002AAA",
                "fields": {"Company": "Ebb"},
            },
        },
    )
    data_of(gone)
    await host.salesforce.request(
        "DELETE",
        f"https://{ACME}/services/data/v64.0/sobjects/Lead/00Q000000000001AAA",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    job = (await run(host.client, "salesforce", connection))["records"]
    assert job["status"] == "succeeded"
    assert (job["counts"]["updated"], job["counts"]["deleted"]) == (1, 1)
    kept = {one["id"]: one for one in await records(host.client, connection, includeDeleted="true")}
    assert kept["Lead:00Q000000000001AAA"]["lastAction"] == "deleted"
    assert kept["Lead:00Q000000000002AAA"]["data"]["fields"]["Company"] == "Ebb"


async def test_in_sandbox_mode_no_address_of_the_world_is_asked(
    start: StartService, github: GitHub
) -> None:
    public = "http://localhost:8000"
    service = await start(
        sandbox=True, public_url=public, connectors={}, connector_paths=[EXAMPLES]
    )
    github.network.add("localhost", service.app)
    catalogue = items_of(
        await service.client.get("/api/connectors", params={"category": "example"})
    )
    assert "salesforce" in {one["id"] for one in catalogue}
    body = {"method": "oauth2", "redirectUri": f"{public}{CALLBACK}"}
    started = data_of(await service.client.post(f"{C}/connect", json=body), 201)
    transport = httpx.ASGITransport(app=service.app)
    async with httpx.AsyncClient(transport=transport, base_url=public) as browser:
        came = await approve(browser, started["authUrl"])
    connected = data_of(await service.client.post(CALLBACK, json=came), 201)
    query = {"connectionId": connected["connectionId"], "containerId": "Account"}
    assert len(items_of(await service.client.get(f"{C}/items", params=query))) == 45
    asked = {"containerIds": ["Task"]}
    job = (await run(service.client, "salesforce", query["connectionId"], **asked))["records"]
    assert (job["status"], job["counts"]["added"]) == ("succeeded", 130)
    assert {one.url.host for one in github.network.requests} == {"localhost"}
