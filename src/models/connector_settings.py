"""What a tenant set for a connector: on or off, an own app, own scopes."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from src.models.base import Model, Timestamp


class ConnectorSettings(Model):
    """A tenant's settings of one connector; the app's secret is sealed."""

    connector_id: str
    enabled: bool = True
    client_id: str | None = None
    sealed_client_secret: bytes | None = None
    scopes: tuple[str, ...] | None = None
    config: dict[str, Any] = Field(default_factory=dict)
    updated_at: Timestamp
