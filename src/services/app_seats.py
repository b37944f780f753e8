"""Where an OAuth app is kept: id and secret together, the secret sealed to its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from src.core.errors import ValidationFailed
from src.models.credential import Place
from src.services.credentials import seal
from src.services.encryption import Encryption


@dataclass(frozen=True, slots=True)
class AppSeat:
    """Whose app it is: a tenant's for a connector, or a connection's; and the present client id."""

    tenant_id: str
    owner_id: str
    client_id: str | None = None

    @property
    def place(self) -> Place:
        """Where its secret belongs."""
        return Place(self.tenant_id, self.owner_id, "client_secret", "")


def app_changes(
    encryption: Encryption, seat: AppSeat, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """The stored fields after a change; a new secret alone keeps the client id.

    Args:
        encryption: Seals the secret.
        seat: Whose app it is.
        changes: ``client_id`` and ``client_secret``, either or both; None clears.

    Raises:
        ValidationFailed: One half would be left without the other.
        CredentialsUnreadable: Our key is not the database's.
    """
    client_id: str | None = changes.get("client_id", seat.client_id)
    secret: SecretStr | None = changes.get("client_secret")
    if "client_secret" not in changes and client_id == seat.client_id:
        return {}
    if (client_id is None) != (secret is None):
        field = "clientId" if client_id is None else "clientSecret"
        raise ValidationFailed([(field, "client id and secret must be set together")])
    return {
        "clientId": client_id,
        "sealedClientSecret": seal(
            encryption, {"clientSecret": secret.get_secret_value()}, seat.place
        )
        if secret
        else None,
    }
