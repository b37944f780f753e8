"""Who began a flow, kept so that a browser without any proof can end it."""

from __future__ import annotations

from dataclasses import replace

from src.models.oauth_state import Starter
from src.models.principal import Caller, Permission, Principal


def starter_of(caller: Caller) -> Starter:
    """What is kept of a caller."""
    principal = caller.principal
    return Starter(
        via=principal.via,
        key_id=principal.key_id,
        user_id=principal.user_id,
        is_admin=principal.may(Permission.ADMIN),
    )


def acting(tenant_id: str, starter: Starter, browser: Caller) -> Caller:
    """A starter as the caller of a browser's request, with what connecting needs."""
    permissions = {Permission.CONNECTIONS_WRITE, Permission.CONNECTIONS_READ}
    if starter.is_admin:
        permissions.add(Permission.ADMIN)
    principal = Principal(
        tenant_id, starter.via, frozenset(permissions), starter.user_id, starter.key_id
    )
    return replace(browser, principal=principal)
