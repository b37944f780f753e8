"""The catalogue, and a tenant's settings of a connector."""

from typing import Any

import httpx
import jsonschema
import pytest

from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.conftest import GITHUB_URL, REPOSITORY, TOKEN, GitHub, Service, StartService, connect

GITHUB = "/api/connectors/github"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["github", "notes"]),
        ("category=development", ["github"]),
        ("category=none", []),
        ("capability=containers", ["github", "notes"]),
        ("capability=comments", ["github"]),
        ("capability=webhooks", ["github"]),
        ("q=GITHUB", ["github"]),
        ("q=notes", ["notes"]),
        ("q=pull+requests", ["github"]),
        ("q=.*", []),
        ("q=notes&capability=comments", []),
    ],
)
async def test_the_catalogue_is_narrowed_by_its_filters(
    notes_service: Service, query: str, found: list[str]
) -> None:
    listed = items_of(await notes_service.client.get(f"/api/connectors?{query}"))
    assert [entry["id"] for entry in listed if entry["id"] in {"github", "notes"}] == found


@pytest.mark.parametrize(
    ("query", "field"),
    [("capability=flying", "capability"), ("q=", "q"), ("category=%00", "category")],
)
async def test_a_bad_filter_of_the_catalogue_is_named(
    client: httpx.AsyncClient, query: str, field: str
) -> None:
    assert wrong_fields(await client.get(f"/api/connectors?{query}")) == [field]


async def listed_github(client: httpx.AsyncClient) -> Any:
    listed = items_of(await client.get("/api/connectors"))
    return next(entry for entry in listed if entry["id"] == "github")


async def test_the_catalogue_tells_what_grade_a_connector_claims(notes_service: Service) -> None:
    listed = items_of(await notes_service.client.get("/api/connectors"))
    grades = {entry["id"]: entry["grade"] for entry in listed}
    assert (grades["github"], grades["notes"]) == ("gold", None)
    one = data_of(await notes_service.client.get(GITHUB))
    assert one["grade"] == "gold"


async def test_the_catalogue_tells_what_a_connector_can_do(client: httpx.AsyncClient) -> None:
    entry = await listed_github(client)
    assert entry["iconUrl"] == "http://localhost:8000/api/connectors/github/icon.svg"
    assert entry["capabilities"] == [
        *("containers", "items", "comments", "resources", "tools", "sync", "webhooks"),
    ]
    assert entry["scopes"] == ["read:org", "repo"]
    assert (entry["configured"], entry["enabled"]) == (True, True)
    assert [(m["id"], m["kind"]) for m in entry["authMethods"]] == [
        ("pat", "apiKey"),
        ("oauth2", "oauth2"),
        ("import", "import"),
    ]
    one = data_of(await client.get(GITHUB))
    assert {name: one[name] for name in entry} == entry
    assert set(one) - set(entry) == {
        "configSchema",
        "credentialsSchema",
        "settingsSchema",
        "streams",
        "webhooks",
        "tools",
        "hasClientId",
        "hasClientSecret",
    }


async def test_forms_can_be_drawn_from_the_schemas(notes_service: Service) -> None:
    one = data_of(await notes_service.client.get("/api/connectors/notes"))
    for name in ("configSchema", "credentialsSchema", "settingsSchema"):
        jsonschema.Draft202012Validator.check_schema(one[name])
    assert one["configSchema"]["required"] == ["site"]
    assert one["settingsSchema"]["properties"]["pages"]["maximum"] == 100
    typed = one["credentialsSchema"]["anyOf"][0]
    assert typed["properties"]["apiSecret"]["writeOnly"] is True
    jira = data_of(await notes_service.client.get("/api/connectors/jira"))
    titles = {name: field["title"] for name, field in jira["configSchema"]["properties"].items()}
    assert titles["siteUrl"] == "Site url"


@pytest.mark.parametrize("connector_id", ["none", "GitHub", "git%20hub", "$ne", "..%00", "x" * 600])
async def test_an_unknown_connector_is_not_found_anywhere(
    client: httpx.AsyncClient, connection_id: str, connector_id: str
) -> None:
    base = f"/api/connectors/{connector_id}"
    query = f"?connectionId={connection_id}"
    ref = {"connectionId": connection_id}
    answers = [
        await client.get(base),
        await client.get(f"{base}/icon.svg"),
        await client.patch(base, json={"enabled": False}),
        await client.post(f"{base}/probe", json=ref),
        await client.post(f"{base}/validate", json={"credentials": {"apiKey": "x"}}),
        await client.post(f"{base}/revoke", json=ref),
        await client.post(f"{base}/connect", json={"method": "apiKey"}),
        await client.post(f"{base}/connect/callback", json={"apiKey": "x"}),
        await client.get(f"{base}/containers{query}"),
        await client.get(f"{base}/items{query}&containerId={REPOSITORY}"),
        await client.get(f"{base}/items/1:issue:1{query}"),
        await client.get(f"{base}/comments{query}&itemId=1:issue:1"),
    ]
    for answer in answers:
        error_of(answer, 404, "not_found")


async def refused_as_disabled(client: httpx.AsyncClient, connection_id: str) -> None:
    """Every way to use the connector is closed."""
    params = {"connectionId": connection_id}
    answers = [
        await client.post(f"{GITHUB}/connect", json={"method": "apiKey"}),
        await client.post(f"{GITHUB}/connect/callback", json={"apiKey": "x"}),
        await client.post(f"{GITHUB}/probe", json=params),
        await client.get(f"{GITHUB}/containers", params=params),
        await client.get(f"{GITHUB}/items", params={**params, "containerId": REPOSITORY}),
        await client.get(f"{GITHUB}/items/1296269:issue:1", params=params),
        await client.get(f"{GITHUB}/comments", params={**params, "itemId": "1296269:issue:1"}),
    ]
    for answer in answers:
        error = error_of(answer, 409, "connector_not_configured")
        assert error["details"] == {"reason": "disabled"}


async def test_a_connector_that_the_tenant_switched_off_is_not_used(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    assert data_of(await client.patch(GITHUB, json={"enabled": False}))["enabled"] is False
    await refused_as_disabled(client, connection_id)
    for again in (True, None):
        data_of(await client.patch(GITHUB, json={"enabled": False}))
        assert data_of(await client.patch(GITHUB, json={"enabled": again}))["enabled"] is True
        items_of(await client.get(f"{GITHUB}/containers?connectionId={connection_id}"))


async def test_a_connector_that_the_operator_switched_off_is_not_used(
    client: httpx.AsyncClient, connection_id: str, start: StartService
) -> None:
    off = await start(connectors={"github": {"api_url": GITHUB_URL, "enabled": False}})
    assert data_of(await off.client.patch(GITHUB, json={"enabled": True}))["enabled"] is False
    await refused_as_disabled(off.client, connection_id)


async def test_the_tenants_own_app_is_one_unit_and_never_shown(client: httpx.AsyncClient) -> None:
    async def has_app() -> tuple[bool, bool]:
        one = data_of(await client.get(GITHUB))
        return one["hasClientId"], one["hasClientSecret"]

    assert wrong_fields(await client.patch(GITHUB, json={"clientId": "a"})) == ["clientSecret"]
    assert wrong_fields(await client.patch(GITHUB, json={"clientSecret": "s"})) == ["clientId"]
    assert await has_app() == (False, False)
    app = {"clientId": "the-app", "clientSecret": "hush-hush"}
    answer = await client.patch(GITHUB, json=app)
    assert data_of(answer)["hasClientSecret"] is True
    assert "the-app" not in answer.text
    data_of(await client.patch(GITHUB, json={"enabled": True}))
    assert await has_app() == (True, True)
    data_of(await client.patch(GITHUB, json={"clientId": None, "clientSecret": None}))
    assert await has_app() == (False, False)


async def test_the_tenants_scopes_take_the_place_of_the_usual_ones(
    client: httpx.AsyncClient,
) -> None:
    for scopes, shown in ((["repo"], ["repo"]), ([], []), (None, ["read:org", "repo"])):
        assert data_of(await client.patch(GITHUB, json={"scopes": scopes}))["scopes"] == shown
        assert (await listed_github(client))["scopes"] == shown


async def test_the_tenants_config_is_inherited_by_what_is_connected(notes_service: Service) -> None:
    client = notes_service.client
    answer = await client.patch("/api/connectors/notes", json={"config": {"site": 5}})
    assert wrong_fields(answer) == ["config.site"]
    data_of(await client.patch("/api/connectors/notes", json={"config": {"site": "ours"}}))
    body = {"apiKey": "k", "apiSecret": "s"}
    url = "/api/connectors/notes/connect/callback"
    connected = data_of(await client.post(url, json=body), 201)
    found = data_of(await client.get(f"/api/connections/{connected['connectionId']}"))
    assert found["config"] == {"site": "ours"}


@pytest.mark.parametrize("config", [None, {}])
async def test_the_tenants_config_can_be_cleared(
    notes_service: Service, config: dict[str, Any] | None
) -> None:
    client = notes_service.client
    data_of(await client.patch("/api/connectors/notes", json={"config": {"site": "ours"}}))
    data_of(await client.patch("/api/connectors/notes", json={"config": config}))
    url = "/api/connectors/notes/connect/callback"
    answer = await client.post(url, json={"apiKey": "k", "apiSecret": "s"})
    assert wrong_fields(answer) == ["config.site"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"enabled": "true"}, "enabled"),
        ({"enabled": 1}, "enabled"),
        ({"scopes": "repo"}, "scopes"),
        ({"scopes": [1]}, "scopes.0"),
        ({"scopes": ["a\nb"]}, "scopes.0"),
        ({"scopes": [""]}, "scopes.0"),
        ({"config": {"site": "x"}}, "config.site"),
        ({"config": []}, "config"),
        ({"name": "Mine"}, "name"),
        ({"client_id": "x"}, "client_id"),
    ],
)
async def test_a_bad_setting_is_named_and_not_made(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    assert wrong_fields(await client.patch(GITHUB, json=body)) == [field]
    assert items_of(await client.get("/api/audit-logs")) == []


async def test_a_connection_made_before_keeps_its_config(notes_service: Service) -> None:
    client = notes_service.client
    await connect(client)
    data_of(await client.patch("/api/connectors/notes", json={"config": {"site": "ours"}}))
    url = "/api/connectors/notes/connect/callback"
    body = {"apiKey": "k", "apiSecret": "s", "config": {"site": "mine"}}
    connected = data_of(await client.post(url, json=body), 201)
    renewed = {"apiKey": "k", "apiSecret": "s", "connectionId": connected["connectionId"]}
    data_of(await client.post(url, json=renewed))
    found = data_of(await client.get(f"/api/connections/{connected['connectionId']}"))
    assert found["config"] == {"site": "mine"}


async def test_a_credential_is_not_sent_to_a_connector_that_is_switched_off(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    assert (await client.patch(GITHUB, json={"enabled": False})).status_code == 200
    await github.forget()
    given = {"credentials": {"apiKey": TOKEN}}
    answers = [
        await client.post(f"{GITHUB}/validate", json=given),
        await client.post("/api/connections/validate", json={"connectionId": connection_id}),
    ]
    for answer in answers:
        error_of(answer, 409, "connector_not_configured")
    assert await github.requests() == {}
