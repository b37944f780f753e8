"""API keys as they are kept: everything about a key but the key."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import PlainSerializer

from src.models.base import Model, Timestamp
from src.models.principal import Permission


class ApiKey(Model):
    """A key of one tenant, perhaps of one of its users."""

    id: str
    tenant_id: str
    name: str
    digest: bytes
    """A keyed hash; the key itself is nowhere."""

    permissions: Annotated[frozenset[Permission], PlainSerializer(sorted)]
    user_id: str | None = None
    made_by: str
    active: bool = True
    created_at: Timestamp
    expires_at: Timestamp | None = None
    last_used_at: Timestamp | None = None

    def is_good(self, moment: datetime) -> bool:
        """Whether the key still opens anything."""
        return self.active and (self.expires_at is None or moment < self.expires_at)

    @property
    def prefix(self) -> str:
        """The part of the key that is no secret."""
        return f"{KEY_MARK}{self.id}"


KEY_MARK = "uck_"
"""What every key begins with: ``uck_<keyId>_<secret>``."""
