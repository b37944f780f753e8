"""Preparing the database at start, and telling whether requests can be served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.core.errors import CredentialsUnreadable, ServiceUnavailable, StartError
from src.core.logging import get_logger
from src.db.client import Mongo
from src.db.indexes import ensure_indexes
from src.db.platform import PlatformStore, RootSecret
from src.db.presence import STAND_ALONE
from src.services.encryption import Encryption
from src.services.migrations import Migrations
from src.services.queue import JobQueue, NoQueue

if TYPE_CHECKING:
    from src.db.embedded import EmbeddedMongo

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What requests depend on; each check is ``ok`` or a sentence that says what to do."""

    mongodb: str
    replica_set: str
    encryption_key: str
    key_fingerprint: str
    server: str
    broker: str
    """Nobody's request waits for it: what is wrong here delays jobs, and loses none."""

    @property
    def ready(self) -> bool:
        """Whether every check is well."""
        return {self.mongodb, self.replica_set, self.encryption_key, self.server} == {"ok"}


class Readiness:
    """Prepares what requests depend on, and reports on it."""

    def __init__(
        self,
        mongo: Mongo,
        encryption: Encryption,
        embedded: EmbeddedMongo | None = None,
        queue: JobQueue | None = None,
    ) -> None:
        self._mongo = mongo
        self._encryption = encryption
        self._embedded = embedded
        self._queue = queue or NoQueue()
        self._prepared = False
        self._leaving = False

    def turn(self) -> None:
        """This process is about to end: be not ready from now on, so that callers go elsewhere."""
        self._leaving = True

    async def prepare(self) -> None:
        """Make the root secret, migrate, make indexes; does nothing once it has succeeded.

        A root that another key sealed is reported, not raised: what needs no secret goes on.

        Raises:
            StartError: A newer version of the service has written this database, or what is stored
                does not allow an index.
            ServiceUnavailable: The database is away.
        """
        if self._prepared:
            return
        migrations = Migrations(self._mongo, self._encryption)
        await migrations.refuse_newer()
        candidate = RootSecret(self._encryption.new_root(), self._encryption.fingerprint)
        root = await PlatformStore(self._mongo.database).claim_root(candidate)
        try:
            self._encryption.adopt_root(root.sealed)
        except CredentialsUnreadable:
            log.error(  # noqa: TRY400  the traceback would say nothing more
                "encryption_key.mismatched",
                stored=root.fingerprint,
                present=self._encryption.fingerprint,
            )
        else:
            await migrations.apply()
        await ensure_indexes(self._mongo.database)
        self._prepared = True

    async def report(self) -> Report:
        """How things stand right now."""
        try:
            name = await self._mongo.replica_set()
            await self.prepare()
        except ServiceUnavailable as outage:
            return await self._describe(self.trouble(outage), "unknown")
        except StartError as refusal:
            return await self._describe(str(refusal), "unknown")
        return await self._describe("ok", "ok" if name else STAND_ALONE)

    def trouble(self, outage: ServiceUnavailable) -> str:
        """What an outage of the database comes from and what to do about it; names no address."""
        return self._embedded.trouble() if self._embedded else self._mongo.trouble(outage)

    async def _describe(self, mongodb: str, replica_set: str) -> Report:
        key = (
            "ok"
            if self._encryption.has_root
            else "not the key that sealed the stored secrets; put the former ENCRYPTION_KEY back"
        )
        return Report(
            mongodb=mongodb,
            replica_set=replica_set,
            encryption_key=key if self._prepared else "unknown",
            key_fingerprint=self._encryption.fingerprint,
            server="this process is about to end" if self._leaving else "ok",
            broker=await self._queue.state(),
        )
