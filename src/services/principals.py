"""Who is calling: from a bearer token and headers to a principal."""

from __future__ import annotations

import re
from collections.abc import Collection

from src.core.config import Settings
from src.core.errors import TenantMismatch, TenantRequired, Unauthorized, ValidationFailed
from src.core.security import same_secret
from src.models.ids import TENANT_ID_PATTERN, USER_ID_PATTERN
from src.models.principal import ALL_PERMISSIONS, OPEN_PERMISSIONS, Principal, Via

_TENANT = re.compile(TENANT_ID_PATTERN), "1 to 128 of A-Z a-z 0-9 . _ : @ -"
_USER = re.compile(USER_ID_PATTERN), "1 to 256 printable characters, no spaces"


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
            TenantMismatch: Header, query and body name different ones.
            ValidationFailed: A name is malformed.
        """
        via = self._proof(bearer)
        if tenant_id is not None:
            _check("X-Tenant-Id", _TENANT, tenant_id)
        for name in workspace_ids:
            _check("workspaceId", _TENANT, name)
        if tenant_id is None and via is Via.OPEN:
            tenant_id = next(iter(workspace_ids), None)
        if tenant_id is None:
            raise TenantRequired("Name the tenant in the header X-Tenant-Id.")
        if any(name != tenant_id for name in workspace_ids):
            raise TenantMismatch("workspaceId names another tenant than the request does.")
        principal = Principal(
            tenant_id, via, OPEN_PERMISSIONS if via is Via.OPEN else ALL_PERMISSIONS
        )
        if user_id is None:
            return principal
        _check("X-User-Id", _USER, user_id)
        return principal.acting_for(user_id)

    def _proof(self, bearer: str | None) -> Via:
        if bearer is None:
            if self._auth_required:
                raise Unauthorized("Send an API key: Authorization: Bearer <key>.")
            return Via.OPEN
        if self._admin_key and same_secret(bearer, self._admin_key):
            return Via.PLATFORM
        raise Unauthorized("The API key is not valid.")


def _check(field: str, form: tuple[re.Pattern[str], str], name: str) -> None:
    pattern, words = form
    if pattern.fullmatch(name) is None:
        raise ValidationFailed([(field, f"must be {words}")])
