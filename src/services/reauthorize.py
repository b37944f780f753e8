"""The way back: where the user of the connection at hand can authorize it anew."""

from __future__ import annotations

from contextvars import ContextVar

from src.connectors.manager import ConnectorManager
from src.connectors.manifest import AuthKind
from src.core.errors import AppError
from src.models.connection import Connection
from src.services.returns import ReturnAddresses

_FIELD = "reauthorizeUrl"
_at_hand: ContextVar[Connection | None] = ContextVar("connection_at_hand", default=None)
"""The connection that the present request is about, set by whoever reads it."""


class WayBack:
    """Knows the address of a new authorization, and tells it with the errors that ask for one."""

    def __init__(self, manager: ConnectorManager, returns: ReturnAddresses) -> None:
        self._manager = manager
        self._returns = returns

    @staticmethod
    def remember(connection: Connection) -> None:
        """From here on the request is about this connection."""
        _at_hand.set(connection)

    def url(self, connection: Connection, missing: tuple[str, ...] = ()) -> str | None:
        """Where it is authorized anew; None where that is not done with OAuth."""
        loaded = self._manager.registry.get(connection.connector_id)
        method = loaded.manifest.auth_method(connection.auth_method) if loaded else None
        if method is None or method.kind is not AuthKind.OAUTH2:
            return None
        # What is held already is asked for again: a new grant takes the old one's place.
        wanted = connection.requested_scopes or connection.granted_scopes or ()
        scopes = (*wanted, *(scope for scope in missing if scope not in wanted)) if missing else ()
        return self._returns.authorize(connection.connector_id, connection.id, scopes)

    def tell(self, error: AppError) -> None:
        """Complete an error that asks for a new authorization."""
        connection = _at_hand.get()
        if connection is not None and _FIELD in error.details and error.details[_FIELD] is None:
            missing = tuple(error.details.get("missingScopes", ()))
            error.details[_FIELD] = self.url(connection, missing)
