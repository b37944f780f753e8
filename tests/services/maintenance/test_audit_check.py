"""Whoever changes the audit log in the database is found, and what they did is named."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from src.core.errors import ServiceUnavailable
from src.db.client import Database, Document
from src.models.audit import AuditAnchor
from src.services.encryption import Encryption
from src.services.maintenance.audit_check import AuditCheck, Fault, Verdict
from tests.db.records import entry
from tests.services.chain import Chain

Tamper = Callable[[Database], Awaitable[Any]]
ACME = {"tenantId": "acme"}


async def check(chain: Chain, tenant_id: str = "acme", kept: AuditAnchor | None = None) -> Verdict:
    return await AuditCheck(chain.mongo.database, chain.encryption).check(tenant_id, kept)


@pytest.fixture
async def sealed(chain: Chain) -> Chain:
    """Two tenants with three blocks of three entries each, and two entries more."""
    for tenant_id in ("acme", "globex"):
        await chain.blocks(tenant_id, 3)
    for tenant_id in ("acme", "globex"):
        await chain.write(tenant_id, count=2)
    return chain


async def entry_of(database: Database, block: int, position: int = 0) -> Document:
    found = await database["audit_blocks"].find_one({**ACME, "number": block})
    assert found
    stored = await database["audit_logs"].find_one({"_id": found["entries"][position]})
    assert stored
    return stored


async def test_an_untouched_log_is_sound(sealed: Chain) -> None:
    verdict = await check(sealed)
    assert verdict.findings == []
    assert (verdict.entries, verdict.unsealed, verdict.blocks) == (11, 2, 3)
    assert verdict.head is not None
    assert verdict.head.number == 3
    assert await AuditCheck(sealed.mongo.database, sealed.encryption).tenants() == [
        "acme",
        "globex",
    ]


async def edit_entry(database: Database) -> None:
    where = {"_id": (await entry_of(database, 2))["_id"]}
    await database["audit_logs"].update_one(where, {"$set": {"actor": "somebody else"}})


async def edit_details(database: Database) -> None:
    where = {"_id": (await entry_of(database, 2))["_id"]}
    await database["audit_logs"].update_one(where, {"$set": {"details.nested.number": 7}})


async def take_proof_away(database: Database) -> None:
    where = {"_id": (await entry_of(database, 2))["_id"]}
    await database["audit_logs"].update_one(where, {"$unset": {"mac": ""}})


async def delete_entry(database: Database) -> None:
    await database["audit_logs"].delete_one({"_id": (await entry_of(database, 2))["_id"]})


async def exchange_entries(database: Database) -> None:
    one, two = await entry_of(database, 2), await entry_of(database, 3)
    for mine, other in ((one, two), (two, one)):
        await database["audit_logs"].replace_one(
            {"_id": mine["_id"]}, {**other, "_id": mine["_id"]}
        )


async def edit_unsealed(database: Database) -> None:
    where = {**ACME, "unsealed": True}
    await database["audit_logs"].update_one(where, {"$set": {"target": "con_2"}})


async def forge_entry(database: Database) -> None:
    forged = entry().model_dump(by_alias=True, exclude={"id"})
    await database["audit_logs"].insert_one({**forged, "_id": "aud_forged", "unsealed": True})


async def hide_from_sealing(database: Database) -> None:
    await database["audit_logs"].update_one({**ACME, "unsealed": True}, {"$unset": {"unsealed": 1}})


async def delete_block(database: Database) -> None:
    await database["audit_blocks"].delete_one({**ACME, "number": 2})


async def delete_block_with_entries(database: Database) -> None:
    block = await database["audit_blocks"].find_one_and_delete({**ACME, "number": 2})
    await database["audit_logs"].delete_many({"_id": {"$in": block["entries"]}})


async def close_the_gap(database: Database) -> None:
    await delete_block_with_entries(database)
    where = {**ACME, "number": 3}
    await database["audit_blocks"].update_one(where, {"$set": {"number": 2}})


async def delete_beginning(database: Database) -> None:
    block = await database["audit_blocks"].find_one_and_delete({**ACME, "number": 1})
    await database["audit_logs"].delete_many({"_id": {"$in": block["entries"]}})


async def cut_tail(database: Database) -> None:
    block = await database["audit_blocks"].find_one_and_delete({**ACME, "number": 3})
    await database["audit_logs"].delete_many({"_id": {"$in": block["entries"]}})


async def cut_tail_and_move_head(database: Database) -> None:
    await cut_tail(database)
    await database["audit_heads"].update_one(ACME, {"$set": {"last.number": 2}})


async def cut_tail_and_head(database: Database) -> None:
    await cut_tail(database)
    await database["audit_heads"].delete_one(ACME)


async def reorder_blocks(database: Database) -> None:
    blocks = database["audit_blocks"]
    for number, other in ((2, 99), (3, 2), (99, 3)):
        await blocks.update_one({**ACME, "number": number}, {"$set": {"number": other}})


async def reorder_within_block(database: Database) -> None:
    block = await database["audit_blocks"].find_one({**ACME, "number": 2})
    assert block
    swapped = {"$set": {"entries": block["entries"][::-1]}}
    await database["audit_blocks"].update_one({"_id": block["_id"]}, swapped)


async def replace_by_anothers(database: Database) -> None:
    """A block of another tenant, whose proof is good there."""
    theirs = await database["audit_blocks"].find_one({"tenantId": "globex", "number": 2})
    assert theirs
    changed = {key: value for key, value in theirs.items() if key != "_id"}
    where = {**ACME, "number": 2}
    await database["audit_blocks"].replace_one(where, {**changed, "tenantId": "acme"})


async def empty_the_log(database: Database) -> None:
    await database["audit_logs"].delete_many(ACME)
    await database["audit_blocks"].delete_many(ACME)


TAMPERED: dict[str, tuple[Tamper, dict[Fault, set[str]]]] = {
    "an edited entry": (edit_entry, {Fault.ENTRY_EDITED: {"entry 2"}}),
    "edited details": (edit_details, {Fault.ENTRY_EDITED: {"entry 2"}}),
    "a proof taken away": (
        take_proof_away,
        {Fault.ENTRY_UNSIGNED: {"entry 2"}, Fault.BLOCK_CONTENT: {"block 2"}},
    ),
    "a deleted entry": (delete_entry, {Fault.ENTRY_MISSING: {"entry 2"}}),
    "exchanged entries": (
        exchange_entries,
        {
            Fault.ENTRY_EDITED: {"entry 2", "entry 3"},
            Fault.BLOCK_CONTENT: {"block 2", "block 3"},
        },
    ),
    "an edited entry before its sealing": (edit_unsealed, {Fault.ENTRY_EDITED: {"unsealed"}}),
    "a forged entry": (forge_entry, {Fault.ENTRY_UNSIGNED: {"aud_forged"}}),
    "an entry hidden from sealing": (hide_from_sealing, {Fault.ENTRY_OUTSIDE: {"unsealed"}}),
    "a deleted block": (
        delete_block,
        {
            Fault.BLOCK_MISSING: {"block 2"},
            Fault.ENTRY_OUTSIDE: {"entry 2", "entry 2.1", "entry 2.2"},
        },
    ),
    "a deleted block with its entries": (
        delete_block_with_entries,
        {Fault.BLOCK_MISSING: {"block 2"}},
    ),
    "a gap that was closed": (
        close_the_gap,
        {
            Fault.BLOCK_EDITED: {"block 2"},
            Fault.BLOCK_LINK: {"block 2"},
            Fault.TAIL_MISSING: {"block 3"},
        },
    ),
    "a deleted beginning": (delete_beginning, {Fault.BLOCK_MISSING: {"block 1"}}),
    "a cut tail": (cut_tail, {Fault.TAIL_MISSING: {"block 3"}}),
    "a cut tail with a moved head": (cut_tail_and_move_head, {Fault.HEAD_EDITED: {"head"}}),
    "a cut tail without a head": (cut_tail_and_head, {Fault.HEAD_MISSING: {"head"}}),
    "reordered blocks": (
        reorder_blocks,
        {
            Fault.BLOCK_EDITED: {"block 2", "block 3"},
            Fault.BLOCK_LINK: {"block 2", "block 3"},
            Fault.HEAD_EDITED: {"head"},
        },
    ),
    "reordered entries": (
        reorder_within_block,
        {
            Fault.BLOCK_EDITED: {"block 2"},
            Fault.BLOCK_CONTENT: {"block 2"},
            Fault.BLOCK_LINK: {"block 3"},
        },
    ),
    "a block of another tenant": (
        replace_by_anothers,
        {
            Fault.BLOCK_EDITED: {"block 2"},
            Fault.BLOCK_LINK: {"block 2", "block 3"},
            Fault.ENTRY_MISSING: {"theirs 0", "theirs 1", "theirs 2"},
            Fault.ENTRY_OUTSIDE: {"entry 2", "entry 2.1", "entry 2.2"},
        },
    ),
    "an emptied log": (empty_the_log, {Fault.TAIL_MISSING: {"blocks 1 to 3"}}),
}


async def names(database: Database) -> dict[str, str]:
    """The ids of entries in the words of the table."""
    found: dict[str, str] = {}
    for number in (2, 3):
        block = await database["audit_blocks"].find_one({**ACME, "number": number})
        theirs = await database["audit_blocks"].find_one({"tenantId": "globex", "number": number})
        assert block
        assert theirs
        for position, entry_id in enumerate(block["entries"]):
            found[entry_id] = f"entry {number}.{position}" if position else f"entry {number}"
        for position, entry_id in enumerate(theirs["entries"]):
            found.setdefault(entry_id, f"theirs {position}")
    async for unsealed in database["audit_logs"].find({**ACME, "unsealed": True}):
        found[unsealed["_id"]] = "unsealed"
    return found


@pytest.mark.parametrize(("tamper", "faults"), TAMPERED.values(), ids=TAMPERED.keys())
async def test_tampering_is_found_and_named(
    sealed: Chain, tamper: Tamper, faults: dict[Fault, set[str]]
) -> None:
    called = await names(sealed.mongo.database)
    await tamper(sealed.mongo.database)
    verdict = await check(sealed)
    found: dict[Fault, set[str]] = {}
    for finding in verdict.findings:
        found.setdefault(finding.fault, set()).add(called.get(finding.where, finding.where))
    assert found == faults
    assert (await check(sealed, "globex")).sound


async def test_an_entry_of_another_tenant_does_not_fit(sealed: Chain) -> None:
    database = sealed.mongo.database
    theirs = await database["audit_logs"].find_one({"tenantId": "globex", "unsealed": True})
    assert theirs
    await database["audit_logs"].update_one({"_id": theirs["_id"]}, {"$set": ACME})
    assert [each.fault for each in (await check(sealed)).findings] == [Fault.ENTRY_EDITED]


async def test_a_log_that_was_turned_back_is_found_by_a_head_that_was_kept(sealed: Chain) -> None:
    """The limit of the chain: an old state as a whole is sound, but for whoever remembers."""
    database = sealed.mongo.database
    names_ = ("audit_logs", "audit_blocks", "audit_heads")
    former = {name: await database[name].find({}).to_list(None) for name in names_}
    await sealed.blocks("acme", 1)
    kept = (await check(sealed)).head
    assert kept is not None
    assert kept.number == 4
    assert (await check(sealed, kept=kept)).sound
    for name, documents in former.items():
        await database[name].delete_many({})
        await database[name].insert_many(documents)
    assert (await check(sealed)).sound
    (finding,) = (await check(sealed, kept=kept)).findings
    assert (finding.fault, finding.where) == (Fault.HEAD_ROLLED_BACK, "block 4")


async def test_a_head_that_was_kept_is_found_again_when_the_chain_has_grown(sealed: Chain) -> None:
    kept = (await check(sealed)).head
    await sealed.blocks("acme", 2)
    assert (await check(sealed, kept=kept)).sound


async def test_what_is_written_and_sealed_meanwhile_is_not_taken_for_a_fault(chain: Chain) -> None:
    await chain.blocks("acme", 2, entries=20)
    sealing = chain.sealing()
    for _ in range(10):
        await chain.write("acme", count=3)
        await sealing.seal_due()
        assert (await check(chain)).findings == []


async def test_entries_of_a_service_with_a_wrong_key_are_named(chain: Chain) -> None:
    wrong = Encryption("A" * 43 + "=")
    stranger = Chain(chain.mongo, wrong)
    with pytest.raises(ServiceUnavailable):
        await stranger.write("acme")
    with pytest.raises(Exception, match="ENCRYPTION_KEY"):
        wrong.adopt_root(chain.encryption.new_root())
    await stranger.write("acme")
    assert await stranger.sealing().seal_due() == 0
    assert [each.fault for each in (await check(chain)).findings] == [Fault.ENTRY_UNSIGNED]


async def test_an_entry_that_was_made_to_wait_again_is_found(sealed: Chain) -> None:
    database = sealed.mongo.database
    where = {"_id": (await entry_of(database, 2))["_id"]}
    await database["audit_logs"].update_one(where, {"$set": {"unsealed": True}})
    assert (await check(sealed)).sound
    await sealed.sealing().seal_due()
    (finding,) = (await check(sealed)).findings
    assert (finding.fault, finding.where) == (Fault.ENTRY_SEALED_TWICE, where["_id"])
