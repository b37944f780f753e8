"""A connect session: one user of a tenant may connect from a browser, for half an hour."""

from __future__ import annotations

from src.models.base import Model, Timestamp


class SessionOutcome(Model):
    """What the latest flow of a session came to."""

    connector_id: str
    connection_id: str | None = None
    status: str | None = None
    error: str | None = None


class ConnectSession(Model):
    """A session by the keyed hashes of its token and, once opened, of its cookie."""

    tenant_id: str
    token_hash: str
    cookie_hash: str | None = None
    user_id: str | None = None
    connector_ids: tuple[str, ...] | None = None
    scopes: tuple[str, ...] | None = None
    return_url: str | None = None
    opener_origin: str | None = None
    connection_id: str | None = None
    outcome: SessionOutcome | None = None
    expires_at: Timestamp

    def covers(self, connector_id: str) -> bool:
        """Whether this connector may be connected here."""
        return self.connector_ids is None or connector_id in self.connector_ids
