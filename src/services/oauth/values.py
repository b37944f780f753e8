"""What goes into an OAuth flow and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from src.core.errors import AppError
from src.core.oauth import CODE_CHALLENGE_METHOD, PkcePair
from src.models.oauth_state import OAuthState
from src.services.offers import Connected


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthStart:
    """What a flow is begun with; without ``redirect_uri`` it ends at our own callback."""

    method: str = "oauth2"
    redirect_uri: str | None = None
    scopes: Sequence[str] | None = None
    tools: Sequence[str] | None = None
    csrf_token: SecretStr | None = None
    return_url: str | None = None
    opener_origin: str | None = None
    alias: str | None = None
    user_id: str | None = None
    connection_id: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    config: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A flow on its way. ``browser`` is for the cookie of a flow that is bound to one."""

    auth_url: str
    state: str
    pkce: PkcePair | None
    browser: str | None
    expires_at: datetime

    @property
    def method(self) -> str | None:
        """How the challenge is made from the verifier."""
        return CODE_CHALLENGE_METHOD if self.pkce else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthAnswer:
    """What the provider sent back through the browser."""

    state: str | None
    code: SecretStr | None = None
    error: str | None = None
    error_description: str | None = None
    scope: str | None = None
    code_verifier: SecretStr | None = None
    csrf_token: SecretStr | None = None
    connection_id: str | None = None
    alias: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class BrowserEnd:
    """How a flow ended that came back to our own callback."""

    state: OAuthState | None
    connected: Connected | None = None
    error: AppError | None = None
