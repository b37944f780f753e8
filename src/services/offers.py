"""A credential that has just come, on its way to a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from src.connectors.manifest import AuthMethod
from src.core.oauth import OAuth2App
from src.models.connection import Account, Connection, GrantedTo
from src.models.credential import Credential


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A credential that has just come, and what is to be made of it."""

    method: AuthMethod
    credential: Credential
    config: dict[str, Any]
    alias: str | None = None
    user_id: str | None = None
    present: Connection | None = None
    """The connection that is authorized anew."""
    granted_to: GrantedTo | None = None
    requested_scopes: tuple[str, ...] | None = None
    own_app: OAuth2App | None = None
    """A new app of the connection's own."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An offer that the provider accepts, with the scopes that it tells now."""

    offer: Offer
    account: Account


@dataclass(frozen=True, slots=True)
class Connected:
    """The connection, and whether the record is new."""

    connection: Connection
    is_new: bool
