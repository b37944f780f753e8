"""``keys list``, ``make`` and ``revoke``: a tenant's API keys, from the operator's shell."""

import httpx
import pytest
from cryptography.fernet import Fernet

from tests.api.answers import data_of, error_of, items_of
from tests.api.callers import LOCKED, bearer, id_of, make_key
from tests.cli.conftest import Run
from tests.conftest import StartService


@pytest.fixture
async def locked(start: StartService) -> httpx.AsyncClient:
    """A client of a service that asks everybody who they are; it names no tenant."""
    client = (await start(**LOCKED)).client
    del client.headers["X-Tenant-Id"]
    return client


async def test_a_key_is_made_used_listed_and_revoked(
    run: Run, locked: httpx.AsyncClient, start: StartService
) -> None:
    made = await run("keys", "make", "acme", "--name", "Backend", "--expires-days", "30")
    assert made.code == 0
    key = made.said.strip()
    assert "is not shown again" in made.complained
    assert key not in made.complained
    me = data_of(await locked.get("/api/auth/me", headers=bearer(key)))
    assert me["principal"]["tenantId"] == "acme"
    assert {"admin", "tokens:read"}.isdisjoint(me["principal"]["permissions"])
    assert "connections:write" in me["principal"]["permissions"]
    listed = await run("keys", "list", "acme")
    for shown in (id_of(key), "Backend", "active"):
        assert shown in listed.said
    assert key not in listed.said
    revoked = await run("keys", "revoke", "acme", id_of(key))
    assert revoked.code == 0
    # Another process, which has not used the key within the last second.
    other = (await start(**LOCKED)).client
    error_of(await other.get("/api/auth/me", headers=bearer(key)), 401, "unauthorized")
    assert "revoked" in (await run("keys", "list", "acme")).said
    assert (await run("keys", "revoke", "acme", id_of(key))).code == 0


async def test_a_key_has_the_permissions_and_the_user_that_are_named(
    run: Run, locked: httpx.AsyncClient
) -> None:
    options = ("--permission", "browse:read", "--permission", "tokens:read", "--user", "ada")
    made = await run("keys", "make", "acme", *options, "--json")
    assert made.json["keyInfo"]["permissions"] == ["browse:read", "tokens:read"]
    answer = await locked.get("/api/auth/me", headers=bearer(made.json["apiKey"]))
    assert data_of(answer)["principal"]["userId"] == "ada"


async def test_what_was_done_is_in_the_tenants_audit_log(
    run: Run, locked: httpx.AsyncClient
) -> None:
    key = (await run("keys", "make", "acme", "--permission", "admin")).said.strip()
    await run("keys", "revoke", "acme", id_of(await make_key(locked)))
    entries = items_of(await locked.get("/api/audit-logs", headers=bearer(key)))
    assert [(each["action"], each["via"]) for each in entries] == [
        ("api_key.revoked", "platform"),
        ("api_key.created", "platform"),
        ("api_key.created", "platform"),
    ]
    assert (await run("audit", "verify")).code == 0


async def test_a_key_of_another_tenant_is_neither_listed_nor_revoked(
    run: Run, locked: httpx.AsyncClient
) -> None:
    theirs = await make_key(locked, "globex")
    assert (await run("keys", "list", "acme", "--json")).json == []
    ended = await run("keys", "revoke", "acme", id_of(theirs))
    assert (ended.code, ended.complained) == (2, "There is no such API key.\n")
    assert (await locked.get("/api/auth/me", headers=bearer(theirs))).is_success
    (listed,) = (await run("keys", "list", "globex", "--json")).json
    assert (listed["id"], listed["active"]) == (id_of(theirs), True)


async def test_a_long_list_is_whole(run: Run, locked: httpx.AsyncClient) -> None:
    made = {id_of(await make_key(locked, name=f"key {number}")) for number in range(102)}
    listed = (await run("keys", "list", "acme", "--json")).json
    assert {each["id"] for each in listed} == made
    assert len(listed) == len(made)


@pytest.mark.parametrize(
    "arguments",
    [
        ("keys", "make", "two words"),
        ("keys", "list", ""),
        ("keys", "make", "acme", "--name", ""),
        ("keys", "make", "acme", "--user", "two words"),
        ("keys", "make", "acme", "--permission", "everything"),
        ("keys", "make", "acme", "--expires-days", "0"),
        ("keys", "revoke", "acme", "not-a-key"),
        ("keys", "revoke", "acme"),
        ("keys", "make"),
    ],
    ids=" ".join,
)
async def test_what_makes_no_sense_is_refused(
    run: Run, locked: httpx.AsyncClient, arguments: tuple[str, ...]
) -> None:
    ended = await run(*arguments)
    assert ended.code == 2
    assert ended.said == ""
    assert ended.complained
    assert (await run("keys", "list", "acme", "--json")).json == []


async def test_an_empty_database_makes_none(run: Run) -> None:
    ended = await run("keys", "make", "acme")
    assert (ended.code, ended.said) == (2, "")
    assert "No service has ever started" in ended.complained


async def test_a_foreign_encryption_key_makes_none(run: Run, locked: httpx.AsyncClient) -> None:
    other = Fernet.generate_key().decode()
    ended = await run("keys", "make", "acme", ENCRYPTION_KEY=other)
    assert (ended.code, ended.said) == (2, "")
    assert "present ENCRYPTION_KEY" in ended.complained
