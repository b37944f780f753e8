"""What authorizes our calls at a provider, in the clear only while it is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from src.models.base import Model, Timestamp

TokenType = Literal["bearer", "basic", "header"]
BEARER: TokenType = "bearer"


@dataclass(frozen=True, slots=True)
class Credential:
    """A key or token. Its ``repr`` shows no secret."""

    access_token: SecretStr
    secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    token_type: TokenType = BEARER
    expires_at: datetime | None = None
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
    updated_at: Timestamp
