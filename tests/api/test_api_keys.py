"""API keys: made once, shown once, worth no more than their maker, dead when revoked."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from src.db.client import Mongo
from src.models.principal import OPEN_PERMISSIONS
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.callers import ADMIN, LOCKED, bearer, id_of, make_key
from tests.conftest import Service, StartService, connect

KEYS = "/api/auth/api-keys"
LONGEST_REVOCATION = 1.0
LIMITED = ["keys:write", "connections:read", "connections:write"]


@pytest.fixture
async def strict(start: StartService) -> httpx.AsyncClient:
    """A client of a service that asks everybody who they are; it names no tenant."""
    client = (await start(**LOCKED)).client
    client.headers.pop("X-Tenant-Id")
    return client


async def test_a_key_is_shown_once_and_kept_as_a_hash(
    strict: httpx.AsyncClient, mongo: Mongo, capfd: pytest.CaptureFixture[str]
) -> None:
    headers = {**ADMIN, "X-Tenant-Id": "acme"}
    answer = await strict.post(KEYS, json={"name": "CI", "expiresDays": 7}, headers=headers)
    made = data_of(answer, 201)
    assert set(made) == {"apiKey", "keyInfo", "message"}
    key, info = made["apiKey"], made["keyInfo"]
    assert re.fullmatch(rf"uck_{info['id']}_[0-9a-f]{{64}}", key)
    assert answer.headers["Cache-Control"] == "no-store"
    assert info["keyPrefix"] == f"uck_{info['id']}"
    assert (info["name"], info["userId"], info["active"]) == ("CI", None, True)
    assert info["lastUsedAt"] is None
    life = datetime.fromisoformat(info["expiresAt"]) - datetime.fromisoformat(info["createdAt"])
    assert life == timedelta(days=7)

    secret = key.rpartition("_")[2]
    listed = await strict.get(KEYS, headers=headers)
    assert items_of(listed) == [info]
    audited = await strict.get("/api/audit-logs", headers=headers)
    (entry,) = items_of(audited)
    assert (entry["action"], entry["target"]) == ("api_key.created", info["id"])
    data_of(await strict.get("/api/auth/me", headers=bearer(key)))
    for name in await mongo.database.list_collection_names():
        assert secret not in str(await mongo.database[name].find({}).to_list(None))
    assert secret not in listed.text + audited.text
    assert secret not in capfd.readouterr().err


async def test_a_key_names_its_tenant_and_no_other(strict: httpx.AsyncClient) -> None:
    key = bearer(await make_key(strict))
    me = data_of(await strict.get("/api/auth/me", headers=key))
    assert me["principal"] == {
        "tenantId": "acme",
        "userId": None,
        "permissions": me["principal"]["permissions"],
        "via": "api_key",
    }
    assert set(me["principal"]["permissions"]) == set(OPEN_PERMISSIONS)
    data_of(await strict.get("/api/connections?workspaceId=acme", headers=key))
    data_of(await strict.get("/api/connections", headers={**key, "X-Tenant-Id": "acme"}))
    for path, headers in (
        ("/api/connections", {"X-Tenant-Id": "globex"}),
        ("/api/connections?workspaceId=globex", {}),
        ("/api/connections?workspaceId=globex", {"X-Tenant-Id": "globex"}),
    ):
        answer = await strict.get(path, headers={**key, **headers})
        error_of(answer, 403, "tenant_mismatch")
    body = {"connectorId": "github", "authMethod": "pat", "workspaceId": "globex"}
    answer = await strict.post("/api/connections", json=body, headers=key)
    error_of(answer, 403, "tenant_mismatch")


def changed(key: str) -> dict[str, str]:
    """Texts that look much like the key."""
    head, _, secret = key.rpartition("_")
    other = "0" if secret[-1] != "0" else "1"
    return {
        "last digit": key[:-1] + other,
        "first digit": f"{head}_{other}{secret[1:]}" if secret[0] != other else f"{key[:-1]}z",
        "shorter": key[:-1],
        "longer": key + "0",
        "upper case": f"{head}_{secret.upper()}x",
        "without the mark": key.removeprefix("uck_"),
        "without a secret": head,
        "empty secret": f"{head}_",
        "unknown id": f"uck_key_{'0' * 24}_{secret}",
        "id in another case": key.replace("key_", "KEY_"),
        "blank": key + " x",
        "digits of another script": f"{head}_{'٣' * 64}",
    }


async def test_nothing_but_the_key_opens(strict: httpx.AsyncClient) -> None:
    key = await make_key(strict)
    for name, text in changed(key).items():
        headers = {b"Authorization": f"Bearer {text}".encode()}
        answer = await strict.get("/api/connections", headers=headers)
        error = error_of(answer, 401, "unauthorized")
        assert error["message"] == "The API key is not valid.", name
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    data_of(await strict.get("/api/connections", headers=bearer(key)))


async def test_two_keys_open_each_its_own_tenant(strict: httpx.AsyncClient) -> None:
    acme, globex = await make_key(strict), await make_key(strict, "globex")
    strict.headers.update(bearer(acme))
    connection_id = await connect(strict)
    error_of(
        await strict.get(f"/api/connections/{connection_id}", headers=bearer(globex)),
        404,
        "not_found",
    )
    assert items_of(await strict.get("/api/connections", headers=bearer(globex))) == []
    # The secret of one with the id of the other.
    mixed = f"uck_{id_of(globex)}_{acme.rpartition('_')[2]}"
    error_of(await strict.get("/api/connections", headers=bearer(mixed)), 401, "unauthorized")
    answer = await strict.delete(f"{KEYS}/{id_of(acme)}", headers=bearer(globex))
    error_of(answer, 404, "not_found")
    data_of(await strict.get("/api/connections", headers=bearer(acme)))


async def test_an_expired_key_is_dead(strict: httpx.AsyncClient, mongo: Mongo) -> None:
    key = await make_key(strict, expiresDays=1)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await mongo.database["api_keys"].update_one({}, {"$set": {"expiresAt": past}})
    error_of(await strict.get("/api/connections", headers=bearer(key)), 401, "unauthorized")
    (listed,) = items_of(await strict.get(KEYS, headers={**ADMIN, "X-Tenant-Id": "acme"}))
    assert listed["active"] is True


async def test_a_revoked_key_is_dead_at_once_and_its_record_stays(
    strict: httpx.AsyncClient,
) -> None:
    key = await make_key(strict, permissions=LIMITED)
    headers = {**ADMIN, "X-Tenant-Id": "acme"}
    data_of(await strict.get("/api/connections", headers=bearer(key)))
    for _ in range(2):
        revoked = data_of(await strict.delete(f"{KEYS}/{id_of(key)}", headers=headers))
        assert (revoked["keyId"], set(revoked)) == (id_of(key), {"keyId", "message"})
    error_of(await strict.get("/api/connections", headers=bearer(key)), 401, "unauthorized")
    (listed,) = items_of(await strict.get(KEYS, headers=headers))
    assert (listed["id"], listed["active"]) == (id_of(key), False)


@pytest.mark.parametrize("key_id", ["key_0123456789abcdef01234567", "key_1", "con_1", "x%00"])
async def test_an_unknown_key_cannot_be_revoked(client: httpx.AsyncClient, key_id: str) -> None:
    error_of(await client.delete(f"{KEYS}/{key_id}"), 404, "not_found")


async def test_no_key_is_worth_more_than_its_maker(strict: httpx.AsyncClient) -> None:
    limited = bearer(await make_key(strict, permissions=LIMITED))
    for beyond in (["admin"], ["tokens:read"], [*LIMITED, "browse:read"], ["users:write"]):
        answer = await strict.post(KEYS, json={"permissions": beyond}, headers=limited)
        error = error_of(answer, 403, "forbidden")
        assert error["details"] == {"permissions": sorted(set(beyond) - set(LIMITED))}
    same = data_of(await strict.post(KEYS, json={}, headers=limited), 201)
    assert set(same["keyInfo"]["permissions"]) == set(LIMITED)
    less = {"permissions": ["connections:read"]}
    child = data_of(await strict.post(KEYS, json=less, headers=limited), 201)
    assert child["keyInfo"]["permissions"] == ["connections:read"]
    answer = await strict.post(KEYS, json={}, headers=bearer(child["apiKey"]))
    error_of(answer, 403, "forbidden")


async def test_what_is_powerful_must_be_named(strict: httpx.AsyncClient) -> None:
    headers = {**ADMIN, "X-Tenant-Id": "acme"}
    plain = data_of(await strict.post(KEYS, json={}, headers=headers), 201)["keyInfo"]
    assert set(plain["permissions"]) == set(OPEN_PERMISSIONS)
    admin = await make_key(strict, permissions=["admin"])
    answer = await strict.post(KEYS, json={"permissions": ["tokens:read"]}, headers=bearer(admin))
    data_of(answer, 201)


async def test_open_mode_makes_no_administrator(client: httpx.AsyncClient) -> None:
    for power in ("admin", "tokens:read"):
        answer = await client.post(KEYS, json={"permissions": [power]})
        error_of(answer, 403, "forbidden")


async def test_a_users_key_is_that_user(strict: httpx.AsyncClient) -> None:
    tenant = bearer(await make_key(strict))
    ada = bearer(await make_key(strict, userId="ada"))
    strict.headers.update(tenant)
    shared, bobs = await connect(strict), await connect(strict, userId="bob")
    strict.headers.update(ada)
    mine = await connect(strict)
    assert {each["id"] for each in items_of(await strict.get("/api/connections"))} == {mine, shared}
    assert data_of(await strict.get(f"/api/connections/{mine}"))["userId"] == "ada"
    error_of(await strict.get(f"/api/connections/{bobs}"), 404, "not_found")
    error_of(await strict.patch(f"/api/connections/{shared}", json={}), 403, "forbidden")
    for headers in ({"X-User-Id": "bob"}, {"X-User-Id": "BOB"}):
        error_of(await strict.get("/api/connections", headers=headers), 403, "forbidden")
    data_of(await strict.get("/api/connections", headers={"X-User-Id": "ada"}))
    error_of(await strict.get("/api/connections?userId=bob"), 403, "forbidden")
    named = {"connectorId": "github", "authMethod": "pat", "userId": "bob"}
    error_of(await strict.post("/api/connections", json=named), 403, "forbidden")


async def test_a_users_key_makes_keys_of_that_user_only(strict: httpx.AsyncClient) -> None:
    strict.headers.update(bearer(await make_key(strict, userId="ada")))
    error_of(await strict.post(KEYS, json={"userId": "bob"}), 403, "forbidden")
    for body in ({}, {"userId": "ada"}):
        assert data_of(await strict.post(KEYS, json=body), 201)["keyInfo"]["userId"] == "ada"


async def test_an_administrator_who_is_a_user_may_change_what_is_shared(
    strict: httpx.AsyncClient,
) -> None:
    strict.headers.update(bearer(await make_key(strict)))
    shared = await connect(strict)
    admin = bearer(await make_key(strict, userId="ada", permissions=["admin"]))
    changed = await strict.patch(f"/api/connections/{shared}", json={"alias": "x"}, headers=admin)
    assert data_of(changed)["alias"] == "x"


async def test_acting_for_a_user_needs_a_tenants_key_that_may_write(
    strict: httpx.AsyncClient,
) -> None:
    reader = bearer(await make_key(strict, permissions=["connections:read"]))
    error_of(
        await strict.get("/api/connections", headers={**reader, "X-User-Id": "ada"}),
        403,
        "forbidden",
    )
    admin = bearer(await make_key(strict, permissions=["admin"]))
    strict.headers.update(admin)
    shared = await connect(strict)
    acting = {"X-User-Id": "ada"}
    data_of(await strict.get(f"/api/connections/{shared}", headers=acting))
    answer = await strict.patch(f"/api/connections/{shared}", json={}, headers=acting)
    error_of(answer, 403, "forbidden")


async def test_each_sees_and_revokes_its_own_keys(strict: httpx.AsyncClient) -> None:
    first = await make_key(strict, permissions=LIMITED)
    second = await make_key(strict, permissions=LIMITED)
    child = data_of(await strict.post(KEYS, json={}, headers=bearer(first)), 201)["apiKey"]
    ada = await make_key(strict, userId="ada")

    async def seen(key: str) -> set[str]:
        return {each["id"] for each in items_of(await strict.get(KEYS, headers=bearer(key)))}

    assert await seen(first) == {id_of(first), id_of(child)}
    assert await seen(second) == {id_of(second)}
    assert await seen(ada) == {id_of(ada)}
    admin = await make_key(strict, permissions=["admin"])
    everything = {id_of(each) for each in (first, second, child, ada, admin)}
    assert await seen(admin) == everything
    for foreign in (first, ada, admin):
        answer = await strict.delete(f"{KEYS}/{id_of(foreign)}", headers=bearer(second))
        error_of(answer, 404, "not_found")
    data_of(await strict.delete(f"{KEYS}/{id_of(child)}", headers=bearer(first)))
    error_of(await strict.get("/api/auth/me", headers=bearer(child)), 401, "unauthorized")


async def test_keys_come_in_pages(client: httpx.AsyncClient) -> None:
    made = [data_of(await client.post(KEYS, json={}), 201)["keyInfo"]["id"] for _ in range(3)]
    first = data_of(await client.get(KEYS, params={"limit": 2}))
    rest = data_of(await client.get(KEYS, params={"limit": 2, "cursor": first["nextCursor"]}))
    assert {each["id"] for each in (*first["items"], *rest["items"])} == set(made)
    assert len(rest["items"]) == 1
    other = {"X-User-Id": "ada"}
    answer = await client.get(
        KEYS, params={"limit": 2, "cursor": first["nextCursor"]}, headers=other
    )
    error_of(answer, 400, "invalid_cursor")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": None}, "name"),
        ({"expiresDays": 0}, "expiresDays"),
        ({"expiresDays": -1}, "expiresDays"),
        ({"expiresDays": 3651}, "expiresDays"),
        ({"expiresDays": "7"}, "expiresDays"),
        ({"expiresDays": True}, "expiresDays"),
        ({"permissions": ["everything"]}, "permissions.0"),
        ({"permissions": "admin"}, "permissions"),
        ({"permissions": ["browse:read", "browse:read"]}, "permissions"),
        ({"userId": "a b"}, "userId"),
        ({"userId": 7}, "userId"),
        ({"tenantId": "globex"}, "tenantId"),
    ],
)
async def test_a_bad_body_is_named(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    assert wrong_fields(await client.post(KEYS, json=body)) == [field]


async def test_the_last_use_is_told_to_the_minute_and_never_waited_for(
    start: StartService, mongo: Mongo
) -> None:
    service: Service = await start(**LOCKED)
    client = service.client
    key = await make_key(client)
    data_of(await client.get("/api/connections", headers=bearer(key)))
    await service.container.usage.flush()
    (stored,) = await mongo.database["api_keys"].find({}).to_list(None)
    first = stored["lastUsedAt"]
    assert datetime.now(UTC) - first < timedelta(minutes=1)
    data_of(await client.get("/api/connections", headers=bearer(key)))
    await service.container.usage.flush()
    (stored,) = await mongo.database["api_keys"].find({}).to_list(None)
    assert stored["lastUsedAt"] == first


async def test_a_revoked_key_is_dead_in_every_process_within_a_second(start: StartService) -> None:
    here, there = (await start(**LOCKED)).client, (await start(**LOCKED)).client
    key = bearer(await make_key(here))
    data_of(await there.get("/api/auth/me", headers=key))
    tenant = {**ADMIN, "X-Tenant-Id": "acme"}
    data_of(await here.delete(f"{KEYS}/{id_of(key['Authorization'][7:])}", headers=tenant))
    revoked_at = time.monotonic()
    asked_at = revoked_at
    while (await there.get("/api/auth/me", headers=key)).status_code == 200:
        # However long the answer took: it is when we asked that counts.
        assert asked_at - revoked_at < LONGEST_REVOCATION
        asked_at = time.monotonic()
    error_of(await there.get("/api/auth/me", headers=key), 401, "unauthorized")
