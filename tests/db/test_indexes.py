"""Indexes: made once, obeyed by the server, and used by every query. On the real server only."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorCollection
from structlog.testing import capture_logs

from src.db.client import Document, Mongo
from src.db.errors import Duplicate
from src.db.indexes import INDEXES, IndexRefused, ensure_indexes
from src.db.platform import PlatformStore, RootSecret
from src.db.sandbox_store import MongoSandboxStore
from src.db.tenant import TenantScope
from src.models.connection import Connection, ConnectionStatus
from tests.db.cases import CASES, NARROWED, Act, settle
from tests.db.conftest import ScopeOf
from tests.db.records import OCTOCAT, connected, connection, token

Status = ConnectionStatus


@pytest.fixture
async def bare(mongo_url: str, database_name: str) -> AsyncIterator[Mongo]:
    """A database that does not exist yet."""
    name = f"{database_name}_bare"
    mongo = Mongo(mongo_url, name)
    await mongo.database.client.drop_database(name)
    yield mongo
    await mongo.database.client.drop_database(name)
    await mongo.close()


async def names(mongo: Mongo) -> dict[str, set[str]]:
    return {name: set(await mongo.database[name].index_information()) for name in INDEXES}


async def test_the_indexes_are_made_and_making_them_again_changes_nothing(bare: Mongo) -> None:
    await ensure_indexes(bare.database)
    wanted = {
        name: {"_id_", *(model.document["name"] for model in models)}
        for name, models in INDEXES.items()
    }
    assert await names(bare) == wanted
    await ensure_indexes(bare.database)
    assert await names(bare) == wanted


async def test_several_processes_may_make_the_indexes_at_once(bare: Mongo) -> None:
    await asyncio.gather(*(ensure_indexes(bare.database) for _ in range(4)))
    assert all(len(found) > 1 for found in (await names(bare)).values())


async def test_an_index_that_another_version_defined_otherwise_is_made_anew(bare: Mongo) -> None:
    await ensure_indexes(bare.database)
    wanted = {name: await bare.database[name].index_information() for name in INDEXES}
    for name, keys in (("jobs", "due_by_tenant"), ("tokens", "one_each"), ("events", "over")):
        await bare.database[name].drop_index(keys)
    await bare.database["jobs"].create_index([("live", 1), ("dueAt", 1)], name="due_by_tenant")
    await bare.database["tokens"].create_index([("connectionId", 1)], name="one_each", unique=True)
    await bare.database["events"].create_index(
        [("expiresAt", 1)], name="over", expireAfterSeconds=7
    )
    await bare.database["jobs"].create_index([("mine", 1)], name="of_the_operator")
    with capture_logs() as logs:
        await ensure_indexes(bare.database)
    assert {entry["index"] for entry in logs} == {"due_by_tenant", "one_each", "over"}
    assert (await bare.database["jobs"].index_information()).pop("of_the_operator")
    await bare.database["jobs"].drop_index("of_the_operator")
    assert {name: await bare.database[name].index_information() for name in INDEXES} == wanted


async def test_several_processes_may_replace_an_index_at_once(bare: Mongo) -> None:
    await bare.database["tokens"].create_index([("connectionId", 1)], name="one_each")
    await asyncio.gather(*(ensure_indexes(bare.database) for _ in range(8)))
    made = (await bare.database["tokens"].index_information())["one_each"]
    assert made["key"] == [("tenantId", 1), ("connectionId", 1)]


async def test_an_index_that_what_is_stored_forbids_is_refused_in_a_sentence(bare: Mongo) -> None:
    tokens = bare.database["tokens"]
    await tokens.create_index([("connectionId", 1)], name="one_each", sparse=True)
    before = await tokens.index_information()
    await tokens.insert_many([{"tenantId": "acme", "connectionId": "con_1"} for _ in range(2)])
    with pytest.raises(IndexRefused, match="index one_each of the collection tokens") as refused:
        await ensure_indexes(bare.database)
    assert "the same tenantId, connectionId" in str(refused.value)
    assert await tokens.index_information() == {**before, **await kept(tokens, "to_keep_alive")}
    await tokens.delete_one({})
    await ensure_indexes(bare.database)


async def kept(collection: AsyncIOMotorCollection[Document], name: str) -> Document:
    """An index by its name, if it is there."""
    found = await collection.index_information()
    return {name: found[name]} if name in found else {}


async def test_an_index_that_stands_in_the_way_under_another_name_is_named(bare: Mongo) -> None:
    await bare.database["tokens"].create_index([("keepAliveAt", 1)], name="mine")
    with pytest.raises(IndexRefused, match="to_keep_alive of the collection tokens"):
        await ensure_indexes(bare.database)


@pytest.mark.parametrize(
    ("first", "second", "may"),
    [
        (connected(), connected(), False),
        (connected(user_id="user-1"), connected(user_id="user-1"), False),
        (connected(), connected(user_id="user-1"), True),
        (connected(), connected(connector_id="jira"), True),
        (connected(), connected(account=OCTOCAT.model_copy(update={"id": "2"})), True),
        (connected(), connected(status=Status.DISCONNECTED), True),
        (connected(), connected(status=Status.REAUTH_REQUIRED), True),
        (connected(status=Status.EXPIRED), connected(status=Status.EXPIRED), True),
        (connection(reserved=True), connection(reserved=True), False),
        (connection(reserved=True), connection(reserved=True, user_id="user-1"), True),
        (connection(reserved=True), connection(reserved=True, connector_id="jira"), True),
        (connection(reserved=True), connection(), True),
        (connection(), connection(), True),
    ],
)
async def test_an_account_is_live_once_and_a_place_is_reserved_once(
    scope_of: ScopeOf, first: Connection, second: Connection, may: bool
) -> None:
    connections = scope_of("acme").connections
    await connections.add(first)
    if may:
        await connections.add(second)
        assert await connections.get(second.id) == second
    else:
        with pytest.raises(Duplicate):
            await connections.add(second)
        assert await connections.get(second.id) is None


@pytest.mark.parametrize("kind", ["account", "place"])
async def test_of_many_that_connect_at_once_one_succeeds(scope_of: ScopeOf, kind: str) -> None:
    connections = scope_of("acme").connections
    records = [connected() if kind == "account" else connection(reserved=True) for _ in range(8)]
    results = await asyncio.gather(
        *(connections.add(record) for record in records), return_exceptions=True
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, Duplicate) for result in results) == 7


async def plans(mongo: Mongo, act: Act, scope: TenantScope) -> list[Document]:
    """What the server did for an act, from its own profile."""
    await mongo.database.command("profile", 2)
    try:
        await act(scope)
    finally:
        await mongo.database.command("profile", 0)
        profile = mongo.database["system.profile"]
        found = await profile.find(
            {"planSummary": {"$exists": True}, "ns": {"$not": {"$regex": "system"}}}
        ).to_list(None)
        await profile.drop()
    return found


ONLY_WRITES = {
    "audit_logs.append",
    "audit_chain.add_block",
    "events.add_delivery",
    "records.add_all",
}
QUERIES = {
    name: act
    for name, act in {**CASES, **NARROWED}.items()
    if not name.endswith(".add") and name not in ONLY_WRITES
}


@pytest.mark.parametrize("act", QUERIES.values(), ids=QUERIES.keys())
async def test_every_query_of_a_tenant_uses_an_index(mongo: Mongo, act: Act) -> None:
    await settle(TenantScope(mongo.database, "acme"))
    found = await plans(mongo, act, TenantScope(mongo.database, "acme"))
    assert found
    for plan in found:
        assert "COLLSCAN" not in plan["planSummary"], plan


ONE = {name: act for name, act in QUERIES.items() if "list" not in name}


@pytest.mark.parametrize("act", ONE.values(), ids=ONE.keys())
async def test_a_query_for_one_document_looks_at_no_other(mongo: Mongo, act: Act) -> None:
    scope = TenantScope(mongo.database, "acme")
    await settle(scope)
    for number in range(5):
        await scope.connections.add(connection(user_id=f"user-{number}", reserved=True))
        await scope.connections.add(connected(user_id=f"user-{number}"))
        await scope.tokens.put(token(f"con_{number}"))
        await scope.connector_settings.put(f"connector-{number}", {})
        await scope.sync_states.put(f"con_{number}", "issues", {}, None)
    for name in ("connections", "tokens", "connector_settings", "sync_states", "jobs"):
        # What was best while the collection held one document.
        await mongo.database.command("planCacheClear", name)
    found = await plans(mongo, act, TenantScope(mongo.database, "acme"))
    assert [plan["docsExamined"] <= 1 for plan in found] == [True] * len(found)


@pytest.mark.parametrize(
    "name",
    [
        "connections.list",
        "audit_logs.list",
        "sync_states.list",
        "jobs.list",
        "job_failures.list",
        "schedules.list",
    ],
)
async def test_a_list_comes_in_the_order_of_its_index(mongo: Mongo, name: str) -> None:
    scope = TenantScope(mongo.database, "acme")
    await settle(scope)
    (plan,) = await plans(mongo, CASES[name], scope)
    assert not plan.get("hasSortStage")


@pytest.mark.parametrize("method", ["get", "put", "delete", "increment"])
async def test_every_query_of_the_sandbox_uses_an_index(mongo: Mongo, method: str) -> None:
    store = MongoSandboxStore(lambda: mongo.database, "github")
    await store.put("a/b", {"n": 1})
    arguments = {"put": ({"n": 2},), "increment": ("n",)}.get(method, ())
    found = await plans(
        mongo,
        lambda _: getattr(store, method)("a/b", *arguments),
        TenantScope(mongo.database, "acme"),
    )
    assert [plan["planSummary"] for plan in found] == ["IXSCAN { provider: 1, key: 1 }"]


async def test_the_root_secret_is_found_by_its_id(mongo: Mongo) -> None:
    store = PlatformStore(mongo.database)
    await store.claim_root(RootSecret(b"sealed", "fingerprint"))
    found = await plans(
        mongo,
        lambda _: store.claim_root(RootSecret(b"other", "other")),
        TenantScope(mongo.database, "acme"),
    )
    assert found
    assert all("COLLSCAN" not in plan["planSummary"] for plan in found)
