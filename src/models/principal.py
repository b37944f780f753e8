"""Who is calling, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Permission(StrEnum):
    """What a principal may do; every route names the one it needs."""

    CONNECTORS_READ = "connectors:read"
    CONNECTORS_WRITE = "connectors:write"
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_WRITE = "connections:write"
    BROWSE_READ = "browse:read"
    TOOLS_EXECUTE = "tools:execute"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    WEBHOOKS_WRITE = "webhooks:write"
    KEYS_WRITE = "keys:write"
    USERS_WRITE = "users:write"
    AUDIT_READ = "audit:read"
    TOKENS_READ = "tokens:read"
    ADMIN = "admin"


ALL_PERMISSIONS = frozenset(Permission)
USER_PERMISSIONS = frozenset(
    {
        Permission.CONNECTORS_READ,
        Permission.CONNECTIONS_READ,
        Permission.CONNECTIONS_WRITE,
        Permission.BROWSE_READ,
        Permission.TOOLS_EXECUTE,
    }
)
"""What the key of a synchronized user may do."""

OPEN_PERMISSIONS = ALL_PERMISSIONS - {Permission.TOKENS_READ, Permission.ADMIN}


class Via(StrEnum):
    """How the principal proved who they are."""

    API_KEY = "api_key"
    JWT = "jwt"
    PLATFORM = "platform"
    OPEN = "open"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests a user may make; None is no limit."""

    per_hour: int | None = None
    per_month: int | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: one tenant, perhaps one of its users, and permissions."""

    tenant_id: str
    via: Via
    permissions: frozenset[Permission]
    user_id: str | None = None
    key_id: str | None = None
    quota: Quota | None = None
    """What the host allows the user."""
    connector_ids: frozenset[str] | None = None
    """What a connect session is for; None = every connector."""

    def may(self, permission: Permission) -> bool:
        """Whether this principal holds ``permission``; ``admin`` holds them all."""
        return permission in self.permissions or Permission.ADMIN in self.permissions

    def acting_for(self, user_id: str) -> Principal:
        """The same caller narrowed to one user, who is never an administrator."""
        return replace(self, user_id=user_id, permissions=self.permissions - {Permission.ADMIN})

    @property
    def actor(self) -> str:
        """How the audit log names the caller."""
        return self.user_id or self.key_id or self.via.value


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal in one request: what services and the audit log need to know of it."""

    principal: Principal
    request_id: str | None = None
    ip: str | None = None

    @property
    def tenant_id(self) -> str:
        """The caller's tenant."""
        return self.principal.tenant_id

    @property
    def user_id(self) -> str | None:
        """The one user that the caller is, if it is one."""
        return self.principal.user_id
