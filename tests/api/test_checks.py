"""Probe and validate: what a provider does wrong is the answer."""

from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.conftest import TOKEN, GitHub, Service, StartService, connect

PROBE = "/api/connectors/github/probe"
VALIDATE = "/api/connections/validate"
VALIDATE_NEW = "/api/connectors/github/validate"


async def status_of(client: httpx.AsyncClient, connection_id: str) -> str:
    """The status of a connection."""
    status: str = data_of(await client.get(f"/api/connections/{connection_id}"))["status"]
    return status


async def test_a_probe_tells_how_the_provider_answers(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    probe = data_of(await client.post(PROBE, json={"connectionId": connection_id}))
    assert (probe["reachable"], probe["authenticated"]) == (True, True)
    assert probe["latencyMs"] >= 0
    assert probe["account"]["name"] == "octocat"
    assert probe["rateLimit"]["limit"] == 5000
    assert probe["rateLimit"]["remaining"] < 5000


@pytest.mark.parametrize(
    ("fault", "answered", "status"),
    [
        ({"kind": "unauthorized"}, (True, False), "reauth_required"),
        ({"kind": "server_error"}, (False, False), "connected"),
        ({"kind": "cut"}, (False, False), "connected"),
        ({"kind": "not_json"}, (True, False), "connected"),
        ({"kind": "wrong_type"}, (True, False), "connected"),
        ({"kind": "huge"}, (True, False), "connected"),
        ({"kind": "rate_limited", "retry_after": 60}, (True, True), "connected"),
        ({"kind": "secondary_limit", "retry_after": 60}, (True, True), "connected"),
        ({"kind": "primary_limit"}, (True, True), "connected"),
    ],
)
async def test_a_providers_fault_is_the_answer_of_a_probe(
    client: httpx.AsyncClient,
    connection_id: str,
    github: GitHub,
    fault: dict[str, Any],
    answered: tuple[bool, bool],
    status: str,
) -> None:
    await github.fault(fault)
    probe = data_of(await client.post(PROBE, json={"connectionId": connection_id}))
    assert (probe["reachable"], probe["authenticated"]) == answered
    assert probe["account"] is None
    assert await status_of(client, connection_id) == status


async def test_a_slow_provider_is_not_waited_for(
    client: httpx.AsyncClient, connection_id: str, github: GitHub, start: StartService
) -> None:
    hasty = await start(provider_timeout_seconds=0.01)
    await github.fault({"kind": "slow", "delay": 60})
    probe = data_of(await hasty.client.post(PROBE, json={"connectionId": connection_id}))
    assert (probe["reachable"], probe["authenticated"]) == (False, False)


async def test_a_connection_that_waits_for_its_user_is_not_probed(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    body = {"connectionId": connection_id}
    await github.fault({"kind": "unauthorized"})
    data_of(await client.post(PROBE, json=body))
    await github.fault()
    await github.forget()
    error_of(await client.post(PROBE, json=body), 409, "reauthorization_required")
    assert await github.requests() == {}


async def test_a_connection_without_a_credential_is_not_probed(client: httpx.AsyncClient) -> None:
    new = {"connectorId": "github", "authMethod": "pat"}
    pending = data_of(await client.post("/api/connections", json=new), 201)
    answer = await client.post(PROBE, json={"connectionId": pending["id"]})
    error = error_of(answer, 409, "connection_not_ready")
    assert error["details"] == {"status": "pending", "reauthorizeUrl": None}


async def test_a_probe_names_the_connector_of_the_connection(notes_service: Service) -> None:
    client = notes_service.client
    body = {"connectionId": await connect(client)}
    answer = await client.post("/api/connectors/notes/probe", json=body)
    assert wrong_fields(answer) == ["connectionId"]


async def test_a_working_connection_is_valid(client: httpx.AsyncClient, connection_id: str) -> None:
    verdict = data_of(await client.post(VALIDATE, json={"connectionId": connection_id}))
    assert (verdict["valid"], verdict["errors"], verdict["missingScopes"]) == (True, [], [])
    assert verdict["account"]["name"] == "octocat"


async def test_a_refused_connection_waits_and_works_again_once_it_is_accepted(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    body = {"connectionId": connection_id}
    await github.fault({"kind": "unauthorized"})
    for _ in range(2):
        verdict = data_of(await client.post(VALIDATE, json=body))
        assert verdict["valid"] is False
        assert [problem["field"] for problem in verdict["errors"]] == ["credentials"]
        assert await status_of(client, connection_id) == "reauth_required"
    entries = items_of(await client.get("/api/audit-logs?action=connection.reauth_required"))
    assert len(entries) == 1
    await github.fault()
    assert data_of(await client.post(VALIDATE, json=body))["valid"] is True
    found = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert (found["status"], found["lastError"], found["health"]) == ("connected", None, "ok")


async def test_a_waiting_connection_whose_account_was_connected_anew_stays_waiting(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    old = await connect(client)
    new_body = {"connectorId": "github", "authMethod": "pat"}
    pending = data_of(await client.post("/api/connections", json=new_body), 201)["id"]
    await github.fault({"kind": "unauthorized"})
    data_of(await client.post(VALIDATE, json={"connectionId": old}))
    await github.fault()
    data_of(
        await client.post(
            "/api/connectors/github/connect/callback",
            json={"apiKey": TOKEN, "connectionId": pending},
        )
    )
    assert data_of(await client.post(VALIDATE, json={"connectionId": old}))["valid"] is True
    assert await status_of(client, old) == "reauth_required"
    assert await status_of(client, pending) == "connected"


@pytest.mark.parametrize("ended", [True, False])
async def test_a_connection_without_a_credential_is_not_valid(
    client: httpx.AsyncClient, github: GitHub, ended: bool
) -> None:
    new = {"connectorId": "github", "authMethod": "pat"}
    connection_id = data_of(await client.post("/api/connections", json=new), 201)["id"]
    if ended:
        await client.delete(f"/api/connections/{connection_id}")
    verdict = data_of(await client.post(VALIDATE, json={"connectionId": connection_id}))
    assert verdict["valid"] is False
    assert [problem["field"] for problem in verdict["errors"]] == ["connectionId"]
    assert github.network.requests == []


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "server_error"}, 502, "provider_error"),
        ({"kind": "rate_limited", "retry_after": 60}, 429, "rate_limited"),
    ],
)
async def test_a_provider_that_cannot_be_asked_makes_nothing_invalid(
    client: httpx.AsyncClient,
    connection_id: str,
    github: GitHub,
    fault: dict[str, Any],
    status: int,
    code: str,
) -> None:
    await github.fault(fault)
    error_of(await client.post(VALIDATE, json={"connectionId": connection_id}), status, code)
    body = {"credentials": {"apiKey": TOKEN}}
    error_of(await client.post(VALIDATE_NEW, json=body), status, code)
    assert await status_of(client, connection_id) == "connected"


@pytest.mark.parametrize(
    ("credentials", "field"),
    [
        ({"apiKey": TOKEN}, None),
        ({"apiKey": TOKEN, "method": "pat"}, None),
        ({"token": {"accessToken": TOKEN}}, None),
        ({"token": {"raw": {"access_token": TOKEN}}}, None),
        ({"apiKey": "ghp_wrong"}, "apiKey"),
        ({"token": {"accessToken": "ghp_wrong"}}, "token"),
        ({"token": {"raw": {"key": TOKEN}}}, "token.raw"),
        ({"apiKey": TOKEN, "method": "oauth2"}, "method"),
    ],
)
async def test_credentials_are_checked_before_they_are_stored(
    client: httpx.AsyncClient, credentials: dict[str, Any], field: str | None
) -> None:
    verdict = data_of(await client.post(VALIDATE_NEW, json={"credentials": credentials}))
    assert verdict["valid"] is (field is None)
    assert [problem["field"] for problem in verdict["errors"]] == ([field] if field else [])
    assert (verdict["account"] is None) is (field is not None)
    assert items_of(await client.get("/api/connections")) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "credentials"),
        ({"credentials": {}}, "credentials"),
        ({"credentials": {"apiKey": TOKEN, "token": {"accessToken": TOKEN}}}, "credentials"),
        ({"credentials": {"apiKey": "a b"}}, "credentials.apiKey"),
        ({"credentials": {"apiKey": TOKEN}, "alias": "x"}, "alias"),
        ({"credentials": TOKEN}, "credentials"),
    ],
)
async def test_a_body_that_cannot_be_checked_is_refused(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await client.post(VALIDATE_NEW, json=body)
    assert wrong_fields(answer) == [field]
    assert TOKEN not in answer.text


async def test_config_is_checked_with_the_credentials(notes_service: Service) -> None:
    url = "/api/connectors/notes/validate"
    body = {"credentials": {"apiKey": "k", "apiSecret": "s"}, "config": {"port": 1}}
    verdict = data_of(await notes_service.client.post(url, json=body))
    assert verdict["valid"] is False
    fields = {problem["field"] for problem in verdict["errors"]}
    assert fields == {"config.site", "config.port"}


async def test_config_alone_is_checked_for_its_form(notes_service: Service) -> None:
    url = "/api/connectors/notes/validate"
    wrong = data_of(await notes_service.client.post(url, json={"config": {"port": 1}}))
    assert wrong["valid"] is False
    assert {problem["field"] for problem in wrong["errors"]} == {"config.site", "config.port"}
    right = {"config": {"site": "https://notes.example"}}
    verdict = data_of(await notes_service.client.post(url, json=right))
    assert verdict == {"valid": True, "errors": [], "account": None}
