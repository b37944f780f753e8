"""The operator's commands: what they say, how they end, and that they tell no secret."""

import json
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from src.db.client import Mongo
from src.db.schema import SchemaStore
from tests.api.answers import items_of
from tests.cli.conftest import PASSPHRASE, Ended, Run
from tests.conftest import TEST_KEY, TOKEN, Service, StartService

NEW_KEY, OTHER_KEY = (Fernet.generate_key().decode() for _ in range(2))
SECRETS = (TOKEN, TEST_KEY, NEW_KEY, OTHER_KEY, PASSPHRASE, "gAAAA", "an-admin-key-of-ours")
CONTAINERS = "/api/connectors/github/containers"


def told_nothing(*ended: Ended) -> None:
    for each in ended:
        for secret in SECRETS:
            assert secret not in each.said + each.complained


async def seal(service: Service) -> None:
    """Seal all tenants' entries, as the running service does by and by."""
    await service.container.mongo.database["leases"].delete_many({})
    await service.container.audit_sealing.seal_due()


async def test_rotation_from_the_first_key_to_the_last(
    run: Run, client: httpx.AsyncClient, connection_id: str, start: StartService
) -> None:
    """The walk of the manual, while the service goes on."""
    before = await run("keys", "report", ENCRYPTION_KEY=f"{NEW_KEY},{TEST_KEY}")
    assert before.code == 1
    assert f"acme/{connection_id}" in before.said
    both = (await start(encryption_key=f"{NEW_KEY},{TEST_KEY}")).client
    rotated = await run("keys", "rotate", "--json", ENCRYPTION_KEY=f"{NEW_KEY},{TEST_KEY}")
    assert rotated.code == 0
    assert rotated.json["complete"] is True
    assert rotated.json["resealed"] == {"platform_secrets.sealed": 1, "tokens.sealed": 1}
    params = {"connectionId": connection_id}
    assert items_of(await both.get(CONTAINERS, params=params))
    after = await run("keys", "report", "--json", ENCRYPTION_KEY=NEW_KEY)
    assert after.code == 0
    alone = (await start(encryption_key=NEW_KEY)).client
    assert items_of(await alone.get(CONTAINERS, params=params))
    told_nothing(before, rotated, after)


async def test_rotation_with_a_foreign_key_changes_nothing(run: Run, connection_id: str) -> None:
    ended = await run("keys", "rotate", ENCRYPTION_KEY=OTHER_KEY)
    assert ended.code == 2
    assert "not the key of this database" in ended.complained
    assert (await run("keys", "report")).code == 0
    as_json = await run("keys", "rotate", "--json", ENCRYPTION_KEY=OTHER_KEY)
    assert (as_json.code, as_json.complained) == (2, "")
    assert "not the key of this database" in as_json.json["error"]
    told_nothing(ended, as_json)


async def test_verify_names_what_was_changed(
    run: Run, service: Service, connection_id: str, mongo: Mongo
) -> None:
    await seal(service)
    sound = await run("audit", "verify")
    assert sound.code == 0
    assert "acme: sound" in sound.said
    entry = await mongo.database["audit_logs"].find_one({"tenantId": "acme"})
    assert entry
    await mongo.database["audit_logs"].update_one(
        {"_id": entry["_id"]}, {"$set": {"actor": "nobody"}}
    )
    broken = await run("audit", "verify")
    assert broken.code == 1
    assert f"entry_edited  {entry['_id']}" in broken.said
    as_json = await run("audit", "verify", "--tenant", "acme", "--json")
    assert as_json.code == 1
    (tenant,) = as_json.json["tenants"]
    assert tenant["findings"][0]["fault"] == "entry_edited"
    assert (await run("audit", "verify", "--tenant", "globex")).code == 0
    told_nothing(sound, broken, as_json)


async def test_verify_remembers_by_a_kept_answer(
    run: Run, service: Service, connection_id: str, mongo: Mongo, tmp_path: Path
) -> None:
    await seal(service)
    kept = tmp_path / "heads.json"
    kept.write_text((await run("audit", "verify", "--json")).said)
    assert (await run("audit", "verify", "--heads", str(kept))).code == 0
    for name in ("audit_logs", "audit_blocks", "audit_heads"):
        await mongo.database[name].delete_many({})
    assert (await run("audit", "verify")).code == 0
    ended = await run("audit", "verify", "--heads", str(kept))
    assert ended.code == 1
    assert "head_rolled_back  block 1" in ended.said
    kept.write_text("{}")
    assert (await run("audit", "verify", "--heads", str(kept))).code == 2


async def test_a_tenant_that_was_erased_is_not_missed(
    run: Run, service: Service, connection_id: str, tmp_path: Path
) -> None:
    await seal(service)
    kept = tmp_path / "heads.json"
    kept.write_text((await run("audit", "verify", "--json")).said)
    assert (await run("tenant", "erase", "acme", "--yes")).code == 0
    ended = await run("audit", "verify", "--heads", str(kept))
    assert ended.code == 0
    assert "acme: erased at" in ended.said


async def test_verify_with_a_foreign_key_checks_nothing(run: Run, connection_id: str) -> None:
    ended = await run("audit", "verify", ENCRYPTION_KEY=OTHER_KEY)
    assert ended.code == 2
    assert "ENCRYPTION_KEY" in ended.complained


async def test_a_backup_is_made_checked_and_restored(
    run: Run,
    client: httpx.AsyncClient,
    connection_id: str,
    start: StartService,
    mongo: Mongo,
    tmp_path: Path,
) -> None:
    """The drill of the manual: another database, another key."""
    archive, elsewhere = str(tmp_path / "backup"), f"{mongo.database.name}_drill"
    await mongo.database.client.drop_database(elsewhere)
    target = {"MONGODB_DB": elsewhere, "ENCRYPTION_KEY": NEW_KEY}
    made = await run("backup", archive)
    checked = await run("restore", archive, "--check", "--json", **target)
    assert (made.code, checked.code) == (0, 0)
    assert checked.json["documents"]["tokens"] == 1
    assert elsewhere not in await mongo.database.client.list_database_names()
    wrong = await run("restore", archive, **target, BACKUP_PASSPHRASE="another passphrase")
    assert wrong.code == 2
    assert "passphrase or key is another one" in wrong.complained
    restored = await run("restore", archive, **target)
    assert restored.code == 0
    again = await run("restore", archive, **target)
    assert again.code == 2
    assert "--force" in again.complained
    assert (await run("restore", archive, "--force", **target)).code == 0
    other = await start(mongodb_db=elsewhere, encryption_key=NEW_KEY)
    assert items_of(await other.client.get(CONTAINERS, params={"connectionId": connection_id}))
    await mongo.database.client.drop_database(elsewhere)
    told_nothing(made, checked, wrong, restored, again)


async def test_a_backup_takes_words_or_a_key_and_no_short_words(
    run: Run, connection_id: str, tmp_path: Path
) -> None:
    key, words = tmp_path / "key", tmp_path / "words"
    key.write_text(NEW_KEY)
    words.write_text("short")
    options = ("--key-file", str(key))
    assert (await run("backup", str(tmp_path / "one"), *options)).code == 0
    assert (await run("restore", str(tmp_path / "one"), "--check", *options)).code == 0
    refused = await run("backup", str(tmp_path / "two"), "--passphrase-file", str(words))
    assert (refused.code, "at least 12 characters" in refused.complained) == (2, True)
    both = await run("backup", str(tmp_path / "two"), *options, "--passphrase-file", str(words))
    assert (both.code, "not both" in both.complained) == (2, True)
    assert not (tmp_path / "two").exists()


async def test_an_export_is_lines_without_secrets(
    run: Run, connection_id: str, tmp_path: Path
) -> None:
    printed = await run("tenant", "export", "acme")
    file = tmp_path / "acme.jsonl"
    written = await run("tenant", "export", "acme", "--output", str(file))
    assert (printed.code, written.code) == (0, 0)
    for text in (printed.said, file.read_text()):
        head, *lines = [json.loads(line) for line in text.splitlines()]
        assert head["tenantId"] == "acme"
        assert any(line["document"].get("_id") == connection_id for line in lines)
        assert not any(secret in text for secret in SECRETS)
    assert file.stat().st_mode & 0o777 == 0o600
    assert (await run("tenant", "export", "acme", "--output", str(file))).code == 2


async def test_erasing_asks_for_the_name(
    run: Run, client: httpx.AsyncClient, connection_id: str
) -> None:
    slip = await run("tenant", "erase", "acme", answer="acne\n")
    assert slip.code == 2
    assert "Nothing was erased" in slip.complained
    assert (await run("tenant", "erase", "acme", "--json")).code == 2
    assert items_of(await client.get("/api/connections"))
    assert (await run("tenant", "erase", "acme", answer="acme\n")).code == 0
    gone = (await run("tenant", "erase", "acme", "--yes", "--json")).json
    # The service still runs: what it has counted of the requests before, it may write only now.
    gone["removed"].pop("usage_counts", None)
    assert gone == {"tenantId": "acme", "removed": {}, "complete": True}


def findings(ended: Ended) -> dict[str, tuple[str, str]]:
    """Level and text by subject; the worst of each."""
    found: dict[str, tuple[str, str]] = {}
    order = ["ok", "note", "warning", "problem"]
    for each in sorted(ended.json, key=lambda one: order.index(one["level"])):
        found[each["subject"]] = (each["level"], f"{each['text']} {each['remedy']}")
    return found


async def test_the_doctor_finds_little_wrong_with_a_good_configuration(
    run: Run, connection_id: str
) -> None:
    ended = await run("doctor", "--json")
    assert ended.code == 0
    found = findings(ended)
    assert {found[name][0] for name in ("settings", "replica set", "clock", "schema", "key")} == {
        "ok"
    }
    assert (await run("doctor")).said.count("problem ") == 0
    told_nothing(ended)


async def test_the_doctor_names_what_is_wrong_and_what_to_do(
    run: Run, connection_id: str, mongo: Mongo
) -> None:
    await mongo.database["tokens"].drop_indexes()
    settings = {
        "ENCRYPTION_KEY": OTHER_KEY,
        "AUTH_REQUIRED": "true",
        "MONGODB_URI": "mongodb://elsewhere",
        "CONNECTORS__GITUB__ENABLED": "false",
        "CONNECTORS__GITHUB__ENABLED": "false",
        "PUBLIC_URL": "http://localhost:1",
    }
    ended = await run("doctor", "--json", **settings)
    assert ended.code == 1
    found = findings(ended)
    expected = {
        "key": ("problem", "Put the former ENCRYPTION_KEY back"),
        "ADMIN_API_KEY": ("problem", "Set ADMIN_API_KEY"),
        "MONGODB_URI": ("warning", "Did you mean MONGODB_URL?"),
        "CONNECTORS__GITUB": ("problem", "The connectors are: "),
        "connector github": ("note", "Switched off"),
        "PUBLIC_URL": ("warning", "localhost"),
        "schema": ("warning", "tokens.one_each"),
        "ENVIRONMENT": ("note", "ENVIRONMENT=production needs an https PUBLIC_URL"),
    }
    for subject, (level, text) in expected.items():
        assert found[subject][0] == level, subject
        assert text in json.dumps([each for each in ended.json if each["subject"] == subject])
    told_nothing(ended)


async def test_the_doctor_goes_on_when_the_database_is_away(run: Run) -> None:
    url = "mongodb://user:hunter2hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=200"
    ended = await run("doctor", "--json", MONGODB_URL=url)
    assert ended.code == 1
    assert findings(ended)["database"][0] == "problem"
    assert "PUBLIC_URL" in findings(ended)
    assert "hunter2" not in ended.said


@pytest.mark.parametrize("arguments", [("tenants",), ("audit", "verify"), ("keys", "report")])
async def test_a_database_that_is_away_is_a_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    url = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200"
    ended = await run(*arguments, MONGODB_URL=url)
    assert ended.code == 3
    assert "database is away" in ended.complained


async def test_the_doctor_names_wrong_settings_without_their_values(run: Run) -> None:
    ended = await run("doctor", "--json", ADMIN_API_KEY="hunter2", AUDIT_RETENTION_DAYS="-1")
    assert ended.code == 1
    assert findings(ended)["AUDIT_RETENTION_DAYS"][0] == "problem"
    assert "hunter2" not in ended.said


async def test_the_doctor_tells_of_a_newer_schema_and_an_open_rotation(
    run: Run, connection_id: str, mongo: Mongo
) -> None:
    await SchemaStore(mongo.database).put(99)
    ended = await run("doctor", "--json", ENCRYPTION_KEY=f"{NEW_KEY},{TEST_KEY}")
    found = findings(ended)
    assert found["schema"][0] == "problem"
    assert found["key"][0] == "warning"
    assert "keys rotate" in found["key"][1]
