"""The audit log: written before a use of power is answered, so that none goes without an entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from src.core.errors import CredentialsUnreadable
from src.db.collection import Position
from src.db.repositories.audit_logs import AuditFilter
from src.db.tenant import TenantScope
from src.models.audit import AuditAction, AuditEntry, Outcome
from src.models.base import now
from src.models.ids import IdPrefix, new_id
from src.models.principal import Caller, Permission
from src.services.audit_proofs import Notary, entry_text
from src.services.encryption import Encryption

ScopeOf = Callable[[str], TenantScope]
"""Opens the scope of a tenant."""


class Audit:
    """Appends and lists entries."""

    def __init__(self, scope_of: ScopeOf, encryption: Encryption) -> None:
        self._scope_of = scope_of
        self._notary = Notary(encryption)

    async def record(
        self,
        caller: Caller,
        action: AuditAction,
        target: str,
        *,
        outcome: Outcome = Outcome.SUCCESS,
        **details: Any,
    ) -> None:
        """Write down who did what; ``details`` must hold no secret."""
        principal = caller.principal
        entry = AuditEntry(
            id=new_id(IdPrefix.AUDIT),
            tenant_id=principal.tenant_id,
            at=now(),
            actor=principal.actor,
            via=principal.via,
            action=action,
            target=target,
            outcome=outcome,
            user_id=principal.user_id,
            request_id=caller.request_id,
            ip=caller.ip,
            details={key: value for key, value in details.items() if value is not None},
        )
        await self._scope_of(principal.tenant_id).audit_logs.append(self._signed(entry))

    def _signed(self, entry: AuditEntry) -> AuditEntry:
        """The entry with its proof; with another key than the database's it goes without one.

        Ending a connection must be possible then, too; the check of the log names such entries.
        """
        try:
            return entry.model_copy(update={"mac": self._notary.sign(entry_text(entry))})
        except CredentialsUnreadable:
            return entry

    async def list(
        self, caller: Caller, where: AuditFilter, *, limit: int, after: Position | None
    ) -> list[AuditEntry]:
        """Entries of the caller's tenant, newest first; one user sees its own."""
        if caller.user_id is not None and not caller.principal.may(Permission.ADMIN):
            where = replace(where, user_id=caller.user_id)
        return await self._scope_of(caller.tenant_id).audit_logs.list(
            where, limit=limit, after=after
        )
