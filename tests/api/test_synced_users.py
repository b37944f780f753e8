"""Users whom the host's backend tells of: named once, linked only by a verified e-mail."""

import asyncio
from typing import Any

import httpx
import pytest

from src.db.client import Mongo
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.callers import ADMIN, LOCKED, bearer, make_key
from tests.conftest import StartService, connect

OAUTH = "/api/auth/sync-oauth-user"
STACK = "/api/auth/sync-stack-user"
USER_KEY = [
    "connectors:read",
    "connections:read",
    "connections:write",
    "browse:read",
    "tools:execute",
]
ADA: dict[str, Any] = {"userId": "gh-ada", "email": "Ada@Example.com"}
STACK_ADA: dict[str, Any] = {"stackUserId": "st-ada", "email": "ada@example.COM"}


@pytest.fixture
async def strict(start: StartService) -> httpx.AsyncClient:
    """A client of the host's backend."""
    client = (await start(**LOCKED)).client
    client.headers.update(ADMIN)
    return client


async def keys_of(client: httpx.AsyncClient) -> list[tuple[str, str | None]]:
    """Names and users of all keys, the oldest first."""
    found = items_of(await client.get("/api/auth/api-keys"))
    return [(key["name"], key["userId"]) for key in reversed(found)]


async def test_a_new_user_gets_a_key_that_is_them(strict: httpx.AsyncClient) -> None:
    synced = data_of(await strict.post(OAUTH, json={**ADA, "fullName": "Ada L."}), 201)
    key = synced.pop("apiKey")
    assert synced == {
        "userId": "gh-ada",
        "email": "Ada@Example.com",
        "fullName": "Ada L.",
        "tier": "none",
        "message": synced["message"],
        "isNew": True,
    }
    assert await keys_of(strict) == [("Github OAuth", "gh-ada")]
    strict.headers.update(bearer(key))
    me = data_of(await strict.get("/api/auth/me"))
    assert me["principal"] == {
        "tenantId": "acme",
        "userId": "gh-ada",
        "permissions": USER_KEY,
        "via": "api_key",
    }
    user = me["user"]
    assert set(user) == {"id", "userId", "email", "fullName", "tier", "createdAt"}
    assert user["id"].startswith("usr_")
    assert (user["userId"], user["email"]) == ("gh-ada", "Ada@Example.com")


async def test_a_known_user_gets_a_key_only_when_none_is_left(strict: httpx.AsyncClient) -> None:
    data_of(await strict.post(OAUTH, json={**ADA, "provider": "google"}), 201)
    again = data_of(await strict.post(OAUTH, json=ADA), 200)
    assert (again["apiKey"], again["isNew"]) == (None, False)
    (key,) = items_of(await strict.get("/api/auth/api-keys"))
    data_of(await strict.delete(f"/api/auth/api-keys/{key['id']}"))
    assert data_of(await strict.post(OAUTH, json=ADA), 200)["apiKey"].startswith("uck_key_")
    assert await keys_of(strict) == [("Google OAuth", "gh-ada"), ("OAuth Session", "gh-ada")]


async def test_a_stack_user_gets_a_session_key_when_none_is_left(strict: httpx.AsyncClient) -> None:
    assert data_of(await strict.post(STACK, json=STACK_ADA), 201)["userId"] == "st-ada"
    second = data_of(await strict.post(STACK, json=STACK_ADA), 200)["apiKey"]
    assert second
    assert data_of(await strict.post(STACK, json=STACK_ADA), 200)["apiKey"] is None
    assert await keys_of(strict) == [
        ("Stack Auth", "st-ada"),
        ("Stack Auth Web Session", "st-ada"),
    ]
    session = next(
        each
        for each in items_of(await strict.get("/api/auth/api-keys"))
        if each["name"] == "Stack Auth Web Session"
    )
    data_of(await strict.delete(f"/api/auth/api-keys/{session['id']}"))
    assert data_of(await strict.post(STACK, json=STACK_ADA), 200)["apiKey"]


async def test_what_is_told_changes_and_the_rest_stays(strict: httpx.AsyncClient) -> None:
    first = {**ADA, "fullName": "Ada", "tier": "gold", "requestsPerHour": 5}
    key = data_of(await strict.post(OAUTH, json=first), 201)["apiKey"]
    same = data_of(await strict.post(OAUTH, json={**ADA, "email": "new@example.com"}))
    assert (same["fullName"], same["tier"], same["email"]) == ("Ada", "gold", "new@example.com")
    cleared = {**ADA, "fullName": None, "tier": None, "requestsPerMonth": 9}
    emptied = data_of(await strict.post(OAUTH, json=cleared))
    assert (emptied["fullName"], emptied["tier"]) == (None, "none")
    me = data_of(await strict.get("/api/auth/me", headers=bearer(key)))
    assert me["usage"]["limits"] == {
        "requestsPerMinute": None,
        "requestsPerHour": 5,
        "requestsPerMonth": 9,
    }


@pytest.mark.parametrize("verified", [{}, {"emailVerified": False}])
async def test_an_unverified_e_mail_links_nobody(
    strict: httpx.AsyncClient, verified: dict[str, bool]
) -> None:
    data_of(await strict.post(OAUTH, json={**ADA, "emailVerified": True}), 201)
    for path, body in ((STACK, STACK_ADA), (OAUTH, {**ADA, "userId": "gh-eve"})):
        error = error_of(await strict.post(path, json={**body, **verified}), 409, "conflict")
        assert "gh-ada" not in str(error)
    assert await keys_of(strict) == [("Github OAuth", "gh-ada")]


async def test_a_verified_e_mail_links_and_the_first_id_stays(
    strict: httpx.AsyncClient, mongo: Mongo
) -> None:
    data_of(await strict.post(OAUTH, json=ADA), 201)
    linked = data_of(await strict.post(STACK, json={**STACK_ADA, "emailVerified": True}))
    assert (linked["userId"], linked["isNew"]) == ("gh-ada", False)
    assert await keys_of(strict) == [
        ("Github OAuth", "gh-ada"),
        ("Stack Auth Web Session", "gh-ada"),
    ]
    assert await mongo.database["users"].count_documents({}) == 1
    entries = items_of(await strict.get("/api/audit-logs?action=user.linked"))
    assert entries[0]["details"]["alias"] == "st-ada"
    # Known now, under either id, whether verified or not.
    assert data_of(await strict.post(STACK, json=STACK_ADA))["userId"] == "gh-ada"


async def test_an_alias_is_the_user_wherever_it_is_named(strict: httpx.AsyncClient) -> None:
    data_of(await strict.post(OAUTH, json=ADA), 201)
    data_of(await strict.post(STACK, json={**STACK_ADA, "emailVerified": True}))
    acting = {"X-User-Id": "st-ada"}
    by_header = (await connect_as(strict, acting))["id"]
    by_body = await connect(strict, token="ghp_sandbox_hubot", userId="st-ada")
    for connection_id in (by_header, by_body):
        found = data_of(await strict.get(f"/api/connections/{connection_id}"))
        assert found["userId"] == "gh-ada"
    for params in ({"userId": "st-ada"}, {"userId": "gh-ada"}):
        for headers in ({}, acting, {"X-User-Id": "gh-ada"}):
            answer = await strict.get("/api/connections", params=params, headers=headers)
            assert {each["id"] for each in items_of(answer)} == {by_header, by_body}
    made = await strict.post("/api/auth/api-keys", json={"userId": "st-ada"})
    assert data_of(made, 201)["keyInfo"]["userId"] == "gh-ada"
    key = bearer(data_of(made, 201)["apiKey"])
    data_of(await strict.get("/api/connections", headers={**key, **acting}))


async def connect_as(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    body = {"connectorId": "github", "authMethod": "pat"}
    answer = await client.post("/api/connections", json=body, headers=headers)
    made: dict[str, Any] = data_of(answer, 201)
    return made


async def test_two_users_are_never_made_one(strict: httpx.AsyncClient) -> None:
    data_of(await strict.post(OAUTH, json=ADA), 201)
    bob = {"userId": "gh-bob", "email": "bob@example.com"}
    data_of(await strict.post(OAUTH, json=bob), 201)
    taking = {**bob, "email": "ada@example.com", "emailVerified": True}
    error_of(await strict.post(OAUTH, json=taking), 409, "conflict")
    assert data_of(await strict.post(OAUTH, json=bob))["email"] == "bob@example.com"


async def test_another_tenants_users_are_others(strict: httpx.AsyncClient) -> None:
    data_of(await strict.post(OAUTH, json=ADA), 201)
    globex = {"X-Tenant-Id": "globex"}
    theirs = {**STACK_ADA, "emailVerified": True}
    other = data_of(await strict.post(STACK, json=theirs, headers=globex), 201)
    assert other["userId"] == "st-ada"
    me = await strict.get("/api/auth/me", headers={**globex, "X-User-Id": "gh-ada"})
    assert data_of(me)["user"] is None


async def test_a_user_tells_of_nobody(strict: httpx.AsyncClient) -> None:
    """Else one with ``users:write`` could take over whoever has the e-mail that it names."""
    data_of(await strict.post(OAUTH, json=ADA), 201)
    eve = bearer(await make_key(strict, userId="eve", permissions=["admin"]))
    for headers in (eve, {"X-User-Id": "eve"}):
        for user_id in ("eve", "mallory"):
            body = {"userId": user_id, "email": "ada@example.com", "emailVerified": True}
            error_of(await strict.post(OAUTH, json=body, headers=headers), 403, "forbidden")
    assert data_of(await strict.post(OAUTH, json=ADA))["userId"] == "gh-ada"


async def test_a_key_made_here_is_worth_no_more_than_its_maker(strict: httpx.AsyncClient) -> None:
    permissions = ["users:write", "browse:read", "audit:read"]
    backend = bearer(await make_key(strict, permissions=permissions))
    key = data_of(await strict.post(OAUTH, json=ADA, headers=backend), 201)["apiKey"]
    me = data_of(await strict.get("/api/auth/me", headers=bearer(key)))
    assert me["principal"]["permissions"] == ["browse:read"]


async def test_one_user_is_made_of_many_calls_at_once(
    strict: httpx.AsyncClient, mongo: Mongo
) -> None:
    answers = await asyncio.gather(*(strict.post(OAUTH, json=ADA) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert await mongo.database["users"].count_documents({}) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "ada@"}, "email"),
        ({"email": "@example.com"}, "email"),
        ({"email": "ada@localhost"}, "email"),
        ({"email": "ada@@example.com"}, "email"),
        ({"email": "ada @example.com"}, "email"),
        ({"email": "ada@example.com\n"}, "email"),
        ({"email": "ada@exam_ple.com"}, "email"),
        ({"email": "ad\u0131@example.com"}, "email"),
        ({"email": "ada@example\uff0ecom"}, "email"),
        ({"email": f"{'a' * 65}@example.com"}, "email"),
        ({"email": f"ada@{'a.' * 130}com"}, "email"),
        ({"email": None}, "email"),
        ({"emailVerified": "true"}, "emailVerified"),
        ({"requestsPerHour": 0}, "requestsPerHour"),
        ({"requestsPerMonth": 1.5}, "requestsPerMonth"),
        ({"provider": ""}, "provider"),
        ({"userId": "a b"}, "userId"),
        ({"stackUserId": "x"}, "stackUserId"),
    ],
)
async def test_a_bad_body_is_named(
    client: httpx.AsyncClient, changes: dict[str, Any], field: str
) -> None:
    assert wrong_fields(await client.post(OAUTH, json={**ADA, **changes})) == [field]
