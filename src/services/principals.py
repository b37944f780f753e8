"""Who is calling: from a bearer token and headers to a principal.

Whoever asks often is known by a hash and a look into memory; see ADR 0012 for how long that holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from src.core.config import Settings
from src.core.errors import (
    Forbidden,
    TenantMismatch,
    TenantRequired,
    Unauthorized,
    ValidationFailed,
)
from src.core.security import same_secret
from src.models.api_key import KEY_MARK, ApiKey
from src.models.ids import TENANT_ID_PATTERN, USER_ID_PATTERN
from src.models.principal import (
    ALL_PERMISSIONS,
    OPEN_PERMISSIONS,
    Permission,
    Principal,
    Quota,
    Via,
)
from src.models.user import User
from src.services.audit import ScopeOf
from src.services.host_tokens import HostTokens
from src.services.key_ring import KeyRing

_TENANT = re.compile(TENANT_ID_PATTERN), "1 to 128 of A-Z a-z 0-9 . _ : @ -"
_USER = re.compile(USER_ID_PATTERN), "1 to 256 printable characters, no spaces"


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a token proves by itself; a tenant that it does not name is named beside it."""

    via: Via
    permissions: frozenset[Permission]
    tenant_id: str | None = None
    user_id: str | None = None
    key_id: str | None = None


_OPEN = _Proof(Via.OPEN, OPEN_PERMISSIONS)
_PLATFORM = _Proof(Via.PLATFORM, ALL_PERMISSIONS)


class Principals:
    """Decides who a request comes from."""

    def __init__(
        self,
        settings: Settings,
        scope_of: ScopeOf,
        ring: KeyRing,
        host_tokens: HostTokens | None,
    ) -> None:
        self._auth_required = settings.auth_required
        self._admin_key = settings.admin_api_key.get_secret_value()
        self._scope_of = scope_of
        self._ring = ring
        self._host_tokens = host_tokens

    async def identify(
        self,
        *,
        bearer: str | None,
        tenant_id: str | None,
        workspace_ids: Collection[str],
        user_id: str | None,
    ) -> Principal:
        """The principal of a request.

        Args:
            bearer: The token of ``Authorization: Bearer``.
            tenant_id: ``X-Tenant-Id``.
            workspace_ids: The tenant as query and body name it.
            user_id: ``X-User-Id``: the one user that the caller acts for.

        Raises:
            Unauthorized: A token is missing, or it is none of ours.
            TenantRequired: Nothing names the tenant.
            TenantMismatch: Token, header, query and body name different ones.
            Forbidden: The caller may not act for this user.
            ValidationFailed: A name is malformed.
        """
        proof = await self._proof(bearer)
        tenant = _tenant(proof, tenant_id, workspace_ids)
        principal = Principal(tenant, proof.via, proof.permissions, key_id=proof.key_id)
        if user_id is not None:
            _check("X-User-Id", _USER, user_id)
        if proof.user_id is not None:
            principal = await self._being(principal, proof.user_id)
            return await self._require_same(principal, user_id)
        if user_id is None:
            return principal
        if not principal.may(Permission.CONNECTIONS_WRITE):
            raise Forbidden(
                "Acting for a user needs the permission connections:write.",
                details={"permission": Permission.CONNECTIONS_WRITE.value},
            )
        return await self._being(principal.acting_for(user_id), user_id)

    async def canonical(self, tenant_id: str, user_id: str) -> str:
        """The id under which a user's things are kept, whichever of its ids is named."""
        if _USER[0].fullmatch(user_id) is None:
            return user_id
        user = await self._scope_of(tenant_id).users.get(user_id)
        return user_id if user is None else user.user_id

    async def _being(self, principal: Principal, named: str) -> Principal:
        """The principal as this user, under its first id and with what the host allows it."""
        user = await self._scope_of(principal.tenant_id).users.get(named)
        if user is None:
            return replace(principal, user_id=named)
        return replace(principal, user_id=user.user_id, quota=_quota(user))

    async def _require_same(self, principal: Principal, named: str | None) -> Principal:
        """Stop one user from acting for another."""
        if named is not None and named != principal.user_id:
            meant = await self.canonical(principal.tenant_id, named)
            if meant != principal.user_id:
                raise Forbidden("X-User-Id must be absent or the caller's own.")
        return principal

    async def _proof(self, bearer: str | None) -> _Proof:
        if bearer is None:
            if self._auth_required:
                raise Unauthorized("Send an API key: Authorization: Bearer <key>.")
            return _OPEN
        if bearer.startswith(KEY_MARK):
            return _of_key(await self._ring.find(bearer))
        if self._admin_key and same_secret(bearer, self._admin_key):
            return _PLATFORM
        if self._host_tokens is not None:
            known = await self._host_tokens.read(bearer)
            return _Proof(Via.JWT, known.permissions, known.tenant_id, known.user_id)
        raise Unauthorized("The API key is not valid.")


def _of_key(key: ApiKey) -> _Proof:
    permissions = ALL_PERMISSIONS if Permission.ADMIN in key.permissions else key.permissions
    return _Proof(Via.API_KEY, permissions, key.tenant_id, key.user_id, key.id)


def _quota(user: User) -> Quota | None:
    if user.requests_per_hour is None and user.requests_per_month is None:
        return None
    return Quota(user.requests_per_hour, user.requests_per_month)


def _tenant(proof: _Proof, header: str | None, workspace_ids: Collection[str]) -> str:
    """The tenant that all who name one agree on."""
    if header is not None:
        _check("X-Tenant-Id", _TENANT, header)
    for name in workspace_ids:
        _check("workspaceId", _TENANT, name)
    tenant_id = proof.tenant_id or header
    if tenant_id is None and proof.via is Via.OPEN:
        tenant_id = next(iter(workspace_ids), None)
    if tenant_id is None:
        raise TenantRequired("Name the tenant in the header X-Tenant-Id.")
    if header not in {None, tenant_id}:
        raise TenantMismatch("X-Tenant-Id names another tenant than the caller's.")
    if any(name != tenant_id for name in workspace_ids):
        raise TenantMismatch("workspaceId names another tenant than the request does.")
    return tenant_id


def _check(field: str, form: tuple[re.Pattern[str], str], name: str) -> None:
    pattern, words = form
    if pattern.fullmatch(name) is None:
        raise ValidationFailed([(field, f"must be {words}")])
