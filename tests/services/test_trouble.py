"""What readiness says of a database that cannot be used: what is wrong, and what to do."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

from src.db.client import Mongo
from src.services.encryption import Encryption
from src.services.readiness import Readiness, Report
from tests.api.answers import error_of
from tests.conftest import StartService
from tests.services.gate import Gate
from tests.services.servers import mongod

KEY = Fernet.generate_key().decode()
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def stand_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mongod(tmp_path_factory.mktemp("servers") / "alone") as port:
        yield port


@pytest.fixture(scope="module")
def not_initiated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mongod(tmp_path_factory.mktemp("servers") / "new", "--replSet=rs0") as port:
        yield port


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mongod(tmp_path_factory.mktemp("servers") / "guarded", "--auth") as port:
        yield port


async def report_of(url: str, *, says: str) -> Report:
    """The report, once it says so: a server may need a moment to start."""
    mongo = Mongo(url, "connectors")
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while True:
            report = await Readiness(mongo, Encryption(KEY)).report()
            said = f"{report.mongodb} | {report.replica_set}"
            if says in said:
                assert not report.ready
                assert "127.0.0.1" not in said
                return report
            assert time.monotonic() < deadline, said
            await asyncio.sleep(0.02)
    finally:
        await mongo.close()


async def test_a_stand_alone_server_is_told_to_become_a_set(stand_alone: int) -> None:
    report = await report_of(f"mongodb://127.0.0.1:{stand_alone}/", says="rs.initiate()")
    assert report.mongodb == "ok"
    assert "--replSet" in report.replica_set


@pytest.mark.parametrize("option", ["", "&directConnection=true"])
async def test_so_it_is_when_the_address_names_a_set(stand_alone: int, option: str) -> None:
    url = f"mongodb://127.0.0.1:{stand_alone}/?replicaSet=rs0{option}"
    assert "--replSet" in (await report_of(url, says="rs.initiate()")).mongodb


@pytest.mark.parametrize("option", ["", "?replicaSet=rs0"])
async def test_a_set_that_was_never_initiated_is_told_to_be(
    not_initiated: int, option: str
) -> None:
    report = await report_of(
        f"mongodb://127.0.0.1:{not_initiated}/{option}", says="run rs.initiate()"
    )
    assert "--replSet" not in report.mongodb


async def test_another_set_than_the_address_names(mongo_url: str) -> None:
    [(host, port)] = parse_uri(mongo_url)["nodelist"]
    await report_of(f"mongodb://{host}:{port}/?replicaSet=other", says="correct its replicaSet")


async def test_members_whose_names_lead_nowhere(tmp_path: Path) -> None:
    with mongod(tmp_path / "named", "--replSet=rs0") as port:
        gate = Gate(("127.0.0.1", port))
        gate.open()
        initiate(port, f"127.0.0.1:{gate.port}")
        gate.shut()
        await report_of(f"mongodb://127.0.0.1:{port}/?replicaSet=rs0", says="rs.conf()")


def initiate(port: int, host: str) -> None:
    """Make a set of one member, which is known by this name."""
    config = {"_id": "rs0", "members": [{"_id": 0, "host": host}]}
    patience = int(PATIENCE_SECONDS * 1000)
    with MongoClient(port=port, directConnection=True, serverSelectionTimeoutMS=patience) as client:
        client.admin.command("replSetInitiate", config)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not client.admin.command("hello")["isWritablePrimary"]:
            assert time.monotonic() < deadline
            time.sleep(0.02)


async def test_a_wrong_password(guarded: int) -> None:
    report = await report_of(
        f"mongodb://somebody:hunter2@127.0.0.1:{guarded}/", says="user name or the password"
    )
    assert "hunter2" not in report.mongodb
    assert "somebody" not in report.mongodb


async def test_a_user_without_rights(guarded: int) -> None:
    await report_of(f"mongodb://127.0.0.1:{guarded}/", says="give the user readWrite")


async def test_nobody_listens() -> None:
    report = await report_of("mongodb://127.0.0.1:9/", says="start MongoDB there")
    assert "MONGODB_URL" in report.mongodb


async def test_a_host_that_nobody_knows() -> None:
    await report_of("mongodb://nowhere.invalid/", says="host name of MONGODB_URL is not known")


async def test_no_tls(mongo_url: str) -> None:
    [(host, port)] = parse_uri(mongo_url)["nodelist"]
    await report_of(f"mongodb://{host}:{port}/?tls=true", says="MONGODB_URL")


async def test_a_name_that_the_dns_gives_no_servers_for() -> None:
    """The driver asks the DNS at each operation, and fails in words of its own."""
    url = "mongodb+srv://ada:hunter2hunter2@cluster.nowhere.invalid/?connectTimeoutMS=300"
    report = await report_of(url, says="the DNS names no servers")
    assert "hunter2" not in repr(report)


async def test_a_service_starts_while_the_dns_is_away(start: StartService) -> None:
    url = "mongodb+srv://cluster.nowhere.invalid/?connectTimeoutMS=300"
    client = (await start(mongodb_url=url)).client
    assert (await client.get("/")).status_code == 200
    ready = error_of(await client.get("/api/health/ready"), 503, "service_unavailable")
    assert "the DNS names no servers" in ready["details"]["mongodb"]
