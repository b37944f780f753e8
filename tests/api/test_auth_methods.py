"""A user name out of the config, sites by method, and what each method needs."""

import base64
from typing import Any

import pytest

from tests.api.answers import data_of, error_of, wrong_fields
from tests.api.desk import CALLBACK, EMAIL, SECRET, START, Desk

SITE = "https://acme.desk.example"
MAIL: dict[str, Any] = {
    "method": "apiToken",
    "apiKey": SECRET,
    "config": {"email": EMAIL, "siteUrl": SITE},
}
GLOBEX = {"X-Tenant-Id": "globex"}


async def test_the_user_name_comes_from_the_config_and_the_key_is_the_password(desk: Desk) -> None:
    data_of(await desk.client.post(CALLBACK, json=MAIL), 201)
    (asked,) = desk.asked("/me")
    pair = base64.b64encode(f"{EMAIL}:{SECRET}".encode()).decode()
    assert asked.headers["authorization"] == f"Basic {pair}"
    assert str(asked.url) == f"{SITE}/me"


@pytest.mark.parametrize(
    ("body", "host"),
    [
        (MAIL, "acme.desk.example"),
        (
            {**MAIL, "method": "pat", "config": {"baseUrl": "https://desk.corp.example/ctx"}},
            "desk.corp.example/ctx",
        ),
        ({**MAIL, "method": "key"}, "desk.sandbox"),
    ],
    ids=["apiToken", "pat", "key"],
)
async def test_the_method_says_which_address_of_the_config_counts(
    desk: Desk, body: dict[str, Any], host: str
) -> None:
    connected = data_of(await desk.client.post(CALLBACK, json=body), 201)
    (asked,) = desk.asked("/me")
    assert f"{asked.url.host}{asked.url.path}" == f"{host}/me"
    assert connected["account"]["id"].endswith(f"@{body['method']}")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"config": {"siteUrl": SITE}}, "config.email"),
        ({"config": {"email": EMAIL}}, "config.siteUrl"),
        ({"config": {"email": "", "siteUrl": SITE}}, "config.email"),
        ({"config": {"email": "a:b", "siteUrl": SITE}}, "config.email"),
        ({"method": "pat"}, "config.baseUrl"),
        ({"method": "import", "apiKey": None, "token": {"accessToken": "x"}}, "config.team"),
    ],
)
async def test_what_a_method_needs_is_asked_for_by_name(
    desk: Desk, change: dict[str, Any], field: str
) -> None:
    body = {name: value for name, value in {**MAIL, **change}.items() if value is not None}
    assert wrong_fields(await desk.client.post(CALLBACK, json=body)) == [field]
    credentials = {name: body[name] for name in ("method", "apiKey", "token") if name in body}
    config = body["config"]
    told = data_of(
        await desk.client.post(
            "/api/connectors/desk/validate", json={"credentials": credentials, "config": config}
        )
    )
    assert told["valid"] is False
    assert [problem["field"] for problem in told["errors"]] == [field]
    assert desk.asked() == []


async def test_a_token_for_a_connection_needs_what_its_method_needs(desk: Desk) -> None:
    pending: dict[str, Any] = {"connectorId": "desk", "authMethod": "import"}
    made = data_of(await desk.client.post("/api/connections", json=pending), 201)
    body = {"connectionId": made["id"], "token": {"accessToken": SECRET}}
    assert wrong_fields(await desk.client.post("/api/connections/token", json=body)) == [
        "config.team"
    ]
    other = await desk.client.post("/api/connections/token", json=body, headers=GLOBEX)
    error_of(other, 404, "not_found")
    pending |= {"config": {"team": "red"}, "userId": "ada"}
    made = data_of(await desk.client.post("/api/connections", json=pending), 201)
    body["connectionId"] = made["id"]
    assert data_of(await desk.client.post("/api/connections/token", json=body))["hasAccessToken"]


async def test_a_form_shows_the_fields_of_its_method(desk: Desk) -> None:
    form = data_of(await desk.client.post(START, json={"method": "apiToken"}))
    names = [field["name"] for field in form["fields"]]
    assert names == ["apiKey", "config.email", "config.siteUrl"]
    detail = data_of(await desk.client.get("/api/connectors/desk"))
    by_method = {
        way["properties"]["method"]["const"]: way for way in detail["credentialsSchema"]["anyOf"]
    }
    assert by_method["apiToken"]["required"] == names
    assert by_method["pat"]["required"] == ["apiKey", "config.baseUrl"]


async def test_a_refusal_that_repeats_the_key_does_not_give_it_away(desk: Desk) -> None:
    wrong = "never-to-be-seen-4711"
    encoded = base64.b64encode(f"eve@desk.example:{wrong}".encode()).decode()
    config = {**MAIL["config"], "email": "eve@desk.example"}
    answer = await desk.client.post(CALLBACK, json={**MAIL, "apiKey": wrong, "config": config})
    details = error_of(answer, 422, "provider_rejected")["details"]
    assert "may not use" in details["message"]
    log = await desk.client.get("/api/audit-logs")
    for told in (answer.text, log.text):
        assert wrong not in told
        assert encoded not in told


async def test_what_is_always_needed_is_asked_for_beside_scopes_and_tools(desk: Desk) -> None:
    body = {"method": "oauth2", "redirectUri": f"http://localhost:8000{CALLBACK}"}

    async def asked(**more: Any) -> str:
        started = data_of(await desk.client.post(START, json={**body, **more}), 201)
        query = started["authUrl"].partition("scope=")[2].partition("&")[0]
        return str(query).replace("%20", " ").replace("+", " ")

    assert await asked() == "offline read"
    assert await asked(scopes=["write"]) == "offline write"
    assert await asked(tools=["desk_create_ticket"]) == "offline read write"
    assert await asked(tools=["desk_search_tickets"], scopes=["admin"]) == "offline admin read"
    connection_id = await desk.grant("acme")
    again = {"connectionId": connection_id, "tools": ["desk_create_ticket"]}
    assert await asked(**again) == "offline read write"
    assert await asked(**again, scopes=["admin"]) == "offline admin read write"
    searching = {"connectionId": connection_id, "tools": ["desk_search_tickets"]}
    assert await asked(**searching) == "offline read"
    data_of(await desk.client.patch("/api/connectors/desk", json={"scopes": ["write"]}))
    assert await asked() == "offline write"
    assert await asked(**searching) == "offline read"
    unknown = await desk.client.post(START, json={**body, "tools": ["desk_fly"]})
    assert wrong_fields(unknown) == ["tools"]
