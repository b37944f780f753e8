"""Who is calling: from a bearer token and headers to a principal."""

from __future__ import annotations

import re

from src.core.config import Settings
from src.core.errors import TenantMismatch, TenantRequired, Unauthorized, ValidationFailed
from src.core.security import same_secret
from src.models.ids import TENANT_ID_PATTERN, USER_ID_PATTERN
from src.models.principal import ALL_PERMISSIONS, OPEN_PERMISSIONS, Principal, Via

_TENANT = re.compile(TENANT_ID_PATTERN)
_USER = re.compile(USER_ID_PATTERN)


class Principals:
    """Decides who a request comes from."""

    def __init__(self, settings: Settings) -> None:
        self._auth_required = settings.auth_required
        self._admin_key = settings.admin_api_key.get_secret_value()

    def identify(
        self,
        *,
        bearer: str | None,
        tenant_id: str | None,
        workspace_id: str | None,
        user_id: str | None,
    ) -> Principal:
        """The principal of a request.

        Args:
            bearer: The token of ``Authorization: Bearer``.
            tenant_id: ``X-Tenant-Id``.
            workspace_id: The tenant as body or query name it.
            user_id: ``X-User-Id``: the one user that the caller acts for.

        Raises:
            Unauthorized: A token is missing, or it is none of ours.
            TenantRequired: Nothing names the tenant.
            TenantMismatch: Header and ``workspaceId`` name different ones.
            ValidationFailed: A name is malformed.
        """
        via = self._proof(bearer)
        if tenant_id is None and via is Via.OPEN:
            tenant_id = workspace_id
        if tenant_id is None:
            raise TenantRequired("Name the tenant in the header X-Tenant-Id.")
        if _TENANT.fullmatch(tenant_id) is None:
            raise ValidationFailed([("X-Tenant-Id", "1 to 128 of A-Z a-z 0-9 . _ : @ -")])
        if workspace_id not in {None, tenant_id}:
            raise TenantMismatch("workspaceId names another tenant than X-Tenant-Id.")
        principal = Principal(
            tenant_id, via, OPEN_PERMISSIONS if via is Via.OPEN else ALL_PERMISSIONS
        )
        if user_id is None:
            return principal
        if _USER.fullmatch(user_id) is None:
            raise ValidationFailed([("X-User-Id", "1 to 256 printable characters, no spaces")])
        return principal.acting_for(user_id)

    def _proof(self, bearer: str | None) -> Via:
        if bearer is None:
            if self._auth_required:
                raise Unauthorized("Send an API key: Authorization: Bearer <key>.")
            return Via.OPEN
        if self._admin_key and same_secret(bearer, self._admin_key):
            return Via.PLATFORM
        raise Unauthorized("The API key is not valid.")
