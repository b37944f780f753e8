"""Sealing the audit log: entries are gathered into linked blocks, and old blocks end whole.

One process per tenant does it, by a lease. Should two believe that they hold it, the number of the
block is taken once, and the other's transaction leaves nothing behind.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from src.core.logging import get_logger
from src.db.audit_due import AuditDue
from src.db.client import Mongo
from src.db.errors import Duplicate
from src.db.leases import Leases
from src.db.tenant import TenantScope
from src.models.audit import AuditAnchor, AuditBlock, AuditHead
from src.services.audit import ScopeOf
from src.services.audit_proofs import (
    Notary,
    block_anchor,
    block_text,
    content_hash,
    head_text,
)
from src.services.encryption import Encryption

SEAL_SECONDS = 3.0
LEASE_SECONDS = 15.0
PASSES_UNTIL_RETENTION = 600
MOST_ENTRIES = 500

Clock = Callable[[], Awaitable[datetime]]

log = get_logger(__name__)


class _Refused(Exception):
    """The chain is not as we left it; what is wrong with it must stay to be seen."""


class AuditSealing:
    """Seals what waits, and drops what is too old."""

    def __init__(
        self,
        mongo: Mongo,
        scope_of: ScopeOf,
        encryption: Encryption,
        *,
        retention_days: int = 0,
        clock: Clock | None = None,
    ) -> None:
        """Take what it works with.

        Args:
            mongo: The database.
            scope_of: Opens the scope of a tenant.
            encryption: Proofs come from its root secret.
            retention_days: How long a block is kept; 0 is for ever.
            clock: Stands in for the database's clock in tests.
        """
        self._mongo = mongo
        self._scope_of = scope_of
        self._encryption = encryption
        self._notary = Notary(encryption)
        self._retention_days = retention_days
        self._clock = clock
        self._owner = secrets.token_hex(8)
        self._refused: dict[str, str] = {}
        self._passes = 0

    async def tend(self) -> None:
        """Seal what waits, and now and then drop what is too old."""
        self._passes += 1
        await self.seal_due()
        if self._passes % PASSES_UNTIL_RETENTION == 1:
            await self.drop_old()

    async def seal_due(self) -> int:
        """Seal the entries of every tenant whose lease is ours; answer how many."""
        if not self._encryption.has_root:
            return 0
        sealed = 0
        for tenant_id in await AuditDue(self._mongo.database).unsealed():
            if await self._is_ours(tenant_id):
                sealed += await self._guarded(tenant_id, self._seal_all)
        return sealed

    async def drop_old(self) -> int:
        """Drop the blocks that are older than they are kept; answer how many."""
        if not self._retention_days or not self._encryption.has_root:
            return 0
        dropped = 0
        for tenant_id in await AuditDue(self._mongo.database).chained():
            if await self._is_ours(tenant_id):
                dropped += await self._guarded(tenant_id, self._drop_all)
        return dropped

    async def _is_ours(self, tenant_id: str) -> bool:
        leases = Leases(self._mongo.database)
        return await leases.acquire(f"audit:{tenant_id}", self._owner, LEASE_SECONDS)

    async def _now(self) -> datetime:
        return await (self._clock or Leases(self._mongo.database).now)()

    async def _guarded(self, tenant_id: str, work: Callable[[TenantScope], Awaitable[int]]) -> int:
        """Do the work of one tenant; say once why it cannot be done."""
        try:
            done = await work(self._scope_of(tenant_id))
        except Duplicate:  # another holder of the lease was first
            return 0
        except _Refused as refused:
            if self._refused.get(tenant_id) != str(refused):
                log.error(  # noqa: TRY400  the traceback would say nothing more
                    "audit_chain.broken", tenant=tenant_id, reason=str(refused)
                )
            self._refused[tenant_id] = str(refused)
            return 0
        self._refused.pop(tenant_id, None)
        return done

    async def _seal_all(self, scope: TenantScope) -> int:
        sealed = 0
        while count := await scope.together(lambda: self._seal_some(scope)):
            sealed += count
            if count < MOST_ENTRIES:
                break
        return sealed

    async def _seal_some(self, scope: TenantScope) -> int:
        chain = scope.audit_chain
        entries = await chain.list_unsealed(limit=MOST_ENTRIES)
        if not entries:
            return 0
        former = await self._head(scope)
        last = former.last if former else AuditAnchor()
        block = self._notary.signed_block(
            AuditBlock(
                tenant_id=scope.tenant_id,
                number=last.number + 1,
                entries=tuple(entry.id for entry in entries),
                content=content_hash((entry.id, entry.mac) for entry in entries),
                previous=last.hash,
                sealed_at=await self._now(),
                mac=b"",
            )
        )
        await chain.add_block(block)
        await chain.mark_sealed(block.entries)
        await self._put_head(scope, former, {"last": block_anchor(block)})
        return block.count

    async def _drop_all(self, scope: TenantScope) -> int:
        before = await self._now() - timedelta(days=self._retention_days)
        dropped = 0
        while await scope.together(lambda: self._drop_one(scope, before)):
            dropped += 1
        return dropped

    async def _drop_one(self, scope: TenantScope, before: datetime) -> bool:
        head = await self._head(scope)
        blocks = await scope.audit_chain.list_blocks(0, limit=1)
        if head is None or not blocks or blocks[0].sealed_at >= before:
            return False
        (block,) = blocks
        is_next = block.number == head.dropped.number + 1 and block.previous == head.dropped.hash
        if not is_next or not self._notary.holds(block_text(block), block.mac):
            # Dropped, it would take the traces of whoever changed it along.
            raise _Refused(f"block {block.number} is not the one that was sealed")
        await scope.audit_chain.drop_block(block)
        await self._put_head(scope, head, {"dropped": block_anchor(block)})
        return True

    async def _head(self, scope: TenantScope) -> AuditHead | None:
        head = await scope.audit_chain.head()
        if head is not None and not self._notary.holds(head_text(head), head.mac):
            # A new head over a foreign one would hide what was cut.
            raise _Refused("the head of the chain is not the one that was signed")
        return head

    async def _put_head(
        self, scope: TenantScope, former: AuditHead | None, changes: dict[str, AuditAnchor]
    ) -> None:
        head = (former or AuditHead(tenant_id=scope.tenant_id)).model_copy(update=changes)
        if not await scope.audit_chain.put_head(self._notary.signed_head(head), former):
            raise Duplicate("head")
