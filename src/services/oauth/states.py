"""States of flows: random outside, a keyed hash and sealed secrets inside."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from pydantic import SecretStr

from src.core.errors import InvalidState
from src.core.oauth import OAuth2App, PkcePair
from src.core.security import same_secret
from src.db.flows import OAuthStates
from src.models.base import now
from src.models.connection import Connection
from src.models.credential import Place
from src.models.oauth_state import OAuthState
from src.models.principal import Caller
from src.services.encryption import Encryption

INVALID = "This authorization is unknown, used, too old, or was begun elsewhere. Begin again."
_STATE = re.compile(r"[A-Za-z0-9_-]{43}")


class FlowStates:
    """Keeps, finds and uses up states."""

    def __init__(
        self,
        store: OAuthStates,
        encryption: Encryption,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Keep states in ``store``; they grow old by ``clock``."""
        self._store = store
        self._encryption = encryption
        self.clock = clock

    async def put(self, state: OAuthState) -> None:
        """Keep a state, in the place of an earlier one for the same connection."""
        await self._store.put(state)

    async def find(self, connector_id: str, state: str | None) -> OAuthState:
        """A live state of this connector; one that comes by another's callback is a mix-up.

        Raises:
            InvalidState: There is none.
        """
        found = await self._look(state or "")
        if found is None or found.connector_id != connector_id:
            raise InvalidState(INVALID)
        return found

    async def take(self, state: OAuthState) -> None:
        """Use a state up.

        Raises:
            InvalidState: Somebody else was first.
        """
        if not await self._store.take(state.state_hash):
            raise InvalidState(INVALID)

    async def connection_of(self, caller: Caller, state: str) -> str | None:
        """The connection that a live flow of the caller's tenant was begun for."""
        found = await self._look(state)
        return found.connection_id if found and found.tenant_id == caller.tenant_id else None

    async def drop(self, connection: Connection) -> None:
        """Void the flow that was begun for a connection."""
        await self._store.drop(connection.tenant_id, connection.id)

    async def _look(self, state: str) -> OAuthState | None:
        if _STATE.fullmatch(state) is None:
            return None
        return await self._store.find(self.hash("state", state), self.clock())

    def seal(
        self, tenant_id: str, state_hash: str, pkce: PkcePair | None, own: OAuth2App | None
    ) -> bytes:
        """The secrets of a flow, which open for its state alone."""
        secrets = {
            "codeVerifier": _text(pkce.code_verifier if pkce else None),
            "clientSecret": _text(own.client_secret if own else None),
        }
        self._encryption.require_root()
        return self._encryption.seal(secrets, _place(tenant_id, state_hash))

    def open(self, state: OAuthState) -> tuple[SecretStr | None, OAuth2App | None]:
        """The code verifier and the flow's own app.

        Raises:
            CredentialsUnreadable: They do not open here.
        """
        place = _place(state.tenant_id, state.state_hash)
        secrets = self._encryption.open(state.sealed, place)
        verifier = _secret(secrets["codeVerifier"])
        if state.own_client_id is None:
            return verifier, None
        return verifier, OAuth2App(state.own_client_id, _secret(secrets["clientSecret"]))

    def hash(self, purpose: str, text: str) -> str:
        """What is kept of something random that a browser or a host brings back."""
        return self._encryption.mac(f"oauth_{purpose}", text.encode()).hex()

    def fits(self, purpose: str, given: str | None, expected: str | None) -> bool:
        """Whether this is what was given out, if anything was."""
        if expected is None:
            return True
        return given is not None and same_secret(self.hash(purpose, given), expected)


def _place(tenant_id: str, state_hash: str) -> Place:
    return Place(tenant_id, state_hash, "oauth_state", "")


def _text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _secret(text: str | None) -> SecretStr | None:
    return None if text is None else SecretStr(text)
