"""End users of the host application, as its backend told us of them."""

from __future__ import annotations

from src.models.base import Model, Timestamp

NO_TIER = "none"


class User(Model):
    """One end user of a tenant.

    ``user_id`` is the first id under which the host named the user, and the one that everything of
    theirs is kept under; the others are aliases.
    """

    id: str
    tenant_id: str
    user_id: str
    aliases: tuple[str, ...] = ()
    email: str
    email_verified: bool = False
    full_name: str | None = None
    tier: str = NO_TIER
    requests_per_hour: int | None = None
    requests_per_month: int | None = None
    created_at: Timestamp
    updated_at: Timestamp
