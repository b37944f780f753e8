"""The state of the imitation providers: in MongoDB it behaves as it does in memory."""

import asyncio
import json

import msgspec
import pytest

from src.db.client import Database, Mongo
from src.db.sandbox_store import MongoSandboxStore
from src.sandbox.kit import MemoryStore
from src.sandbox.kit.store import SandboxStore

VALUE = {"list": [1, {"a": None}], "text": "münchen 🥨", "deep": {"n": 1.5, "ok": True}}


@pytest.fixture(params=["memory", "imitation", "mongodb"])
def store(request: pytest.FixtureRequest) -> SandboxStore:
    match request.param:
        case "memory":
            return MemoryStore()
        case "imitation":
            imitation = request.getfixturevalue("imitation")
            return MongoSandboxStore(lambda: imitation, "github")
        case _:
            mongo = request.getfixturevalue("mongo")
            return MongoSandboxStore(lambda: mongo.database, "github")


async def test_a_value_is_read_as_it_was_written(store: SandboxStore) -> None:
    assert await store.get("faults/1") is None
    await store.put("faults/1", VALUE)
    assert await store.get("faults/1") == VALUE


async def test_large_numbers_are_plain_ones_wherever_they_stand(store: SandboxStore) -> None:
    large = 2**40
    await store.put("key", {"id": large, "rows": [{"id": large}], "text": "x"})
    value = await store.get("key")
    assert json.loads(msgspec.json.encode(value)) == value
    counted = await store.increment("key", "id")
    assert (type(counted), counted) == (int, large + 1)


async def test_a_value_takes_the_place_of_the_former(store: SandboxStore) -> None:
    await store.put("key", VALUE)
    await store.put("key", {"other": 1})
    assert await store.get("key") == {"other": 1}


async def test_a_key_is_forgotten_and_twice_is_no_error(store: SandboxStore) -> None:
    await store.put("key", VALUE)
    await store.put("key/longer", {})
    await store.delete("key")
    await store.delete("key")
    assert await store.get("key") is None
    assert await store.get("key/longer") == {}


async def test_a_number_is_counted_from_nothing(store: SandboxStore) -> None:
    assert await store.increment("key", "calls") == 1
    assert await store.increment("key", "calls", 4) == 5
    assert await store.increment("key", "calls", -1) == 4
    assert await store.increment("key", "others") == 1
    assert await store.get("key") == {"calls": 4, "others": 1}


async def test_two_providers_do_not_meet(database: Database) -> None:
    github, jira = (MongoSandboxStore(lambda: database, name) for name in ("github", "jira"))
    await github.put("key", {"of": "github"})
    await jira.put("key", {"of": "jira"})
    await jira.increment("count", "calls")
    await jira.delete("key")
    assert await github.get("key") == {"of": "github"}
    assert await github.get("count") is None


async def test_processes_that_count_at_once_lose_nothing(mongo: Mongo) -> None:
    """On the real server only: the imitation does not run at the same time."""
    stores = [MongoSandboxStore(lambda: mongo.database, "github") for _ in range(20)]
    counted = await asyncio.gather(*(store.increment("key", "calls") for store in stores))
    assert sorted(counted) == list(range(1, 21))
