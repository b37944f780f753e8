"""Connect sessions: a user connects accounts in a browser that has no key of the host's."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import SecretStr

from src.connectors.manager import ConnectorManager
from src.core.errors import Forbidden, NotFound, Unauthorized, ValidationFailed
from src.core.oauth import new_state
from src.core.security import same_secret
from src.db.flows import ConnectSessions
from src.models.base import now
from src.models.connect_session import ConnectSession, SessionOutcome
from src.models.connection import Connection
from src.models.principal import Caller, Permission, Principal, Via
from src.services.connections import Connections, require_owner, resolve_user
from src.services.encryption import Encryption
from src.services.oauth.values import BrowserEnd, OAuthStart
from src.services.returns import ReturnAddresses, with_parameters

SESSION_LIFE = timedelta(minutes=30)
SESSION_PERMISSIONS = frozenset({Permission.CONNECTIONS_READ, Permission.CONNECTIONS_WRITE})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """What a session is made for."""

    user_id: str | None = None
    connector_ids: Collection[str] | None = None
    scopes: Collection[str] | None = None
    return_url: str | None = None
    opener_origin: str | None = None
    connection_id: str | None = None


@dataclass(frozen=True, slots=True)
class MadeSession:
    """A session's token, shown once."""

    token: str
    connect_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session in its browser."""

    session: ConnectSession
    cookie: SecretStr

    def caller(self, request: Caller) -> Caller:
        """Who acts through it, in this request."""
        principal = Principal(
            self.session.tenant_id,
            Via.SESSION,
            SESSION_PERMISSIONS,
            self.session.user_id,
            connector_ids=None
            if self.session.connector_ids is None
            else frozenset(self.session.connector_ids),
        )
        return Caller(principal, request.request_id, request.ip)


def within(opened: OpenSession, start: OAuthStart) -> OAuthStart:
    """A start as its session allows it: what was said when it was made, comes first."""
    session = opened.session
    return replace(
        start,
        scopes=start.scopes if session.scopes is None else session.scopes,
        connection_id=session.connection_id or start.connection_id,
        user_id=session.user_id,
    )


class Sessions:
    """Makes, opens and ends connect sessions."""

    def __init__(
        self,
        store: ConnectSessions,
        encryption: Encryption,
        manager: ConnectorManager,
        connections: Connections,
        returns: ReturnAddresses,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._manager = manager
        self._connections = connections
        self._returns = returns
        self._clock = clock

    async def make(self, caller: Caller, new: NewSession) -> MadeSession:
        """A session for one tenant, and perhaps one user, some connectors, one connection.

        Raises:
            ValidationFailed: There is no such connector, or an address is not allowed.
            NotFound: There is no such connection.
            Forbidden: One user names another.
        """
        unknown = [
            (f"connectorIds.{at}", "there is no such connector")
            for at, connector_id in enumerate(new.connector_ids or ())
            if connector_id not in self._manager.registry
        ]
        if unknown:
            raise ValidationFailed(unknown)
        self._returns.return_url(new.return_url)
        self._returns.opener(new.opener_origin)
        user_id = resolve_user(caller, new.user_id)
        connector_ids = new.connector_ids
        if new.connection_id is not None:
            connection = await self._to_authorize(caller, new.connection_id, user_id)
            user_id = connection.user_id
            if connection.connector_id not in (connector_ids or [connection.connector_id]):
                raise ValidationFailed([("connectorIds", "leaves the connection's own out")])
            connector_ids = [connection.connector_id]
        token = new_state()
        session = ConnectSession(
            tenant_id=caller.tenant_id,
            token_hash=self._hash("token", token),
            user_id=user_id,
            connector_ids=None if connector_ids is None else tuple(connector_ids),
            scopes=None if new.scopes is None else tuple(new.scopes),
            return_url=new.return_url,
            opener_origin=new.opener_origin,
            connection_id=new.connection_id,
            expires_at=self._clock() + SESSION_LIFE,
        )
        await self._store.add(session)
        url = with_parameters(self._returns.page, {"session": token})
        return MadeSession(token, url, session.expires_at)

    async def _to_authorize(
        self, caller: Caller, connection_id: str, user_id: str | None
    ) -> Connection:
        connection = await self._connections.get(caller, connection_id, fresh=True)
        require_owner(caller, connection)
        if user_id not in {None, connection.user_id}:
            raise NotFound("There is no such connection.")
        return connection

    async def open(self, token: str) -> OpenSession:
        """Trade a token for a cookie; it is good once.

        Raises:
            Unauthorized: It is unknown, used or too old.
        """
        cookie = new_state()
        found = await self._store.open(
            self._hash("token", token), self._hash("cookie", cookie), self._clock()
        )
        if found is None:
            raise Unauthorized("This connect session is unknown, used, or too old.")
        return OpenSession(found, SecretStr(cookie))

    async def find(self, cookie: str | None) -> OpenSession | None:
        """The session of a browser."""
        if not cookie:
            return None
        found = await self._store.find(self._hash("cookie", cookie), self._clock())
        return OpenSession(found, SecretStr(cookie)) if found else None

    def csrf(self, opened: OpenSession) -> str:
        """What every form of this session must carry."""
        return self._hash("csrf", opened.cookie.get_secret_value())

    def require_csrf(self, opened: OpenSession, given: str | None) -> None:
        """Stop what another site made the browser send.

        Raises:
            Forbidden: The token is missing or another session's.
        """
        if given is None or not same_secret(given, self.csrf(opened)):
            raise Forbidden("The CSRF token is missing, or not this session's.")

    @staticmethod
    def require_connector(opened: OpenSession, connector_id: str) -> None:
        """Keep a session to its connectors.

        Raises:
            Forbidden: This one is not among them.
        """
        if not opened.session.covers(connector_id):
            raise Forbidden("This connect session is not for this connector.")

    async def note(self, end: BrowserEnd) -> None:
        """Keep what a flow of a session came to, for its page to show."""
        if end.state is None or end.state.session_hash is None:
            return
        connection = end.connected.connection if end.connected else None
        await self.note_outcome(
            end.state.session_hash,
            SessionOutcome(
                connector_id=end.state.connector_id,
                connection_id=connection.id if connection else None,
                status=connection.status.value if connection else None,
                error=end.error.code.value if end.error else None,
            ),
        )

    async def note_outcome(self, cookie_hash: str, outcome: SessionOutcome | None) -> None:
        """Keep an outcome; None forgets the last one."""
        kept = None if outcome is None else outcome.model_dump(by_alias=True)
        await self._store.update(cookie_hash, {"outcome": kept})

    def _hash(self, purpose: str, text: str) -> str:
        return self._encryption.mac(f"session_{purpose}", text.encode()).hex()
