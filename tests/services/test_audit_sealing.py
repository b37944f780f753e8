"""Sealing: every entry comes into one block of its tenant's chain, and old blocks end whole."""

import asyncio
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from src.db.client import Mongo
from src.services.audit_sealing import MOST_ENTRIES, AuditSealing
from src.services.encryption import Encryption
from src.services.maintenance.audit_check import AuditCheck, Fault
from src.services.readiness import Readiness
from tests.conftest import StartService
from tests.db.records import entry
from tests.services.chain import Chain

KEY = Fernet.generate_key().decode()


@pytest.fixture
async def chain(mongo: Mongo) -> Chain:
    encryption = Encryption(KEY)
    await Readiness(mongo, encryption).prepare()
    return Chain(mongo, encryption)


async def sizes(chain: Chain, tenant_id: str = "acme") -> list[int]:
    blocks = await chain.scope(tenant_id).audit_chain.list_blocks(0, limit=100)
    return [block.count for block in blocks]


async def faults(chain: Chain) -> list[Fault]:
    verdict = await AuditCheck(chain.mongo.database, chain.encryption).check("acme")
    return [finding.fault for finding in verdict.findings]


async def test_what_waits_is_sealed_tenant_by_tenant(chain: Chain) -> None:
    await chain.write("acme", count=3)
    await chain.write("globex", count=2)
    sealing = chain.sealing()
    assert await sealing.seal_due() == 5
    assert await sealing.seal_due() == 0
    await chain.write("acme")
    assert await sealing.seal_due() == 1
    assert await sizes(chain) == [3, 1]
    assert await sizes(chain, "globex") == [2]
    first, second = await chain.scope("acme").audit_chain.list_blocks(0, limit=10)
    assert (first.number, second.number) == (1, 2)
    assert (first.first, first.last) == (first.entries[0], first.entries[2])
    assert await faults(chain) == []


async def test_many_entries_become_several_blocks(chain: Chain) -> None:
    for number in range(MOST_ENTRIES + 1):
        await chain.scope("acme").audit_logs.append(entry(target=str(number)))
    assert await chain.sealing().seal_due() == MOST_ENTRIES + 1
    assert await sizes(chain) == [MOST_ENTRIES, 1]


async def test_an_entry_that_comes_late_comes_into_a_later_block(chain: Chain) -> None:
    """Clocks of processes differ, and an insert may take its time."""
    await chain.blocks("acme", 1)
    late = entry(at=chain.today - timedelta(days=9))
    await chain.scope("acme").audit_logs.append(late)
    await chain.sealing().seal_due()
    (_, block) = await chain.scope("acme").audit_chain.list_blocks(0, limit=10)
    assert block.entries == (late.id,)


async def test_of_several_processes_one_seals_a_tenant(chain: Chain) -> None:
    await chain.write("acme", count=3)
    processes = [chain.sealing() for _ in range(4)]
    assert sum(await asyncio.gather(*(each.seal_due() for each in processes))) == 3
    await chain.write("acme", count=2)
    done = [await each.seal_due() for each in processes]
    assert sorted(done) == [0, 0, 0, 2]
    await chain.free()
    await chain.write("acme")
    assert sum([await each.seal_due() for each in processes]) == 1
    assert await faults(chain) == []


async def test_two_that_believe_to_hold_the_lease_seal_nothing_twice(chain: Chain) -> None:
    """The lease of one has run out while it worked."""
    for _ in range(10):
        await chain.write("acme", count=3)
        await asyncio.gather(*(force(chain) for _ in range(3)))
    assert sum(await sizes(chain)) == 30
    assert await faults(chain) == []


async def force(chain: Chain) -> None:
    await chain.mongo.database["leases"].delete_many({})
    await chain.sealing().seal_due()


async def test_the_block_bears_the_database_s_time(chain: Chain) -> None:
    await chain.write("acme")
    sealing = AuditSealing(chain.mongo, chain.scope, chain.encryption, retention_days=1)
    assert await sealing.seal_due() == 1
    assert await sealing.drop_old() == 0
    assert await sizes(chain) == [1]


async def test_retention_drops_whole_blocks_and_the_rest_stays_sound(chain: Chain) -> None:
    await chain.blocks("acme", 2)
    chain.today += timedelta(days=30)
    await chain.blocks("acme", 2)
    assert await chain.sealing(retention_days=31).drop_old() == 0
    await chain.free()
    assert await chain.sealing(retention_days=29).drop_old() == 2
    assert await chain.mongo.database["audit_logs"].count_documents({}) == 6
    verdict = await AuditCheck(chain.mongo.database, chain.encryption).check("acme")
    assert verdict.sound
    assert (verdict.blocks, verdict.dropped) == (2, 2)
    await chain.free()
    chain.today += timedelta(days=300)
    assert await chain.sealing(retention_days=29).drop_old() == 2
    await chain.free()
    await chain.blocks("acme", 1)
    verdict = await AuditCheck(chain.mongo.database, chain.encryption).check("acme")
    assert verdict.sound
    assert verdict.head is not None
    assert verdict.head.number == 5


async def test_without_retention_nothing_is_dropped(chain: Chain) -> None:
    await chain.blocks("acme", 1)
    chain.today += timedelta(days=100_000)
    assert await chain.sealing().drop_old() == 0


async def test_a_block_that_was_made_older_is_not_dropped(chain: Chain) -> None:
    """Retention must not remove what somebody wants to be removed."""
    await chain.blocks("acme", 1)
    aged = {"$set": {"sealedAt": chain.today - timedelta(days=100)}}
    await chain.mongo.database["audit_blocks"].update_one({"number": 1}, aged)
    assert await chain.sealing(retention_days=30).drop_old() == 0
    assert await faults(chain) == [Fault.BLOCK_EDITED, Fault.HEAD_EDITED]


@pytest.mark.parametrize(
    "head", [{"last.number": 1}, {"dropped.number": 1}, {"mac": b"x"}], ids=str
)
async def test_a_head_that_was_changed_is_not_built_upon(
    chain: Chain, head: dict[str, object]
) -> None:
    """A new one over it would hide what was cut."""
    await chain.blocks("acme", 2)
    await chain.mongo.database["audit_heads"].update_one({}, {"$set": head})
    await chain.write("acme")
    await chain.write("globex")
    assert await chain.sealing().seal_due() == 1
    assert len(await sizes(chain)) == 2
    assert Fault.HEAD_EDITED in await faults(chain)


async def test_a_head_that_was_taken_away_is_not_made_again(chain: Chain) -> None:
    await chain.blocks("acme", 2)
    await chain.mongo.database["audit_heads"].delete_many({})
    await chain.write("acme")
    assert await chain.sealing().seal_due() == 0
    assert await faults(chain) == [Fault.HEAD_MISSING]


async def test_before_the_root_is_known_nothing_is_sealed(chain: Chain) -> None:
    await chain.write("acme")
    stranger = Chain(chain.mongo, Encryption(KEY))
    assert await stranger.sealing().seal_due() == 0


@pytest.fixture
async def running(start: StartService) -> Chain:
    service = await start()
    await service.client.patch("/api/connectors/github", json={"enabled": True})
    return Chain(service.container.mongo, service.container.audit_sealing._encryption)


async def test_a_running_service_seals_what_it_writes(running: Chain) -> None:
    async with asyncio.timeout(60):
        while not await sizes(running):  # noqa: ASYNC110  nobody tells us of it
            await asyncio.sleep(0.05)
    assert await faults(running) == []
