"""API keys: make, list, revoke. No key is ever worth more than its maker."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from src.core.errors import Forbidden, NotFound
from src.db.collection import Position
from src.db.repositories.api_keys import ANYBODY, KeyOwner
from src.models.api_key import ApiKey
from src.models.audit import AuditAction
from src.models.base import now
from src.models.ids import IdPrefix, new_id
from src.models.principal import (
    ALL_PERMISSIONS,
    OPEN_PERMISSIONS,
    Caller,
    Permission,
    Principal,
)
from src.services.audit import Audit, ScopeOf
from src.services.connections import resolve_user
from src.services.key_ring import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What a key is to be."""

    name: str
    expires_days: int | None = None
    permissions: Collection[Permission] | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key: the text, which nobody will see again, and its record."""

    text: str
    record: ApiKey


class ApiKeys:
    """The keys of tenants."""

    def __init__(self, scope_of: ScopeOf, ring: KeyRing, audit: Audit) -> None:
        self._scope_of = scope_of
        self._ring = ring
        self._audit = audit

    async def make(self, caller: Caller, new: NewKey) -> MadeKey:
        """Make a key.

        Without named permissions it gets those of its maker, but for ``admin`` and ``tokens:read``,
        which must be named.

        Raises:
            Forbidden: It would be worth more than its maker, or another user's.
        """
        user_id = resolve_user(caller, new.user_id)
        held = held_permissions(caller.principal)
        if new.permissions is None:
            permissions = held & OPEN_PERMISSIONS
        else:
            permissions = frozenset(new.permissions)
            _require_held(held, permissions)
        return await self.issue(caller, new, permissions, user_id)

    async def issue(
        self,
        caller: Caller,
        new: NewKey,
        permissions: frozenset[Permission],
        user_id: str | None,
    ) -> MadeKey:
        """Make a key with permissions that somebody has decided upon."""
        moment = now()
        key_id = new_id(IdPrefix.KEY)
        text, digest = self._ring.cut(key_id)
        days = new.expires_days
        record = ApiKey(
            id=key_id,
            tenant_id=caller.tenant_id,
            name=new.name,
            digest=digest,
            permissions=permissions,
            user_id=user_id,
            made_by=caller.principal.actor,
            created_at=moment,
            expires_at=None if days is None else moment + timedelta(days=days),
        )
        await self._scope_of(caller.tenant_id).api_keys.add(record)
        await self._audit.record(
            caller,
            AuditAction.API_KEY_CREATED,
            key_id,
            name=new.name,
            permissions=sorted(permissions),
            userId=user_id,
            expiresDays=days,
        )
        return MadeKey(text, record)

    async def list(self, caller: Caller, *, limit: int, after: Position | None) -> list[ApiKey]:
        """The caller's own keys, or all of the tenant's for an administrator, newest first."""
        return await self._scope_of(caller.tenant_id).api_keys.list(
            _owner(caller.principal), limit=limit, after=after
        )

    async def revoke(self, caller: Caller, key_id: str) -> ApiKey:
        """End a key of the caller's; a second time changes nothing.

        Raises:
            NotFound: There is none, or it is somebody else's.
        """
        try:
            found = await self._scope_of(caller.tenant_id).api_keys.revoke(
                key_id, _owner(caller.principal)
            )
        finally:
            self._ring.forget(key_id)
        if found is None:
            raise NotFound("There is no such API key.")
        await self._audit.record(caller, AuditAction.API_KEY_REVOKED, key_id, name=found.name)
        return found


def held_permissions(principal: Principal) -> frozenset[Permission]:
    """All that the principal may do, spelled out."""
    return ALL_PERMISSIONS if principal.may(Permission.ADMIN) else principal.permissions


def _require_held(held: frozenset[Permission], wanted: frozenset[Permission]) -> None:
    if beyond := sorted(wanted - held):
        raise Forbidden(
            "A key cannot have permissions that its maker has not.",
            details={"permissions": beyond},
        )


def _owner(principal: Principal) -> KeyOwner:
    if principal.may(Permission.ADMIN):
        return ANYBODY
    if principal.user_id is not None:
        return KeyOwner(user_id=principal.user_id)
    return KeyOwner(maker=principal.actor)
