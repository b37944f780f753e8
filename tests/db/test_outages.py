"""An absent database is an outage with a wait; every other failure of the driver stays itself."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pymongo import errors as driver

from src.core.errors import ServiceUnavailable
from src.db.client import DatabaseAddressError, Mongo
from src.db.collection import Collection
from src.db.errors import Duplicate, translated
from src.db.folder import REPLICA_SET
from src.db.indexes import ensure_indexes
from src.db.keeper import free_port
from src.db.platform import PlatformStore, RootSecret
from src.db.sandbox_store import MongoSandboxStore
from src.db.tenant import TenantScope
from src.db.transaction import current_session, in_transaction
from tests.db.cases import CASES


@pytest.fixture(scope="module")
def nowhere() -> str:
    """An address where nobody listens, and a client that does not wait long for it."""
    return f"mongodb://127.0.0.1:{free_port()}/?serverselectiontimeoutms=20&directConnection=true"


@pytest.fixture
async def away(nowhere: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(nowhere, "connectors")
    yield mongo
    await mongo.close()


async def test_every_method_says_that_the_database_is_away(away: Mongo) -> None:
    scope = TenantScope(away.database, "acme")
    attempts = {
        **{name: act(scope) for name, act in CASES.items()},
        "indexes": ensure_indexes(away.database),
        "root": PlatformStore(away.database).claim_root(RootSecret(b"", "")),
        "sandbox": MongoSandboxStore(lambda: away.database, "github").get("key"),
        "replica set": away.replica_set(),
    }
    outcomes = await asyncio.gather(*attempts.values(), return_exceptions=True)
    for name, outcome in zip(attempts, outcomes, strict=True):
        assert isinstance(outcome, ServiceUnavailable), name
        assert outcome.retry_after == 2
        assert "127.0.0.1" not in str(outcome)


async def test_a_timeout_in_the_address_wins_over_ours(away: Mongo) -> None:
    assert away.database.client.options.server_selection_timeout == 0.02


async def test_a_server_that_answers_tells_its_replica_set(mongo: Mongo) -> None:
    assert await mongo.replica_set()


async def test_whatever_the_address_says_only_what_stays_is_read_and_of_the_primary(
    mongo_url: str, database_name: str
) -> None:
    """The set has one member: who wants another would wait for it in vain."""
    more = "readPreference=secondary&readPreferenceTags=dc:far&readConcernLevel=local&w=0"
    server = mongo_url.partition("?")[0]
    url = f"{server}?replicaSet={REPLICA_SET}&{more}"
    other = Mongo(url, f"{database_name}_read")
    try:
        await other.database.command("profile", 2)
        await TenantScope(other.database, "acme").records.heads("con_1")
        asked = await other.database["system.profile"].find_one({"op": "query"})
        assert asked is not None
        assert asked["command"]["readConcern"]["level"] == "majority"
        assert other.database.write_concern.document == {"w": "majority"}
    finally:
        await other.database.command("profile", 0)
        await other.database.client.drop_database(other.database)
        await other.close()


async def test_times_come_back_with_their_zone(mongo: Mongo) -> None:
    assert mongo.database.codec_options.tz_aware


@pytest.mark.parametrize(
    "failure",
    [
        driver.ServerSelectionTimeoutError("no server"),
        driver.AutoReconnect("lost"),
        driver.NotPrimaryError("stepped down"),
        driver.NetworkTimeout("slow"),
        driver.ConnectionFailure("refused"),
        driver.WaitQueueTimeoutError("pool is full"),
        driver.ExecutionTimeout("over maxTimeMS", 50),
        driver.WTimeoutError("no majority", 64),
        driver.OperationFailure("interrupted at shutdown", 11600),
        driver.WriteConcernError("Replication is being shut down", 91),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_an_outage_is_named(failure: driver.PyMongoError) -> None:
    with pytest.raises(ServiceUnavailable) as outage, translated():
        raise failure
    assert outage.value.__cause__ is failure


@pytest.mark.parametrize(
    "failure",
    [
        driver.OperationFailure("unknown operator", 2),
        driver.WriteError("document failed validation", 121),
        driver.DocumentTooLarge("over 16 MB"),
        driver.InvalidOperation("client is closed"),
        driver.ConfigurationError("bad option"),
        ValueError("ours"),
    ],
    ids=str,
)
def test_what_is_no_outage_stays_what_it_is(failure: Exception) -> None:
    with pytest.raises(type(failure)) as kept, translated():
        raise failure
    assert kept.value is failure


async def test_a_real_mistake_is_not_taken_for_an_outage(mongo: Mongo) -> None:
    collection = Collection(mongo.database, "connections", {"tenantId": "acme"})
    with pytest.raises(driver.OperationFailure, match="nonsense"):
        await collection.find_one({"$nonsense": 1})


async def test_a_transaction_that_the_server_has_dropped_is_an_outage(mongo: Mongo) -> None:
    collection = Collection(mongo.database, "tokens", {"tenantId": "acme"})

    async def work() -> None:
        await collection.insert({"connectionId": "con_lost"})
        session = current_session.get().session_id
        await mongo.database.client.admin.command("killSessions", [session])

    with pytest.raises(ServiceUnavailable):
        await in_transaction(mongo.database, work)
    assert await collection.find_one({"connectionId": "con_lost"}) is None


async def test_a_duplicate_tells_which_keys_and_no_values(mongo: Mongo) -> None:
    collection = Collection(mongo.database, "tokens", {"tenantId": "acme"})
    await collection.insert({"connectionId": "con_secret"})
    with pytest.raises(Duplicate) as duplicate:
        await collection.insert({"connectionId": "con_secret"})
    assert str(duplicate.value) == "{'tenantId': 1, 'connectionId': 1}"


@pytest.mark.parametrize(
    "address",
    [
        "postgres://localhost/x",
        "mongodb://me:p@ss/w:rd@host/",
        "mongodb://",
        "mongodb://host:notaport/",
    ],
)
def test_an_address_that_is_none_is_named_without_its_password(address: str) -> None:
    with pytest.raises(DatabaseAddressError, match="MONGODB_URL") as refused:
        Mongo(address, "connectors")
    assert "p@ss" not in str(refused.value)
