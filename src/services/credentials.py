"""Credentials at rest and in use: sealed on the way in, opened only to sign."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from src.core.errors import CredentialsUnreadable, ReauthorizationRequired
from src.db.cache import SECONDS
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.connection import Connection
from src.models.credential import Credential, Place, StoredToken
from src.services.encryption import Encryption


@dataclass(frozen=True, slots=True)
class GivenCredential:
    """A ``TokenProvider`` over a credential that is not stored (yet)."""

    given: Credential

    async def credential(self) -> Credential:
        """The credential that was given."""
        return self.given


class StoredCredential:
    """A ``TokenProvider`` over a connection's stored credential; opened once per request."""

    def __init__(
        self, credentials: Credentials, scope: TenantScope, connection: Connection
    ) -> None:
        self._credentials = credentials
        self._scope = scope
        self._connection = connection
        self._opened: Credential | None = None

    async def credential(self) -> Credential:
        """The stored credential, decrypted."""
        if self._opened is None:
            self._opened = await self._credentials.load(self._scope, self._connection)
        return self._opened


@dataclass(frozen=True, slots=True)
class _Opened:
    """A credential in the clear, and the very record that it was opened from."""

    stored: StoredToken
    credential: Credential


class Credentials:
    """Stores and loads credentials of connections."""

    def __init__(self, encryption: Encryption) -> None:
        self._encryption = encryption
        self._opened: dict[Place, _Opened] = {}

    async def store(
        self, scope: TenantScope, connection: Connection, credential: Credential
    ) -> StoredToken:
        """Seal a credential to its tenant, connection and the provider's origin, and keep it.

        Raises:
            CredentialsUnreadable: Our key is not the database's.
        """
        secret = {
            "accessToken": credential.access_token.get_secret_value(),
            "secret": _reveal(credential.secret),
            "refreshToken": _reveal(credential.refresh_token),
        }
        return await scope.tokens.put(
            StoredToken(
                connection_id=connection.id,
                sealed=seal(self._encryption, secret, credential_place(connection)),
                generation=connection.generation,
                token_type=credential.token_type,
                has_refresh_token=credential.refresh_token is not None,
                scopes=credential.scopes,
                expires_at=credential.expires_at,
                updated_at=now(),
            )
        )

    async def load(self, scope: TenantScope, connection: Connection) -> Credential:
        """The credential of a connection.

        Raises:
            ReauthorizationRequired: There is none.
            CredentialsUnreadable: It does not open with our keys, or not at this place.
        """
        stored = await scope.tokens.get(connection.id)
        if stored is not None and stored.generation < connection.generation:
            stored = await scope.tokens.get_fresh(connection.id)
        if stored is None:
            raise reauthorization_required("This connection has no credential.")
        return self._open(stored, credential_place(connection))

    def _open(self, stored: StoredToken, place: Place) -> Credential:
        """The secret in the clear, held as briefly as what it was read from."""
        known = self._opened.get(place)
        if known is not None and known.stored is stored:
            return known.credential
        try:
            secret = self._encryption.open(stored.sealed, place)
        except CredentialsUnreadable as error:
            error.details.setdefault("reauthorizeUrl", None)
            raise
        credential = Credential(
            access_token=SecretStr(secret["accessToken"]),
            secret=_hide(secret["secret"]),
            refresh_token=_hide(secret["refreshToken"]),
            token_type=stored.token_type,
            expires_at=stored.expires_at,
            scopes=stored.scopes,
        )
        self._opened[place] = _Opened(stored, credential)
        asyncio.get_running_loop().call_later(SECONDS, self._forget, place, stored)
        return credential

    def _forget(self, place: Place, stored: StoredToken) -> None:
        known = self._opened.get(place)
        if known is not None and known.stored is stored:
            del self._opened[place]

    def provider(self, scope: TenantScope, connection: Connection) -> StoredCredential:
        """Where an authenticator finds the credential of a connection."""
        return StoredCredential(self, scope, connection)


def seal(encryption: Encryption, secret: Mapping[str, Any], place: Place) -> bytes:
    """Encrypt what is to be stored, once the key has proved to be the database's.

    Sealed with another key it would be lost as soon as the right one is put back.

    Raises:
        CredentialsUnreadable: Our key is not the database's.
        ServiceUnavailable: That is not known yet.
    """
    encryption.require_root()
    return encryption.seal(secret, place)


def reauthorization_required(message: str) -> ReauthorizationRequired:
    """The error that asks for a new authorization."""
    return ReauthorizationRequired(message, details={"reauthorizeUrl": None})


def credential_place(connection: Connection) -> Place:
    """Where the credential of a connection belongs."""
    return Place(connection.tenant_id, connection.id, "credential", connection.origin)


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _hide(text: str | None) -> SecretStr | None:
    return None if text is None else SecretStr(text)
