"""Migrations: in order, once, by one process; and a newer schema is refused."""

import asyncio

import pytest
from cryptography.fernet import Fernet

from src.db.client import Mongo
from src.db.schema import SchemaStore
from src.services.encryption import Encryption
from src.services.maintenance.audit_check import AuditCheck
from src.services.migrations import MIGRATIONS, Migration, Migrations, SchemaTooNew
from src.services.readiness import Readiness
from tests.conftest import StartService
from tests.db.records import entry
from tests.services.chain import Chain

KEY = Fernet.generate_key().decode()


class Steps:
    """Steps that write down who took them."""

    def __init__(self, count: int) -> None:
        self.taken: list[str] = []
        self.steps = tuple(
            Migration(f"step {number}", self._step(number)) for number in range(1, count + 1)
        )
        self.fails = False

    def _step(self, number: int):  # type: ignore[no-untyped-def]
        async def run(mongo: Mongo, encryption: Encryption) -> None:
            self.taken.append(f"step {number}")
            await asyncio.sleep(0)
            if self.fails:
                raise RuntimeError("killed")

        return run


@pytest.fixture
def encryption() -> Encryption:
    return Encryption(KEY)


async def test_the_missing_steps_are_taken_in_order_and_once(
    mongo: Mongo, encryption: Encryption
) -> None:
    steps = Steps(3)
    assert await Migrations(mongo, encryption, steps.steps[:1]).apply() == 1
    assert await Migrations(mongo, encryption, steps.steps).apply() == 2
    assert await Migrations(mongo, encryption, steps.steps).apply() == 0
    assert steps.taken == ["step 1", "step 2", "step 3"]
    assert await SchemaStore(mongo.database).version() == 3


async def test_of_processes_that_start_at_once_one_migrates_and_all_wait_for_it(
    mongo: Mongo, encryption: Encryption
) -> None:
    steps = Steps(3)
    processes = [Migrations(mongo, encryption, steps.steps) for _ in range(4)]
    assert sum(await asyncio.gather(*(each.apply() for each in processes))) == 3
    assert steps.taken == ["step 1", "step 2", "step 3"]


async def test_a_step_that_failed_is_taken_again(mongo: Mongo, encryption: Encryption) -> None:
    steps = Steps(2)
    steps.fails = True
    with pytest.raises(RuntimeError, match="killed"):
        await Migrations(mongo, encryption, steps.steps).apply()
    steps.fails = False
    assert await Migrations(mongo, encryption, steps.steps).apply() == 2
    assert steps.taken == ["step 1", "step 1", "step 2"]


async def test_a_newer_schema_is_refused_with_a_sentence(
    mongo: Mongo, encryption: Encryption
) -> None:
    await SchemaStore(mongo.database).put(7)
    with pytest.raises(SchemaTooNew, match=r"schema version 7.*knows 2: start the newer version"):
        await Migrations(mongo, encryption, Steps(2).steps).apply()


async def test_the_service_does_not_start_on_a_newer_schema(
    mongo: Mongo, start: StartService
) -> None:
    await SchemaStore(mongo.database).put(len(MIGRATIONS) + 1)
    with pytest.raises(SchemaTooNew, match="start the newer version"):
        await start()
    assert await mongo.database["platform_secrets"].count_documents({}) == 0


async def test_a_fresh_database_has_the_newest_schema_after_the_start(
    mongo: Mongo, start: StartService
) -> None:
    await start()
    assert await SchemaStore(mongo.database).version() == len(MIGRATIONS)


async def test_readiness_tells_of_a_newer_schema(mongo: Mongo, encryption: Encryption) -> None:
    await SchemaStore(mongo.database).put(len(MIGRATIONS) + 1)
    report = await Readiness(mongo, encryption).report()
    assert not report.ready
    assert "start the newer version" in report.mongodb


async def test_entries_from_before_the_proofs_are_signed_once(
    mongo: Mongo, encryption: Encryption
) -> None:
    logs = mongo.database["audit_logs"]
    former = [entry(tenant_id=tenant_id) for tenant_id in ("acme", "globex") for _ in range(3)]
    for each in former:
        document = each.model_dump(by_alias=True, exclude={"id", "mac"})
        await logs.insert_one({**document, "_id": each.id})
    await Readiness(mongo, encryption).prepare()
    chain = Chain(mongo, encryption)
    assert await chain.sealing().seal_due() == 6
    check = AuditCheck(mongo.database, encryption)
    for tenant_id in ("acme", "globex"):
        verdict = await check.check(tenant_id)
        assert (verdict.sound, verdict.entries) == (True, 3)


async def test_a_chain_that_has_begun_is_never_signed_afterwards(
    mongo: Mongo, encryption: Encryption
) -> None:
    """Somebody who sets the version back must not get proofs for what they put there."""
    await Readiness(mongo, encryption).prepare()
    await Chain(mongo, encryption).blocks("acme", 1)
    forged = entry().model_dump(by_alias=True, exclude={"id", "mac"})
    await mongo.database["audit_logs"].insert_one({**forged, "_id": "aud_forged"})
    await SchemaStore(mongo.database).put(0)
    await Readiness(mongo, encryption).prepare()
    verdict = await AuditCheck(mongo.database, encryption).check("acme")
    assert {finding.where for finding in verdict.findings} == {"aud_forged"}
