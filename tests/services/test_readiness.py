"""Readiness: what requests depend on, and a sentence for what is not well."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from cryptography.fernet import Fernet
from pymongo.uri_parser import parse_uri

from src.core.errors import ServiceUnavailable
from src.db.client import Mongo
from src.db.indexes import INDEXES
from src.services.encryption import Encryption
from src.services.readiness import Readiness
from tests.services.gate import Gate

KEY, OTHER = (Fernet.generate_key().decode() for _ in range(2))


async def test_a_prepared_service_is_ready(mongo: Mongo) -> None:
    encryption = Encryption(KEY)
    report = await Readiness(mongo, encryption).report()
    assert report.ready
    assert (report.mongodb, report.replica_set, report.encryption_key) == ("ok", "ok", "ok")
    assert report.key_fingerprint == encryption.fingerprint
    assert report.broker == "in_process"
    assert encryption.has_root


async def test_preparing_makes_the_indexes(mongo: Mongo) -> None:
    await mongo.database["tokens"].drop()
    await Readiness(mongo, Encryption(KEY)).prepare()
    found = await mongo.database["tokens"].index_information()
    assert {model.document["name"] for model in INDEXES["tokens"]} < found.keys()


async def test_an_index_that_what_is_stored_forbids_is_said(mongo: Mongo) -> None:
    await mongo.database["tokens"].drop()
    twice = [{"tenantId": "acme", "connectionId": "con_1"} for _ in range(2)]
    await mongo.database["tokens"].insert_many(twice)
    readiness = Readiness(mongo, Encryption(KEY))
    report = await readiness.report()
    await mongo.database["tokens"].delete_many({})
    assert not report.ready
    assert "The index one_each of the collection tokens must be unique" in report.mongodb
    assert (await readiness.report()).ready


async def test_processes_that_start_at_once_share_one_root(mongo: Mongo) -> None:
    encryptions = [Encryption(KEY) for _ in range(4)]
    await asyncio.gather(*(Readiness(mongo, each).prepare() for each in encryptions))
    sealed = encryptions[0].box("cursor").seal(b"inside")
    assert [each.box("cursor").open(sealed, 60) for each in encryptions] == [b"inside"] * 4


async def test_a_rotation_keeps_the_root(mongo: Mongo) -> None:
    before, after = Encryption(KEY), Encryption(f"{OTHER},{KEY}")
    await Readiness(mongo, before).prepare()
    assert (await Readiness(mongo, after).report()).ready
    assert after.box("cursor").open(before.box("cursor").seal(b"inside"), 60) == b"inside"


async def test_with_another_key_it_is_not_ready_and_says_why(mongo: Mongo) -> None:
    await Readiness(mongo, Encryption(KEY)).prepare()
    encryption = Encryption(OTHER)
    report = await Readiness(mongo, encryption).report()
    assert not report.ready
    assert (report.mongodb, report.replica_set) == ("ok", "ok")
    assert "put the former ENCRYPTION_KEY back" in report.encryption_key
    assert report.key_fingerprint == encryption.fingerprint
    assert not encryption.has_root


async def test_with_the_former_key_put_back_it_is_ready_again(mongo: Mongo) -> None:
    for key, ready in ((KEY, True), (OTHER, False), (KEY, True)):
        assert (await Readiness(mongo, Encryption(key)).report()).ready is ready


async def test_a_process_that_is_about_to_end_is_not_ready(mongo: Mongo) -> None:
    readiness = Readiness(mongo, Encryption(KEY))
    assert (await readiness.report()).server == "ok"
    readiness.turn()
    report = await readiness.report()
    assert not report.ready
    assert (report.mongodb, report.server) == ("ok", "this process is about to end")


@pytest.fixture
def gate(mongo_url: str) -> Iterator[Gate]:
    (server,) = parse_uri(mongo_url)["nodelist"]
    gate = Gate(server)
    yield gate
    gate.shut()


@pytest.fixture
async def beyond(mongo: Mongo, gate: Gate, database_name: str) -> AsyncIterator[Mongo]:
    """The database of ``mongo`` as it is seen through the gate."""
    options = "directConnection=true&serverSelectionTimeoutMS=1000"
    seen = Mongo(f"mongodb://127.0.0.1:{gate.port}/?{options}", database_name)
    yield seen
    await seen.close()


async def test_while_the_database_is_away_it_is_not_ready(beyond: Mongo) -> None:
    readiness = Readiness(beyond, Encryption(KEY))
    with pytest.raises(ServiceUnavailable):
        await readiness.prepare()
    report = await readiness.report()
    assert not report.ready
    assert report.mongodb.startswith("no server answers at the address of MONGODB_URL: start ")
    assert (report.replica_set, report.encryption_key) == ("unknown", "unknown")


async def test_when_the_database_comes_it_prepares_by_itself(gate: Gate, beyond: Mongo) -> None:
    encryption = Encryption(KEY)
    readiness = Readiness(beyond, encryption)
    assert not (await readiness.report()).ready
    gate.open()
    assert (await readiness.report()).ready
    assert encryption.has_root


async def test_when_the_database_goes_it_says_so_and_keeps_what_it_knows(
    gate: Gate, beyond: Mongo
) -> None:
    gate.open()
    readiness = Readiness(beyond, Encryption(KEY))
    assert (await readiness.report()).ready
    gate.shut()
    away = await readiness.report()
    assert not away.ready
    assert (away.encryption_key, away.replica_set) == ("ok", "unknown")
    gate.open()
    assert (await readiness.report()).ready


async def test_a_wrong_password_is_a_sentence_and_not_a_crash(mongo_url: str) -> None:
    locked_out = Mongo(mongo_url.replace("mongodb://", "mongodb://somebody:wrong@"), "connectors")
    report = await Readiness(locked_out, Encryption(KEY)).report()
    assert not report.ready
    assert "MONGODB_URL" in report.mongodb
    await locked_out.close()
