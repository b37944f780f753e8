"""Models to store."""

from datetime import UTC, datetime, timedelta
from typing import Any

from src.models.audit import AuditAction, AuditEntry, Outcome
from src.models.connection import Account, Connection, ConnectionStatus
from src.models.credential import StoredToken
from src.models.ids import IdPrefix, new_id
from src.models.principal import Via

NOON = datetime(2026, 1, 2, 12, 0, 0, 123000, UTC)
OCTOCAT = Account(id="583231", name="The Octocat")


def minutes(count: float) -> datetime:
    """So many minutes past noon."""
    return NOON + timedelta(minutes=count)


def connection(**fields: Any) -> Connection:
    """A connection of ``acme`` at GitHub, pending unless ``fields`` say otherwise."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.CONNECTION),
        "tenant_id": "acme",
        "connector_id": "github",
        "auth_method": "apiKey",
        "origin": "https://api.github.com",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Connection(**{**values, **fields})


def connected(**fields: Any) -> Connection:
    """The same, connected to the account of octocat."""
    return connection(**{"status": ConnectionStatus.CONNECTED, "account": OCTOCAT, **fields})


def entry(**fields: Any) -> AuditEntry:
    """An entry of the audit log of ``acme``."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.AUDIT),
        "tenant_id": "acme",
        "at": NOON,
        "actor": "open",
        "via": Via.OPEN,
        "action": AuditAction.CONNECTION_CREATED,
        "target": "con_1",
        "outcome": Outcome.SUCCESS,
    }
    return AuditEntry(**{**values, **fields})


def token(connection_id: str, **fields: Any) -> StoredToken:
    """A sealed credential."""
    return StoredToken(
        **{"connection_id": connection_id, "sealed": b"sealed", "updated_at": NOON, **fields}
    )
