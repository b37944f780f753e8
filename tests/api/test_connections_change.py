"""Reading, changing and ending one connection."""

from typing import Any

import httpx
import pytest

from src.db.client import Mongo
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.conftest import GitHub, Service, connect

MALFORMED = ["con_1", "con_" + "g" * 24, "con_" + "A" * 24, "x", "job_" + "0" * 24, "con_%00"]


@pytest.fixture
def path(connection_id: str) -> str:
    return f"/api/connections/{connection_id}"


async def test_fields_are_set_and_cleared_and_others_kept(
    client: httpx.AsyncClient, path: str
) -> None:
    changes: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"alias": "Work"}, {"alias": "Work", "metadata": {}}),
        ({"metadata": {"a": {"b": 1}}}, {"alias": "Work", "metadata": {"a": {"b": 1}}}),
        ({"metadata": {"c": 2}}, {"alias": "Work", "metadata": {"c": 2}}),
        ({}, {"alias": "Work", "metadata": {"c": 2}}),
        ({"alias": None}, {"alias": None, "metadata": {"c": 2}}),
        ({"metadata": None, "settings": None}, {"alias": None, "metadata": {}}),
    ]
    for body, expected in changes:
        answered = data_of(await client.patch(path, json=body))
        found = data_of(await client.get(path))
        assert answered == found
        assert {name: found[name] for name in expected} == expected
        assert found["status"] == "connected"


async def test_a_change_is_audited_by_the_names_of_its_fields(
    client: httpx.AsyncClient, path: str
) -> None:
    body = {"alias": "Private life", "clientId": "own", "clientSecret": "hush"}
    data_of(await client.patch(path, json=body))
    answer = await client.get("/api/audit-logs?action=connection.updated")
    (entry,) = items_of(answer)
    assert entry["details"] == {"fields": ["alias", "client_id", "client_secret"]}


async def test_an_own_app_is_one_unit(client: httpx.AsyncClient, path: str) -> None:
    async def has_app() -> tuple[bool, bool]:
        found = data_of(await client.get(path))
        return found["hasClientId"], found["hasClientSecret"]

    assert wrong_fields(await client.patch(path, json={"clientId": "a"})) == ["clientSecret"]
    assert wrong_fields(await client.patch(path, json={"clientSecret": "s"})) == ["clientId"]
    assert await has_app() == (False, False)
    data_of(await client.patch(path, json={"clientId": "a", "clientSecret": "s"}))
    assert await has_app() == (True, True)
    for half in ({"clientId": "b"}, {"clientSecret": None}):
        assert wrong_fields(await client.patch(path, json=half)) == ["clientSecret"]
    assert await has_app() == (True, True)
    for body in ({"clientSecret": "new"}, {"clientId": "a"}, {"alias": "x"}):
        data_of(await client.patch(path, json=body))
    assert await has_app() == (True, True)
    data_of(await client.patch(path, json={"clientId": None}))
    assert await has_app() == (False, False)
    data_of(await client.patch(path, json={"clientId": None, "clientSecret": None}))
    assert await has_app() == (False, False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"alias": ""}, "alias"),
        ({"alias": "a\nb"}, "alias"),
        ({"alias": 1}, "alias"),
        ({"settings": {"color": "red"}}, "settings.color"),
        ({"settings": []}, "settings"),
        ({"metadata": {"$set": 1}}, "metadata"),
        ({"metadata": "x"}, "metadata"),
        ({"status": "connected"}, "status"),
        ({"userId": "bob"}, "userId"),
        ({"config": {}}, "config"),
        ({"client_id": "a"}, "client_id"),
        ({"clientSecret": "a b"}, "clientSecret"),
    ],
)
async def test_a_bad_change_is_named_and_not_made(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], field: str
) -> None:
    before = data_of(await client.get(path))
    assert wrong_fields(await client.patch(path, json={"metadata": {"x": 1}, **body})) == [field]
    assert data_of(await client.get(path)) == before


async def test_settings_are_checked_by_the_connector(notes_service: Service) -> None:
    client = notes_service.client
    body = {"connectorId": "notes", "authMethod": "pair", "config": {"site": "a"}}
    made = data_of(await client.post("/api/connections", json=body), 201)
    path = f"/api/connections/{made['id']}"
    answer = await client.patch(path, json={"settings": {"pages": 1000}})
    assert wrong_fields(answer) == ["settings.pages"]
    assert data_of(await client.patch(path, json={"settings": {"pages": 5}}))["settings"] == {
        "pages": 5
    }
    assert data_of(await client.patch(path, json={"settings": None}))["settings"] == {"pages": 10}


@pytest.mark.parametrize("connection_id", MALFORMED)
async def test_a_malformed_id_is_not_found_in_a_path(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    path = f"/api/connections/{connection_id}"
    answers = [
        await client.get(path),
        await client.patch(path, json={}),
        await client.delete(path),
        await client.get(f"{path}/token"),
        await client.get(f"{path}/sync-state"),
        await client.post(f"{path}/sync-state", json={"stream": "issues", "checkpoint": {}}),
    ]
    for answer in answers:
        error_of(answer, 404, "not_found")


@pytest.mark.parametrize("connection_id", [*MALFORMED, "", 5, None, ["con_" + "0" * 24]])
async def test_a_malformed_id_is_named_in_a_body(
    client: httpx.AsyncClient, connection_id: object
) -> None:
    body = {"connectionId": connection_id}
    for path in (
        "/api/connections/revoke",
        "/api/connections/validate",
        "/api/connectors/github/revoke",
        "/api/connectors/github/probe",
    ):
        assert wrong_fields(await client.post(path, json=body)) == ["connectionId"]


async def test_deleting_disconnects_and_keeps_the_record(
    client: httpx.AsyncClient, path: str, connection_id: str, mongo: Mongo
) -> None:
    data_of(await client.patch(path, json={"alias": "Work", "metadata": {"a": 1}}))
    ended = {"connectionId": connection_id, "status": "disconnected"}
    answered = data_of(await client.delete(path))
    assert answered == {**ended, "revokedAtProvider": "unsupported"}
    found = data_of(await client.get(path))
    kept = (found["status"], found["alias"], found["metadata"])
    assert kept == ("disconnected", "Work", {"a": 1})
    assert await mongo.database["tokens"].count_documents({}) == 0
    again = data_of(await client.delete(path))
    assert again == {**ended, "revokedAtProvider": "not_needed"}
    entries = items_of(await client.get("/api/audit-logs?action=connection.revoked"))
    assert len(entries) == 1


@pytest.mark.parametrize("url", ["/api/connections/revoke", "/api/connectors/github/revoke"])
async def test_both_revoke_routes_disconnect(
    client: httpx.AsyncClient, path: str, connection_id: str, url: str
) -> None:
    body = {"connectionId": connection_id}
    for revoked in ("unsupported", "not_needed"):
        answered = data_of(await client.post(url, json=body))
        assert answered == {
            "connectionId": connection_id,
            "status": "disconnected",
            "revokedAtProvider": revoked,
        }
    assert data_of(await client.get(path))["status"] == "disconnected"


async def test_a_pending_connection_is_deleted_without_a_call(
    client: httpx.AsyncClient, github: GitHub
) -> None:
    body = {"connectorId": "github", "authMethod": "pat"}
    pending = data_of(await client.post("/api/connections", json=body), 201)
    ended = data_of(await client.delete(f"/api/connections/{pending['id']}"))
    assert ended["revokedAtProvider"] == "not_needed"
    assert github.network.requests == []


async def test_revoking_names_the_connector_of_the_connection(notes_service: Service) -> None:
    client = notes_service.client
    body = {"connectionId": await connect(client)}
    answer = await client.post("/api/connectors/notes/revoke", json=body)
    assert wrong_fields(answer) == ["connectionId"]
    answer = await client.post("/api/connectors/none/revoke", json=body)
    error_of(answer, 404, "not_found")


async def test_a_connection_can_be_ended_while_its_connector_is_off(
    client: httpx.AsyncClient, path: str
) -> None:
    data_of(await client.patch("/api/connectors/github", json={"enabled": False}))
    assert data_of(await client.delete(path))["status"] == "disconnected"


async def test_changing_a_disconnected_connection_does_not_revive_it(
    client: httpx.AsyncClient, path: str
) -> None:
    data_of(await client.delete(path))
    changed = data_of(await client.patch(path, json={"alias": "old times"}))
    assert (changed["alias"], changed["status"]) == ("old times", "disconnected")
