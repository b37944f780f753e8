"""What the proofs of the audit log are made over: one canonical text for each thing.

A proof is an HMAC-SHA256 with a key derived from the root secret for the purpose ``audit``. The
text is JSON: an array that begins with the name and version of its form, without blanks, with
sorted keys, in UTF-8; times are RFC 3339 in UTC with milliseconds, bytes are hexadecimal digits.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from src.models.audit import AuditAnchor, AuditBlock, AuditEntry, AuditHead
from src.models.base import rfc3339, to_milliseconds
from src.services.encryption import Encryption

PURPOSE = "audit"

Leaf = tuple[str, bytes | None]
"""Id and MAC of an entry."""


def entry_text(entry: AuditEntry) -> bytes:
    """Every field of an entry but its proof."""
    return _canonical(
        "audit-entry/1",
        entry.id,
        entry.tenant_id,
        entry.at,
        entry.actor,
        entry.via,
        entry.action,
        entry.target,
        entry.outcome,
        entry.user_id,
        entry.request_id,
        entry.ip,
        entry.details,
    )


def content_hash(leaves: Iterable[Leaf]) -> bytes:
    """The hash over ids and MACs of a block's entries, in their order."""
    return hashlib.sha256(_canonical("audit-entries/1", list(map(list, leaves)))).digest()


def block_text(block: AuditBlock) -> bytes:
    """Every field of a block but its proof."""
    return _canonical(
        "audit-block/1",
        block.tenant_id,
        block.number,
        block.count,
        block.first,
        block.last,
        list(block.entries),
        block.content,
        block.previous,
        block.sealed_at,
    )


def block_anchor(block: AuditBlock) -> AuditAnchor:
    """How the next block and the head name a block; its hash is over its MAC, too."""
    digest = hashlib.sha256(block_text(block) + block.mac).digest()
    return AuditAnchor(number=block.number, hash=digest)


def head_text(head: AuditHead) -> bytes:
    """Every field of a head but its proof."""
    ends = [[end.number, end.hash] for end in (head.last, head.dropped)]
    return _canonical("audit-head/1", head.tenant_id, *ends)


class Notary:
    """Makes proofs and checks them."""

    def __init__(self, encryption: Encryption) -> None:
        self._encryption = encryption

    def sign(self, text: bytes) -> bytes:
        """The proof over a canonical text.

        Raises:
            CredentialsUnreadable: Our key does not open the root secret.
            ServiceUnavailable: The root secret has not been read yet.
        """
        return self._encryption.mac(PURPOSE, text)

    def holds(self, text: bytes, mac: bytes | None) -> bool:
        """Whether this proof was made over this text."""
        return mac is not None and hmac.compare_digest(self.sign(text), mac)

    def signed_block(self, block: AuditBlock) -> AuditBlock:
        """The block with its proof."""
        return block.model_copy(update={"mac": self.sign(block_text(block))})

    def signed_head(self, head: AuditHead) -> AuditHead:
        """The head with its proof."""
        return head.model_copy(update={"mac": self.sign(head_text(head))})


def _canonical(form: str, *parts: Any) -> bytes:
    text = json.dumps(
        [form, *parts], default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return text.encode()


def _plain(value: Any) -> str:
    match value:
        case datetime():
            return rfc3339(to_milliseconds(value))
        case bytes():
            return value.hex()
        case _:
            raise TypeError(f"{type(value).__name__} cannot be proved")
