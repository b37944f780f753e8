"""Backup and restore: what was stored works again elsewhere, and nothing else is let in."""

# ruff: noqa: ASYNC240  small files of the test itself
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from src.db.client import Mongo
from src.db.indexes import INDEXES
from src.db.maintenance.sealed import SealedStore
from src.db.schema import SchemaStore
from src.services.encryption import Encryption, EncryptionKeyError
from src.services.maintenance.archive import ArchiveError, Lock
from src.services.maintenance.audit_check import AuditCheck
from src.services.maintenance.backup import RestoreRefused, Source, back_up, inspect, restore
from src.services.maintenance.rotation import Keys
from src.services.migrations import SchemaTooNew
from tests.api.answers import items_of
from tests.conftest import TEST_KEY, TOKEN, StartService, connect
from tests.services.maintenance.conftest import NEW, OLD, OTHER, Vault

LOCK = Lock(SecretStr("correct horse battery staple"))
CONTAINERS = "/api/connectors/github/containers"


@pytest.fixture
async def fresh(mongo_url: str, database_name: str) -> AsyncIterator[Mongo]:
    """A database that does not exist yet."""
    name = f"{database_name}_fresh"
    mongo = Mongo(mongo_url, name)
    await mongo.database.client.drop_database(name)
    yield mongo
    await mongo.database.client.drop_database(name)
    await mongo.close()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def source(mongo: Mongo, keys: str) -> Source:
    return Source(mongo.database, keys, "0.1.0")


@pytest.mark.parametrize("keys", [TEST_KEY, NEW], ids=["same key", "another key"])
async def test_the_api_browses_with_a_restored_token(
    mongo: Mongo, fresh: Mongo, archive: Path, start: StartService, keys: str
) -> None:
    service = await start()
    connection_id = await connect(service.client)
    await service.container.audit_sealing.seal_due()
    await back_up(source(mongo, TEST_KEY), archive, LOCK)

    await restore(source(fresh, keys), archive, LOCK)

    restored = await start(mongodb_db=fresh.database.name, encryption_key=keys)
    answer = await restored.client.get(CONTAINERS, params={"connectionId": connection_id})
    assert items_of(answer)
    encryption = Encryption(keys)
    assert all(use.is_newest for use in await Keys(fresh.database, encryption).report())
    check = AuditCheck(fresh.database, restored.container.audit_sealing._encryption)
    verdict = await check.check("acme")
    assert (verdict.sound, verdict.entries > 0, verdict.blocks) == (True, True, 1)


async def test_every_document_comes_back_as_it_was(
    vault: Vault, fresh: Mongo, archive: Path
) -> None:
    await back_up(source(vault.mongo, OLD), archive, LOCK)
    contents = await restore(source(fresh, f"{NEW},{OLD}"), archive, LOCK)
    assert contents.unreadable == 0
    assert contents.documents["connections"] == 6
    for name in contents.documents:
        before = await vault.mongo.database[name].find({}, sort=[("_id", 1)]).to_list(None)
        after = await fresh.database[name].find({}, sort=[("_id", 1)]).to_list(None)
        for document in (*before, *after):
            for sealed in ("sealed", "sealedClientSecret", "fingerprint"):
                document.pop(sealed, None)
        assert after == before
    for name, models in INDEXES.items():
        found = await fresh.database[name].index_information()
        assert {model.document["name"] for model in models} < found.keys()
    assert await SealedStore(fresh.database).unregistered() == []


async def test_an_archive_shows_nothing(vault: Vault, archive: Path) -> None:
    await back_up(source(vault.mongo, OLD), archive, LOCK)
    content = archive.read_bytes()
    for secret in (OLD, "acme", "gAAAA", LOCK.secret.get_secret_value(), vault.connections[0].id):
        assert secret.encode() not in content
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


async def test_a_backup_of_a_moment_leaves_out_what_comes_after(
    vault: Vault, archive: Path
) -> None:
    """A writer goes on while the archive is written."""
    late: list[int] = []

    def write_more(done: int) -> None:
        if not late:
            late.append(done)
            from pymongo import MongoClient  # noqa: PLC0415  the loop is busy in this moment

            (host, port) = vault.mongo.database.client.address or ("", 0)
            with MongoClient(host, port, directConnection=True) as other:
                other[vault.mongo.database.name]["tokens"].delete_many({})

    contents = await back_up(source(vault.mongo, OLD), archive, LOCK, write_more)
    assert late
    assert contents.documents["tokens"] == 6
    assert await vault.mongo.database["tokens"].count_documents({}) == 0


async def test_an_existing_file_is_not_overwritten(vault: Vault, archive: Path) -> None:
    archive.write_text("precious")
    with pytest.raises(ArchiveError, match="exists"):
        await back_up(source(vault.mongo, OLD), archive, LOCK)
    assert archive.read_text() == "precious"
    assert list(archive.parent.iterdir()) == [archive]


async def test_a_database_that_is_not_empty_is_refused_unless_forced(
    vault: Vault, fresh: Mongo, archive: Path
) -> None:
    await back_up(source(vault.mongo, OLD), archive, LOCK)
    await fresh.database["connections"].insert_one({"tenantId": "other"})
    await fresh.database["former"].insert_one({"tenantId": "other"})
    with pytest.raises(RestoreRefused, match=r"not empty \(connections, former\).*--force"):
        await restore(source(fresh, NEW), archive, LOCK)
    assert await fresh.database["tokens"].count_documents({}) == 0
    await restore(source(fresh, NEW), archive, LOCK, force=True)
    assert await fresh.database["connections"].count_documents({"tenantId": "other"}) == 0
    assert await fresh.database["former"].count_documents({}) == 0
    assert await fresh.database["connections"].count_documents({}) == 6


def flip(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda content: flip(content, -1), "passphrase or key is another one"),
        (lambda content: content[:-20], "cut off"),
        (lambda content: content[: content.index(b"\n") + 1], "cut off"),
        (lambda content: content + b"x", "changed"),
        (lambda content: content.replace(b'"version": 1', b'"version": 2'), "format version 2"),
        (lambda content: content.replace(b'"passphrase"', b'"key"'), "encrypted with a key"),
        (lambda content: content.replace(b'"lock"', b' "lock"'), "passphrase or key"),
        (lambda content: b"PK\x03\x04" + content, "not a backup"),
        (lambda content: content[:0], "not a backup"),
    ],
    ids=["flipped", "cut", "header", "longer", "version", "lock", "spaced", "zip", "empty"],
)
async def test_an_archive_that_was_changed_changes_nothing(
    vault: Vault, fresh: Mongo, archive: Path, spoil: object, reason: str
) -> None:
    await back_up(source(vault.mongo, OLD), archive, LOCK)
    assert callable(spoil)
    archive.write_bytes(spoil(archive.read_bytes()))
    with pytest.raises(ArchiveError, match=reason):
        await restore(source(fresh, NEW), archive, LOCK, force=True)
    assert await fresh.database.list_collection_names() == []


async def test_frames_of_a_long_archive_stay_in_their_order(
    vault: Vault, fresh: Mongo, archive: Path
) -> None:
    """Several frames, so that one can be moved, doubled or dropped."""
    noise = [{"tenantId": "acme", "noise": Fernet.generate_key() * 400} for _ in range(200)]
    for each in noise:
        each["noise"] = b"".join(Fernet.generate_key() for _ in range(100))
    await vault.mongo.database["users"].insert_many(
        [
            {**each, "_id": number, "ids": [number], "emailKey": str(number)}
            for number, each in enumerate(noise)
        ]
    )
    await back_up(source(vault.mongo, OLD), archive, LOCK)
    content = archive.read_bytes()
    start = content.index(b"\n") + 1
    length = 4 + int.from_bytes(content[start : start + 4])
    first = content[start : start + length]
    assert len(content) > 2 * length
    for spoiled in (
        content[:start] + content[start + length :],
        content[:start] + first + content[start:],
    ):
        archive.write_bytes(spoiled)
        with pytest.raises(ArchiveError):
            inspect(archive, LOCK)
    archive.write_bytes(content)
    contents = await restore(source(fresh, NEW), archive, LOCK)
    assert contents.documents["users"] == 200
    await vault.mongo.database["users"].delete_many({})


async def test_an_archive_opens_with_its_own_words_or_key_only(vault: Vault, archive: Path) -> None:
    await back_up(source(vault.mongo, OLD), archive, Lock(SecretStr(OTHER), is_key=True))
    contents, _ = inspect(archive, Lock(SecretStr(OTHER), is_key=True))
    assert contents.documents["tokens"] == 6
    with pytest.raises(ArchiveError, match="passphrase or key is another one"):
        inspect(archive, Lock(SecretStr(NEW), is_key=True))
    with pytest.raises(ArchiveError, match="encrypted with a key"):
        inspect(archive, LOCK)
    with pytest.raises(EncryptionKeyError, match="must be a Fernet key"):
        inspect(archive, Lock(SecretStr("short"), is_key=True))


async def test_a_newer_schema_is_not_restored(vault: Vault, fresh: Mongo, archive: Path) -> None:
    await SchemaStore(vault.mongo.database).put(99)
    await back_up(source(vault.mongo, OLD), archive, LOCK)
    with pytest.raises(SchemaTooNew, match="schema version 99"):
        await restore(source(fresh, NEW), archive, LOCK)
    assert await fresh.database.list_collection_names() == []


async def test_a_secret_that_was_lost_before_is_counted_and_the_rest_restored(
    vault: Vault, fresh: Mongo, archive: Path
) -> None:
    await vault.write(vault.connections[0], OTHER, "lost")
    await back_up(source(vault.mongo, OLD), archive, LOCK)
    contents = await restore(source(fresh, NEW), archive, LOCK)
    assert contents.unreadable == 1
    restored = Vault(fresh, vault.connections)
    opened = await restored.opened(vault.connections[1], NEW)
    assert opened == {"accessToken": f"secret of {vault.connections[1].id}"}


async def test_a_token_is_nowhere_in_what_is_told(
    client: httpx.AsyncClient, connection_id: str, mongo: Mongo, archive: Path
) -> None:
    contents = await back_up(source(mongo, TEST_KEY), archive, LOCK)
    for secret in (TOKEN, TEST_KEY):
        assert secret not in str(contents.facts())
