"""What authorizes our calls at a provider, in the clear only while it is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import SecretStr

from src.models.base import Model, Timestamp

TokenType = Literal["bearer", "basic", "header"]
BEARER: TokenType = "bearer"

LONGEST_LEAD = timedelta(minutes=5)
LEAD_SHARE = 0.2
"""A token is renewed this part of its life before its end, but never earlier than the above."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A key or token. Its ``repr`` shows no secret."""

    access_token: SecretStr
    secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    token_type: TokenType = BEARER
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    refresh_end_told: bool = False
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed secret belongs; a ciphertext copied to another place does not open."""

    tenant_id: str
    owner_id: str
    purpose: str
    origin: str


class StoredToken(Model):
    """A credential at rest: sealed, with what may be known about it without opening it."""

    connection_id: str
    sealed: bytes
    version: int = 1
    generation: int = 0
    """The connection's, when it was authorized with this credential."""
    token_type: TokenType = BEARER
    has_refresh_token: bool = False
    scopes: tuple[str, ...] | None = None
    expires_at: Timestamp | None = None
    refresh_expires_at: Timestamp | None = None
    refresh_end_told: bool = False
    """Whether the provider told that end; no use of the refresh token puts it off then."""
    keep_alive_at: Timestamp | None = None
    """From when on an unused refresh token is renewed, so that it does not die of neglect."""
    updated_at: Timestamp

    def is_over(self, moment: datetime) -> bool:
        """Whether the access token has ended."""
        return self.expires_at is not None and self.expires_at <= moment

    def is_due(self, moment: datetime) -> bool:
        """Whether the access token is to be renewed, so that nobody meets its end."""
        if self.expires_at is None or not self.has_refresh_token:
            return False
        life = self.expires_at - self.updated_at
        return moment >= self.expires_at - min(LONGEST_LEAD, life * LEAD_SHARE)
