"""Bodies of the route that says who is calling."""

from __future__ import annotations

from typing import Self

from src.api.schemas.api_keys import ordered
from src.api.schemas.base import Reply
from src.models.base import Timestamp
from src.models.principal import Permission, Principal, Via
from src.models.user import User
from src.services.usage import Used


class UserOut(Reply):
    """A user of the host, as its backend told."""

    id: str
    user_id: str
    email: str
    full_name: str | None
    tier: str
    created_at: Timestamp

    @classmethod
    def of(cls, user: User) -> Self:
        """From the record."""
        return cls(**user.model_dump(include=set(cls.model_fields)))


class PrincipalOut(Reply):
    """Who is calling."""

    tenant_id: str
    user_id: str | None
    permissions: list[Permission]
    via: Via

    @classmethod
    def of(cls, principal: Principal) -> Self:
        """From the principal."""
        return cls(
            tenant_id=principal.tenant_id,
            user_id=principal.user_id,
            permissions=ordered(principal.permissions),
            via=principal.via,
        )


class LimitsOut(Reply):
    """How many requests the caller may make; null is no limit."""

    requests_per_minute: int | None
    requests_per_hour: int | None
    requests_per_month: int | None


class UsageOut(Reply):
    """How many requests the caller has made, as known a second ago."""

    requests_this_hour: int
    requests_this_month: int
    limits: LimitsOut

    @classmethod
    def of(cls, used: Used) -> Self:
        """From what was counted."""
        limits = LimitsOut(
            requests_per_minute=used.limits.per_minute,
            requests_per_hour=used.limits.per_hour,
            requests_per_month=used.limits.per_month,
        )
        return cls(
            requests_this_hour=used.this_hour, requests_this_month=used.this_month, limits=limits
        )


class MeOut(Reply):
    """The caller as the platform sees it."""

    user: UserOut | None
    principal: PrincipalOut
    usage: UsageOut

    @classmethod
    def of(cls, principal: Principal, user: User | None, used: Used) -> Self:
        """From the caller, its record and its counts."""
        return cls(
            user=None if user is None else UserOut.of(user),
            principal=PrincipalOut.of(principal),
            usage=UsageOut.of(used),
        )
