"""Connections in any number, as the service would have stored them: each can be opened.

Each has a tenant and an API key of its own, so that no look-up leaves behind what another needs.
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
from pydantic import SecretStr

from benchmarks.processes import BenchmarkFailed
from src.connectors.github.manifest import MANIFEST, OAUTH
from src.core.oauth import OAuth2App
from src.core.security import origin_of
from src.db.client import Document, Mongo
from src.db.collection import to_document
from src.db.platform import KeyDirectory, PlatformStore
from src.models.api_key import ApiKey
from src.models.base import now
from src.models.connection import Account, AppLevel, Connection, ConnectionStatus, GrantedTo
from src.models.credential import StoredToken
from src.models.ids import IdPrefix, new_id
from src.models.principal import USER_PERMISSIONS
from src.services.credentials import credential_place, seal
from src.services.encryption import Encryption, development_key
from src.services.key_ring import KeyRing

APP = OAuth2App("Iv23liBenchmarkApp", SecretStr("benchmark-app-secret-0123456789"))
"""The platform's, which all connections were authorized with."""
BATCH = 1000
_TOLD_EACH = 100_000
_MOMENT = now()
_DAY = timedelta(days=1)
_CONNECTION = Connection(
    id="",
    tenant_id="",
    connector_id=MANIFEST.id,
    auth_method="oauth2",
    origin=origin_of(MANIFEST.api_url),
    status=ConnectionStatus.CONNECTED,
    user_id="user-1",
    granted_scopes=("read:org", "repo"),
    generation=1,
    granted_to=GrantedTo(
        level=AppLevel.PLATFORM, client_id=APP.client_id, token_origin=origin_of(OAUTH.token_url)
    ),
    last_used_at=_MOMENT,
    token_expires_at=_MOMENT + _DAY,
    created_at=_MOMENT,
    updated_at=_MOMENT,
)
_TOKEN = StoredToken(
    connection_id="",
    sealed=b"",
    generation=1,
    has_refresh_token=True,
    scopes=("read:org", "repo"),
    expires_at=_MOMENT + _DAY,
    refresh_expires_at=_MOMENT + 180 * _DAY,
    keep_alive_at=_MOMENT + 166 * _DAY,
    updated_at=_MOMENT,
)
_DUE = {"refresh_expires_at": _MOMENT + 13 * _DAY, "keep_alive_at": _MOMENT - _DAY}
_KEY = ApiKey(
    id="",
    tenant_id="",
    name="benchmark",
    digest=b"",
    permissions=USER_PERMISSIONS,
    made_by="platform",
    created_at=_MOMENT,
)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller knows of one connection."""

    tenant_id: str
    key: str
    connection_id: str
    access_token: str


class Population:
    """Fills one database, past the services but in their own words."""

    def __init__(self, mongo: Mongo, encryption: Encryption) -> None:
        self._database = mongo.database
        self._encryption = encryption
        self._ring = KeyRing(KeyDirectory(lambda: mongo.database), encryption)

    @classmethod
    async def of(cls, mongo: Mongo, data_dir: Path) -> Population:
        """Fill the database of a service that has started before and made its root secret.

        Raises:
            BenchmarkFailed: It has not.
        """
        root = await PlatformStore(mongo.database).root()
        if root is None:
            raise BenchmarkFailed(f"no service has ever started on {data_dir}")
        encryption = Encryption(development_key(data_dir))
        encryption.adopt_root(root.sealed)
        return cls(mongo, encryption)

    async def grow(self, count: int, *, most_targets: int, is_due: bool = False) -> list[Target]:
        """Insert so many connections; ``most_targets`` of them, taken at random, are told.

        With ``is_due`` the refresh token of each is to be renewed at once.
        """
        dice = random.Random(count)
        told = set(dice.sample(range(count), min(count, most_targets)))
        targets = []
        for start in range(0, count, BATCH):
            numbers = range(start, min(start + BATCH, count))
            made = [self._make(number, is_due=is_due) for number in numbers]
            targets += [
                target for number, (target, _) in zip(numbers, made, strict=True) if number in told
            ]
            columns = zip(*(documents for _, documents in made), strict=True)
            await asyncio.gather(
                *(
                    self._database[name].insert_many(list(documents), ordered=False)
                    for name, documents in zip(
                        ("connections", "tokens", "api_keys"), columns, strict=True
                    )
                )
            )
            if numbers.stop % _TOLD_EACH == 0:
                print(f"{numbers.stop} of {count} connections stored", file=sys.stderr)
        # What the filling has left to write would be measured as the look-ups' own.
        await self._database.client.admin.command("fsync")
        dice.shuffle(targets)
        return targets

    def _make(self, number: int, *, is_due: bool) -> tuple[Target, tuple[Document, ...]]:
        """A connection, its credential and the key of its tenant."""
        tenant_id = f"tenant-{number}"
        connection = _CONNECTION.model_copy(
            update={
                "id": new_id(IdPrefix.CONNECTION),
                "tenant_id": tenant_id,
                "account": Account(id=str(number), name=f"octocat-{number}"),
            }
        )
        access_token = f"ghu_{number:036}"
        secret = {
            "accessToken": access_token,
            "secret": None,
            "refreshToken": f"ghr_{number:076}",
        }
        sealed = seal(self._encryption, secret, credential_place(connection))
        token = _TOKEN.model_copy(
            update={
                "connection_id": connection.id,
                "sealed": sealed,
                **(_DUE if is_due else {}),
            }
        )
        key_id = new_id(IdPrefix.KEY)
        text, digest = self._ring.cut(key_id)
        key = _KEY.model_copy(update={"id": key_id, "tenant_id": tenant_id, "digest": digest})
        target = Target(
            tenant_id=tenant_id,
            key=text,
            connection_id=connection.id,
            access_token=access_token,
        )
        documents = (
            {**to_document(connection), "live": True},
            {**to_document(token), "tenantId": tenant_id},
            to_document(key),
        )
        return target, documents
