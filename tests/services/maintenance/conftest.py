"""Sealed secrets of two tenants, and the keys before and after a rotation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.fernet import Fernet

from src.db.client import Mongo
from src.db.platform import PlatformStore
from src.db.tenant import TenantScope
from src.models.connection import Connection
from src.models.credential import Place
from src.services.credentials import credential_place
from src.services.encryption import Encryption
from src.services.readiness import Readiness
from tests.db.records import connected, token
from tests.services.chain import Chain

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
TENANTS = ("acme", "globex")


@dataclass
class Vault:
    """A database whose secrets are sealed with the old key."""

    mongo: Mongo
    connections: list[Connection]

    async def rooted(self, keys: str) -> Encryption:
        """A process with these keys, if they open the root secret."""
        encryption = Encryption(keys)
        root = await PlatformStore(self.mongo.database).root()
        assert root
        encryption.adopt_root(root.sealed)
        return encryption

    def scope(self, tenant_id: str) -> TenantScope:
        return TenantScope(self.mongo.database, tenant_id)

    async def opened(self, connection: Connection, keys: str) -> Mapping[str, Any]:
        """The credential of a connection, opened with these keys alone."""
        stored = await self.scope(connection.tenant_id).tokens.get(connection.id)
        assert stored
        return Encryption(keys).open(stored.sealed, credential_place(connection))

    async def write(self, connection: Connection, keys: str, secret: str) -> None:
        """Store a credential as a running service does."""
        sealed = Encryption(keys).seal({"accessToken": secret}, credential_place(connection))
        await self.scope(connection.tenant_id).tokens.put(token(connection.id, sealed=sealed))


@pytest.fixture
async def vault(mongo: Mongo) -> Vault:
    old = Encryption(OLD)
    await Readiness(mongo, old).prepare()
    found = Vault(mongo, [])
    for tenant_id in TENANTS:
        scope = found.scope(tenant_id)
        for number in range(3):
            connection = connected(
                tenant_id=tenant_id,
                user_id=f"user-{number}",
                client_id="own",
                sealed_client_secret=old.seal({"clientSecret": "hush"}, app_place(tenant_id)),
            )
            await scope.connections.add(connection)
            await found.write(connection, OLD, f"secret of {connection.id}")
            found.connections.append(connection)
        app = old.seal({"clientSecret": "hush"}, app_place(tenant_id))
        await scope.connector_settings.put("github", {"clientId": "a", "sealedClientSecret": app})
    return found


def app_place(tenant_id: str) -> Place:
    return Place(tenant_id, "github", "client_secret", "")


@pytest.fixture
async def chain(mongo: Mongo) -> Chain:
    """An empty audit log of a service that runs."""
    encryption = Encryption(NEW)
    await Readiness(mongo, encryption).prepare()
    return Chain(mongo, encryption)
