"""An OAuth flow on its way: what is kept between the start and the callback."""

from __future__ import annotations

from typing import Any

from src.models.base import Model, Timestamp
from src.models.connection import GrantedTo
from src.models.principal import Via


class Starter(Model):
    """Who began something that a browser ends: a principal without its proof."""

    via: Via
    user_id: str | None = None
    key_id: str | None = None
    is_admin: bool = False


class OAuthState(Model):
    """A state by its keyed hash. It holds no secret in the clear, and not itself either."""

    state_hash: str
    tenant_id: str
    starter: Starter
    connector_id: str
    method: str
    granted_to: GrantedTo
    redirect_uri: str
    requested_scopes: tuple[str, ...]
    config: dict[str, Any]
    sealed: bytes
    """Code verifier and the flow's own app secret, sealed to this state."""
    connection_id: str | None = None
    user_id: str | None = None
    alias: str | None = None
    own_client_id: str | None = None
    return_url: str | None = None
    opener_origin: str | None = None
    csrf_hash: str | None = None
    browser_hash: str | None = None
    session_hash: str | None = None
    """The connect session whose page waits for the end."""
    expires_at: Timestamp
