"""Connections made before any authorization, and what may be written into them."""

from typing import Any

import httpx
import pytest

from src.connectors.github.manifest import MANIFEST
from tests.api.answers import TIME, data_of, error_of, items_of, wrong_fields
from tests.conftest import Service

URL = "/api/connections"
BODY = {"connectorId": "github", "authMethod": "pat"}


async def test_a_new_connection_is_pending_and_shows_all_its_fields(
    client: httpx.AsyncClient,
) -> None:
    body = {**BODY, "alias": "Work", "userId": "ada", "metadata": {"team": {"id": 7}}}
    made = data_of(await client.post(URL, json=body), 201)
    assert TIME.fullmatch(made["createdAt"])
    assert made["createdAt"] == made.pop("updatedAt")
    connection_id = made["id"]
    assert data_of(await client.get(f"{URL}/{connection_id}"))["id"] == connection_id
    del made["id"], made["createdAt"]
    assert made == {
        "connectorId": "github",
        "alias": "Work",
        "userId": "ada",
        "status": "pending",
        "health": "ok",
        "account": None,
        "authMethod": "pat",
        "hasClientId": False,
        "hasClientSecret": False,
        "grantedScopes": None,
        "missingScopes": [],
        "capabilities": dict.fromkeys(
            (
                "containers",
                "items",
                "comments",
                "resources",
                "tools",
                "sync",
                "webhooks",
                *(tool.name for tool in MANIFEST.tools),
            ),
            "ok",
        ),
        "config": {"baseUrl": None},
        "settings": {},
        "metadata": {"team": {"id": 7}},
        "tokenExpiresAt": None,
        "lastUsedAt": None,
        "lastError": None,
        "selection": None,
    }


async def test_a_user_has_one_such_connection_for_each_connector(
    client: httpx.AsyncClient,
) -> None:
    first = data_of(await client.post(URL, json=BODY), 201)
    error = error_of(await client.post(URL, json=BODY), 409, "connection_exists")
    assert error["details"] == {"connectionId": first["id"]}
    other = data_of(await client.post(URL, json={**BODY, "userId": "ada"}), 201)
    assert other["id"] != first["id"]


async def test_the_place_stays_taken_until_the_connection_is_deleted(
    client: httpx.AsyncClient,
) -> None:
    first = data_of(await client.post(URL, json=BODY), 201)
    callback = {"apiKey": "ghp_sandbox_octocat", "connectionId": first["id"]}
    data_of(await client.post("/api/connectors/github/connect/callback", json=callback))
    error_of(await client.post(URL, json=BODY), 409, "connection_exists")
    data_of(await client.delete(f"{URL}/{first['id']}"))
    data_of(await client.post(URL, json=BODY), 201)


async def test_making_one_is_audited(client: httpx.AsyncClient) -> None:
    made = data_of(await client.post(URL, json=BODY), 201)
    (entry,) = items_of(await client.get("/api/audit-logs"))
    assert (entry["action"], entry["target"]) == ("connection.created", made["id"])


async def test_an_own_app_is_kept_and_never_shown(client: httpx.AsyncClient) -> None:
    body = {**BODY, "clientId": "own-app", "clientSecret": "own-secret"}
    made = data_of(await client.post(URL, json=body), 201)
    assert (made["hasClientId"], made["hasClientSecret"]) == (True, True)
    assert "clientSecret" not in made


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"connectorId": "nothing"}, "connectorId"),
        ({"connectorId": None}, "connectorId"),
        ({"connectorId": "a/b"}, "connectorId"),
        ({"authMethod": "password"}, "authMethod"),
        ({"authMethod": 1}, "authMethod"),
        ({"clientId": "half"}, "clientSecret"),
        ({"clientSecret": "half"}, "clientId"),
        ({"clientId": "a\nb", "clientSecret": "s"}, "clientId"),
        ({"settings": {"color": "red"}}, "settings.color"),
        ({"config": {"site": "a"}}, "config.site"),
        ({"metadata": []}, "metadata"),
        ({"metadata": "x"}, "metadata"),
        ({"status": "connected"}, "status"),
        ({"id": "con_0123456789abcdef01234567"}, "id"),
        ({"tenantId": "globex"}, "tenantId"),
        ({"connector_id": "github"}, "connector_id"),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_made(
    client: httpx.AsyncClient, more: dict[str, Any], field: str
) -> None:
    assert wrong_fields(await client.post(URL, json={**BODY, **more})) == [field]
    assert items_of(await client.get(URL)) == []


async def test_config_and_settings_are_checked_by_the_connector(notes_service: Service) -> None:
    client = notes_service.client
    body: dict[str, Any] = {"connectorId": "notes", "authMethod": "pair"}
    assert wrong_fields(await client.post(URL, json=body)) == ["config.site"]
    body["config"] = {"site": "a"}
    for pages in (0, 101, "5", 5.5, True, None):
        answer = await client.post(URL, json={**body, "settings": {"pages": pages}})
        assert wrong_fields(answer) == ["settings.pages"]
    made = data_of(await client.post(URL, json={**body, "settings": {"pages": 5}}), 201)
    assert (made["config"], made["settings"]) == ({"site": "a"}, {"pages": 5})


def nested(depth: int) -> dict[str, Any]:
    """An object inside an object and so on."""
    return {"a": nested(depth - 1)} if depth else {}


GOOD_METADATA: list[dict[str, Any]] = [
    {},
    nested(8),
    {"a": 2**63 - 1, "b": -(2**63), "c": 1.5, "d": None, "e": True, "f": [1, [2, {"g": []}]]},
    {"text": "größe \U0001f600 \u0000 \u2028"},
    {"Schlüssel": 1, "a b": 2, "a$": 3, "__proto__": 4, "constructor": 5, "_id": 6},
    {"big": "x" * 16_000},
]
BAD_METADATA: list[dict[str, Any]] = [
    nested(9),
    {"list": [[[[[[[[[1]]]]]]]]]},
    {"$set": 1},
    {"a": {"$where": 1}},
    {"a": [{"$ne": 1}]},
    {"a.b": 1},
    {"": 1},
    {"a\x00b": 1},
    {"n": 2**63},
    {"n": -(2**63) - 1},
    {"n": 10**400},
    {"big": "x" * 16_384},
    {"big": ["ü" * 4_100, "ü" * 4_100]},
]


@pytest.mark.parametrize("metadata", GOOD_METADATA, ids=lambda value: str(value)[:20])
async def test_metadata_comes_back_as_it_went_in(
    client: httpx.AsyncClient, metadata: dict[str, Any]
) -> None:
    made = data_of(await client.post(URL, json={**BODY, "metadata": metadata}), 201)
    assert made["metadata"] == metadata
    found = data_of(await client.get(f"{URL}/{made['id']}"))
    assert found["metadata"] == metadata


@pytest.mark.parametrize("metadata", BAD_METADATA, ids=lambda value: str(value)[:20])
async def test_metadata_that_could_not_come_back_is_refused(
    client: httpx.AsyncClient, metadata: dict[str, Any]
) -> None:
    answer = await client.post(URL, json={**BODY, "metadata": metadata})
    assert set(wrong_fields(answer)) <= {"metadata", "body"}
    assert items_of(await client.get(URL)) == []


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "1e400", '"\\ud800"', '"\\udc00 \\ud800"']
)
async def test_numbers_and_texts_that_are_none_are_refused(
    client: httpx.AsyncClient, text: str
) -> None:
    content = '{"connectorId":"github","authMethod":"pat","metadata":{"a":' + text + "}}"
    answer = await client.post(URL, content=content, headers={"Content-Type": "application/json"})
    assert set(wrong_fields(answer)) <= {"metadata", "body"}
    assert items_of(await client.get(URL)) == []
