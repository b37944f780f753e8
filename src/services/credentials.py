"""Credentials at rest and in use: sealed on the way in, opened only to sign."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from src.core.errors import CredentialsUnreadable, ReauthorizationRequired
from src.core.oauth import TokenGrant
from src.db.cache import SECONDS
from src.db.tenant import TenantScope
from src.models.base import now
from src.models.connection import Connection
from src.models.credential import Credential, Place, StoredToken
from src.services.encryption import Encryption

LONGEST_MARGIN = timedelta(days=14)
MARGIN_SHARE = 0.2
"""An unused refresh token is renewed this part of its life before its end."""


@dataclass(frozen=True, slots=True)
class GivenCredential:
    """A ``TokenProvider`` over a credential that is not stored (yet)."""

    given: Credential

    async def credential(self) -> Credential:
        """The credential that was given."""
        return self.given

    async def renew(self) -> bool:
        """There is no other."""
        return False


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
        moment = now()
        return await scope.tokens.put(
            StoredToken(
                connection_id=connection.id,
                sealed=seal(self._encryption, secret, credential_place(connection)),
                generation=connection.generation,
                token_type=credential.token_type,
                has_refresh_token=credential.refresh_token is not None,
                scopes=credential.scopes,
                expires_at=credential.expires_at,
                refresh_expires_at=credential.refresh_expires_at,
                refresh_end_told=credential.refresh_end_told,
                keep_alive_at=_keep_alive_at(credential.refresh_expires_at, moment),
                updated_at=moment,
            )
        )

    async def renew(
        self, scope: TenantScope, connection: Connection, seen: StoredToken, grant: TokenGrant
    ) -> StoredToken | None:
        """Keep what a refresh gave, and all else as it was; None when there is a newer credential.

        Raises:
            CredentialsUnreadable: Our key is not the database's.
        """
        place = credential_place(connection)
        secret = self._encryption.open(seen.sealed, place)
        secret["accessToken"] = grant.access_token.get_secret_value()
        ends, told = grant.refresh_expires_at, grant.refresh_end_told
        if grant.refresh_token is not None:
            secret["refreshToken"] = grant.refresh_token.get_secret_value()
        elif ends is None or (seen.refresh_end_told and not told):
            ends, told = seen.refresh_expires_at, seen.refresh_end_told
        moment = now()
        changes = {
            "sealed": seal(self._encryption, secret, place),
            # GitHub Apps tell an empty scope, which says nothing of what was granted.
            "scopes": grant.scopes or seen.scopes,
            "expires_at": grant.expires_at,
            "refresh_expires_at": ends,
            "refresh_end_told": told,
            "keep_alive_at": _keep_alive_at(ends, moment),
            "updated_at": moment,
        }
        token = StoredToken.model_validate({**dict(seen), **changes})
        return await scope.tokens.renew(token, seen)

    async def load(self, scope: TenantScope, connection: Connection) -> Credential:
        """The credential of a connection.

        Raises:
            ReauthorizationRequired: There is none.
            CredentialsUnreadable: It does not open with our keys, or not at this place.
        """
        return self.open(await self.find(scope, connection), connection)

    async def find(self, scope: TenantScope, connection: Connection) -> StoredToken:
        """The sealed credential of a connection; held for a moment.

        Raises:
            ReauthorizationRequired: There is none.
        """
        stored = await scope.tokens.get(connection.id)
        if stored is not None and stored.generation < connection.generation:
            stored = await scope.tokens.get_fresh(connection.id)
        if stored is None:
            raise reauthorization_required("This connection has no credential.")
        return stored

    def open(self, stored: StoredToken, connection: Connection) -> Credential:
        """The secret in the clear, held as briefly as what it was read from.

        Raises:
            CredentialsUnreadable: It does not open with our keys, or not at this place.
        """
        place = credential_place(connection)
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
            refresh_expires_at=stored.refresh_expires_at,
            refresh_end_told=stored.refresh_end_told,
            scopes=stored.scopes,
        )
        self._opened[place] = _Opened(stored, credential)
        asyncio.get_running_loop().call_later(SECONDS, self._forget, place, stored)
        return credential

    def _forget(self, place: Place, stored: StoredToken) -> None:
        known = self._opened.get(place)
        if known is not None and known.stored is stored:
            del self._opened[place]


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


def _keep_alive_at(end: datetime | None, moment: datetime) -> datetime | None:
    """When an unused refresh token is to be renewed, in good time for outages."""
    if end is None:
        return None
    return end - min(LONGEST_MARGIN, (end - moment) * MARGIN_SHARE)


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _hide(text: str | None) -> SecretStr | None:
    return None if text is None else SecretStr(text)
