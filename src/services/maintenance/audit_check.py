"""Checking the audit log: every entry, every block, every link, and both ends of the chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from src.db.client import Database
from src.db.maintenance.snapshot import snapshot
from src.db.maintenance.tenants import TenantsStore
from src.db.tenant import TenantScope
from src.models.audit import AuditAnchor, AuditBlock, AuditEntry, AuditHead
from src.services.audit_proofs import (
    Notary,
    block_anchor,
    block_text,
    content_hash,
    entry_text,
    head_text,
)
from src.services.encryption import Encryption

_BLOCKS = 20
_PAGE = 1000
_MOST_UNSEALED = 1_000_000


class Fault(StrEnum):
    """What can be wrong."""

    ENTRY_EDITED = "entry_edited"
    ENTRY_UNSIGNED = "entry_unsigned"
    ENTRY_MISSING = "entry_missing"
    ENTRY_OUTSIDE = "entry_outside"
    ENTRY_SEALED_TWICE = "entry_sealed_twice"
    BLOCK_EDITED = "block_edited"
    BLOCK_CONTENT = "block_content"
    BLOCK_LINK = "block_link"
    BLOCK_MISSING = "block_missing"
    HEAD_EDITED = "head_edited"
    HEAD_MISSING = "head_missing"
    TAIL_MISSING = "tail_missing"
    HEAD_ROLLED_BACK = "head_rolled_back"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where."""

    fault: Fault
    where: str
    text: str


@dataclass(slots=True)
class Verdict:
    """What the check of one tenant's log found."""

    tenant_id: str
    entries: int = 0
    unsealed: int = 0
    blocks: int = 0
    head: AuditAnchor | None = None
    dropped: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def find(self, fault: Fault, where: str, text: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(fault, where, text))


class AuditCheck:
    """Checks the logs of tenants."""

    def __init__(self, database: Database, encryption: Encryption) -> None:
        self._database = database
        self._notary = Notary(encryption)

    async def tenants(self) -> list[str]:
        """Tenants with a log, or with what is left of one."""
        return await TenantsStore(self._database).with_audit()

    async def check(self, tenant_id: str, kept: AuditAnchor | None = None) -> Verdict:
        """Check one tenant's log as it is at one moment.

        Args:
            tenant_id: Whose log.
            kept: The head of an earlier check, kept outside the database: the chain must still
                hold it.

        Raises:
            CredentialsUnreadable: Our key does not open the root secret, so nothing can be checked.
        """
        verdict = Verdict(tenant_id)
        async with snapshot(self._database):
            scope = TenantScope(self._database, tenant_id)
            await _Walk(scope, self._notary, verdict, kept).run()
        return verdict


class _Walk:
    """One check."""

    def __init__(
        self, scope: TenantScope, notary: Notary, verdict: Verdict, kept: AuditAnchor | None
    ) -> None:
        self._chain = scope.audit_chain
        self._notary = notary
        self._verdict = verdict
        self._kept = kept
        self._sealed: set[str] = set()
        self._expected = AuditAnchor()

    async def run(self) -> None:
        head = await self._chain.head()
        self._check_head(head)
        await self._check_blocks()
        self._check_end(head)
        await self._check_unsealed()
        await self._check_outside()
        self._verdict.head = self._expected if self._expected.number else None
        self._verdict.findings += [] if self._kept is None else self._rolled_back(self._kept)

    def _check_head(self, head: AuditHead | None) -> None:
        if head is None:
            return
        if self._notary.holds(head_text(head), head.mac):
            self._expected = head.dropped
            self._verdict.dropped = head.dropped.number
        else:
            self._verdict.find(
                Fault.HEAD_EDITED, "head", "The head of the chain is not the one that was signed."
            )

    async def _check_blocks(self) -> None:
        number = 0
        while blocks := await self._chain.list_blocks(number, limit=_BLOCKS):
            for block in blocks:
                await self._check_block(block)
            number = blocks[-1].number

    async def _check_block(self, block: AuditBlock) -> None:
        verdict, where = self._verdict, f"block {block.number}"
        missing = range(self._expected.number + 1, block.number)
        if missing:
            verdict.find(Fault.BLOCK_MISSING, _span(missing), f"{_span(missing)} is gone.")
        elif block.previous != self._expected.hash and block.number == self._expected.number + 1:
            text = f"It does not follow the block before it (block {self._expected.number})."
            verdict.find(Fault.BLOCK_LINK, where, text)
        if not self._notary.holds(block_text(block), block.mac):
            verdict.find(Fault.BLOCK_EDITED, where, "The block was changed, or put elsewhere.")
        verdict.blocks += 1
        self._expected = block_anchor(block)
        self._note_kept(self._expected)
        await self._check_content(block)

    async def _check_content(self, block: AuditBlock) -> None:
        where = f"block {block.number}"
        found = {entry.id: entry for entry in await self._chain.list_entries(block.entries)}
        for entry_id in block.entries:
            if entry_id not in found:
                text = f"It was sealed in {where} and is gone."
                self._verdict.find(Fault.ENTRY_MISSING, entry_id, text)
            if entry_id in self._sealed:
                self._verdict.find(
                    Fault.ENTRY_SEALED_TWICE, entry_id, f"{where} holds it once more."
                )
            self._sealed.add(entry_id)
        for entry in found.values():
            self._check_entry(entry)
        leaves = [(each, found[each].mac) for each in block.entries if each in found]
        if len(leaves) == block.count and content_hash(leaves) != block.content:
            text = "The proofs of its entries are not those that were sealed."
            self._verdict.find(Fault.BLOCK_CONTENT, where, text)

    def _check_entry(self, entry: AuditEntry) -> None:
        self._verdict.entries += 1
        if entry.mac is None:
            text = (
                "It carries no proof: written while the service had another ENCRYPTION_KEY, or by "
                "somebody else."
            )
            self._verdict.find(Fault.ENTRY_UNSIGNED, entry.id, text)
        elif not self._notary.holds(entry_text(entry), entry.mac):
            self._verdict.find(Fault.ENTRY_EDITED, entry.id, "Its proof does not fit what it says.")

    def _check_end(self, head: AuditHead | None) -> None:
        verdict, last = self._verdict, self._expected
        if head is None:
            if verdict.blocks:
                verdict.find(Fault.HEAD_MISSING, "head", "There are blocks, and no head.")
            return
        missing = range(last.number + 1, head.last.number + 1)
        if missing:
            text = f"The chain ends with {_span(missing)}, which is gone."
            verdict.find(Fault.TAIL_MISSING, _span(missing), text)
        elif head.last != last:
            text = f"It names another end than block {last.number}."
            verdict.find(Fault.HEAD_EDITED, "head", text)

    async def _check_unsealed(self) -> None:
        for entry in await self._chain.list_unsealed(limit=_MOST_UNSEALED):
            if entry.id not in self._sealed:
                self._verdict.unsealed += 1
                self._check_entry(entry)

    async def _check_outside(self) -> None:
        last = ""
        while ids := await self._chain.list_sealed_ids(last, limit=_PAGE):
            for entry_id in set(ids) - self._sealed:
                text = "It is in no block and waits for none: put there, or its block is gone."
                self._verdict.find(Fault.ENTRY_OUTSIDE, entry_id, text)
            last = ids[-1]

    def _note_kept(self, found: AuditAnchor) -> None:
        if self._kept is not None and found == self._kept:
            self._kept = None

    def _rolled_back(self, kept: AuditAnchor) -> list[Finding]:
        """A head that was seen before must be in the chain, unless retention has passed it."""
        if kept.number <= self._verdict.dropped:
            return []
        text = "The chain held this block at an earlier check, and does not now."
        return [Finding(Fault.HEAD_ROLLED_BACK, f"block {kept.number}", text)]


def heads_of(document: Mapping[str, object]) -> dict[str, AuditAnchor]:
    """The heads in an earlier check's ``--json``.

    Raises:
        ValueError: It is none.
    """
    tenants = document.get("tenants")
    if not isinstance(tenants, list):
        raise ValueError("it has no list of tenants")  # noqa: TRY004  a file's fault, not a type's
    heads: dict[str, AuditAnchor] = {}
    for tenant in tenants:
        if tenant["head"] is not None:
            number, digest = tenant["head"]["number"], bytes.fromhex(tenant["head"]["hash"])
            heads[tenant["tenantId"]] = AuditAnchor(number=number, hash=digest)
    return heads


def _span(numbers: range) -> str:
    if len(numbers) == 1:
        return f"block {numbers[0]}"
    return f"blocks {numbers[0]} to {numbers[-1]}"
