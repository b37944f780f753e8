"""An audit log with a chain, as running services make it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from src.db.client import Mongo
from src.db.tenant import TenantScope
from src.models.audit import AuditAction
from src.models.principal import Caller, Permission, Principal, Via
from src.services.audit import Audit
from src.services.audit_sealing import AuditSealing
from src.services.encryption import Encryption


@dataclass
class Chain:
    """Writes and seals entries of tenants."""

    mongo: Mongo
    encryption: Encryption
    today: datetime = field(default_factory=lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def scope(self, tenant_id: str) -> TenantScope:
        return TenantScope(self.mongo.database, tenant_id)

    async def clock(self) -> datetime:
        return self.today

    def sealing(self, *, retention_days: int = 0) -> AuditSealing:
        """What one process seals with."""
        return AuditSealing(
            self.mongo,
            self.scope,
            self.encryption,
            retention_days=retention_days,
            clock=self.clock,
        )

    async def write(self, tenant_id: str, target: str = "con_1", count: int = 1) -> None:
        """Entries as a service records them."""
        principal = Principal(tenant_id, Via.API_KEY, frozenset({Permission.ADMIN}))
        caller = Caller(principal, request_id="req_1", ip="203.0.113.9")
        audit = Audit(self.scope, self.encryption)
        for number in range(count):
            await audit.record(
                caller,
                AuditAction.CONNECTION_UPDATED,
                target,
                fields=("alias", "ü"),
                nested={"number": number, "share": 0.5, "at": self.today, "none": None},
            )

    async def blocks(self, tenant_id: str, count: int, entries: int = 3) -> None:
        """So many sealed blocks of so many entries."""
        sealing = self.sealing()
        for _ in range(count):
            await self.write(tenant_id, count=entries)
            await sealing.seal_due()
            await self.free()

    async def free(self) -> None:
        """All leases have run out."""
        await self.mongo.database["leases"].update_many(
            {}, {"$set": {"until": datetime.now(UTC) - timedelta(days=1)}}
        )
