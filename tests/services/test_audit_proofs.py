"""The canonical texts that proofs are made over: fixed for ever, or old proofs no longer hold."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from src.models.audit import AuditAction, AuditAnchor, AuditHead, Outcome
from src.models.principal import Via
from src.services.audit_proofs import (
    Notary,
    block_anchor,
    block_text,
    content_hash,
    entry_text,
    head_text,
)
from src.services.encryption import Encryption
from tests.db.records import NOON, block, entry

ENTRY = entry(
    id="aud_1",
    user_id="user-1",
    ip="2001:db8::1",
    details={"b": ["ü", 1, 0.5, None], "a": {"z": True, "at": NOON}},
)


def test_the_text_of_an_entry() -> None:
    assert entry_text(ENTRY).decode() == (
        '["audit-entry/1","aud_1","acme","2026-01-02T12:00:00.123Z","open","open",'
        '"connection.created","con_1","success","user-1",null,"2001:db8::1",'
        '{"a":{"at":"2026-01-02T12:00:00.123Z","z":true},"b":["ü",1,0.5,null]}]'
    )


def test_the_text_of_a_block() -> None:
    one = block("acme", number=7)
    assert block_text(one).decode() == (
        '["audit-block/1","acme",7,1,"aud_0000000000000000000000bb",'
        '"aud_0000000000000000000000bb",["aud_0000000000000000000000bb"],"636f6e74656e74",'
        '"70726576696f7573","2026-01-02T12:00:00.123Z"]'
    )
    assert block_anchor(one).hash.hex() == (
        "4051f459cbfd720ee0b60ea7513315598f81cde2e85e24fec7b7e5b04be22688"
    )


def test_the_text_of_a_head() -> None:
    head = AuditHead(
        tenant_id="acme",
        last=AuditAnchor(number=2, hash=b"\x01"),
        dropped=AuditAnchor(number=1, hash=b"\x02"),
    )
    assert head_text(head) == b'["audit-head/1","acme",[2,"01"],[1,"02"]]'


def test_the_hash_of_a_content() -> None:
    leaves = [("aud_1", b"\x01"), ("aud_2", None)]
    assert content_hash(leaves).hex() == (
        "662e4749c64d749c483ee524352a0508fafacd105cff53455797af66069a6099"
    )
    assert content_hash(leaves[::-1]) != content_hash(leaves)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "aud_2"},
        {"tenant_id": "globex"},
        {"at": NOON + timedelta(milliseconds=1)},
        {"actor": "somebody"},
        {"via": Via.JWT},
        {"action": AuditAction.CONNECTION_REVOKED},
        {"target": "con_2"},
        {"outcome": Outcome.FAILURE},
        {"user_id": None},
        {"request_id": "req_1"},
        {"ip": None},
        {"details": {}},
        {"details": {**ENTRY.details, "b": ["ü", 1, 0.5]}},
        {"details": {**ENTRY.details, "b": ["ü", "1", 0.5, None]}},
    ],
    ids=str,
)
def test_a_proof_holds_for_every_field(changes: dict[str, Any]) -> None:
    encryption = Encryption("A" * 43 + "=")
    encryption.adopt_root(encryption.new_root())
    notary = Notary(encryption)
    mac = notary.sign(entry_text(ENTRY))
    assert notary.holds(entry_text(ENTRY), mac)
    assert not notary.holds(entry_text(ENTRY.model_copy(update=changes)), mac)
    assert not notary.holds(entry_text(ENTRY), None)


def test_every_field_of_an_entry_is_proved() -> None:
    """A field that is added later must come into the text, under a new name of the form."""
    assert len(type(ENTRY).model_fields) == 13


def test_a_time_is_the_same_in_every_zone_and_precision() -> None:
    local = datetime(2026, 1, 2, 13, 0, 0, 123999, timezone(timedelta(hours=1)))
    same = ENTRY.model_copy(update={"details": {"at": local}})
    other = ENTRY.model_copy(update={"details": {"at": NOON.astimezone(UTC)}})
    assert entry_text(same) == entry_text(other)


def test_what_has_no_canonical_text_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be proved"):
        entry_text(ENTRY.model_copy(update={"details": {"x": object()}}))
