"""Bringing the stored documents to the shapes of this version: in order, by one process.

A step must be one that can be done again: a process that dies in it, or loses its lease, leaves it
to the next.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from src.core.errors import StartError
from src.core.logging import get_logger
from src.db.client import Mongo
from src.db.leases import Leases
from src.db.schema import FormerEntries, SchemaStore
from src.services.audit_proofs import Notary, entry_text
from src.services.encryption import Encryption

LEASE = "migrations"
LEASE_SECONDS = 60.0
_POLL_SECONDS = 0.1

log = get_logger(__name__)


class SchemaTooNew(StartError):
    """A newer version of the service has written this database."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: what it does, and the doing."""

    name: str
    run: Callable[[Mongo, Encryption], Awaitable[None]]


async def _sign_former_entries(mongo: Mongo, encryption: Encryption) -> None:
    notary, former = Notary(encryption), FormerEntries(mongo.database)
    async for entry in former.unsigned():
        await former.sign(entry, notary.sign(entry_text(entry)))


MIGRATIONS: tuple[Migration, ...] = (
    Migration("sign the audit entries from before there were proofs", _sign_former_entries),
)
"""Append only: the version of a database is how many of them it has seen."""


class Migrations:
    """Compares the database's version with ours, and closes the gap."""

    def __init__(
        self, mongo: Mongo, encryption: Encryption, steps: Sequence[Migration] = MIGRATIONS
    ) -> None:
        self._mongo = mongo
        self._encryption = encryption
        self._steps = steps
        self._owner = secrets.token_hex(8)

    async def refuse_newer(self) -> int:
        """The database's version.

        Raises:
            SchemaTooNew: It is one that we do not know.
            ServiceUnavailable: The database is away.
        """
        version = await SchemaStore(self._mongo.database).version()
        if version > len(self._steps):
            raise SchemaTooNew(
                f"The database has schema version {version}, and this version of the service knows "
                f"{len(self._steps)}: start the newer version of the service again, or restore a "
                "backup from before its first start."
            )
        return version

    async def apply(self) -> int:
        """Take the steps that are missing, or wait while another process does; say how many.

        Raises:
            SchemaTooNew: A newer process has been faster.
            ServiceUnavailable: The database is away.
        """
        taken = 0
        while await self.refuse_newer() < len(self._steps):
            leases = Leases(self._mongo.database)
            if not await leases.acquire(LEASE, self._owner, LEASE_SECONDS):
                await asyncio.sleep(_POLL_SECONDS)
                continue
            try:
                taken += await self._take_next()
            finally:
                await leases.release(LEASE, self._owner)
        return taken

    async def _take_next(self) -> int:
        # Whoever held the lease before may have taken it.
        version = await self.refuse_newer()
        if version == len(self._steps):
            return 0
        step = self._steps[version]
        await step.run(self._mongo, self._encryption)
        await SchemaStore(self._mongo.database).put(version + 1)
        log.info("database.migrated", version=version + 1, step=step.name)
        return 1
