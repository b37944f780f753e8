"""Backup and restore of the database with its key, in one encrypted file.

A restored secret is sealed with the key of the place that it is restored to, so that no key has to
be carried by hand, and the archive's keys never leave it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from src.core.errors import CredentialsUnreadable, StartError
from src.db.client import Database
from src.db.indexes import ensure_indexes
from src.db.maintenance.dump import DumpStore, Reseal
from src.db.schema import SchemaStore
from src.models.base import now, rfc3339
from src.services.encryption import Encryption
from src.services.maintenance.archive import ArchiveError, ArchiveReader, ArchiveWriter, Kind, Lock
from src.services.migrations import MIGRATIONS, SchemaTooNew

_BATCH_BYTES = 4 * 1024 * 1024
_BATCH_DOCUMENTS = 1000

Tell = Callable[[int], None]
"""Called with the number of documents so far."""


def _silent(_: int) -> None:
    """Tell nobody."""


class RestoreRefused(StartError):
    """The database is not one to restore into."""


@dataclass(slots=True)
class Contents:
    """What an archive holds."""

    made_at: str
    version: str
    schema_version: int
    fingerprint: str
    documents: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    """Secrets that had been lost before the backup was made; they stay as they are."""

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Self:
        """What the beginning of an archive says."""
        return cls(
            manifest["madeAt"],
            manifest["version"],
            manifest["schemaVersion"],
            manifest["keyFingerprint"],
        )

    def facts(self) -> dict[str, Any]:
        """As a program reads it."""
        return {
            "madeAt": self.made_at,
            "version": self.version,
            "schemaVersion": self.schema_version,
            "keyFingerprint": self.fingerprint,
            "documents": dict(self.documents),
            "unreadable": self.unreadable,
        }


@dataclass(frozen=True, slots=True)
class Source:
    """What is backed up: the database, its keys and the version of the service."""

    database: Database
    keys: str
    app_version: str


async def back_up(source: Source, path: Path, lock: Lock, tell: Tell = _silent) -> Contents:
    """Write everything as it is at one moment; the file appears when it is whole.

    Raises:
        ArchiveError: The file is there already, or cannot be written.
        SnapshotTooOld: It took longer than the database keeps its history.
    """
    with _appearing(path) as file:
        return await _write(source, ArchiveWriter(file, lock), tell)


@contextmanager
def _appearing(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there once it is whole, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError as error:
        raise ArchiveError(f"{path} exists: choose another name.") from error
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        draft.unlink(missing_ok=True)


async def _write(source: Source, archive: ArchiveWriter, tell: Tell) -> Contents:
    contents = Contents(
        made_at=rfc3339(now()),
        version=source.app_version,
        schema_version=await SchemaStore(source.database).version(),
        fingerprint=Encryption(source.keys).fingerprint,
    )
    manifest = {**contents.facts(), "keys": source.keys}
    archive.add(Kind.MANIFEST, json.dumps(manifest).encode())
    current = None
    async for name, document in DumpStore(source.database).documents():
        if name != current:
            archive.add(Kind.COLLECTION, name.encode())
            current = name
        archive.add(Kind.DOCUMENT, document)
        contents.documents[name] += 1
        tell(contents.documents.total())
    archive.add(Kind.END, json.dumps(contents.documents).encode())
    archive.close()
    return contents


def inspect(path: Path, lock: Lock) -> tuple[Contents, Encryption]:
    """Read the whole archive and prove it; answer what is in it, and what opens its secrets.

    Raises:
        ArchiveError: It is no archive, was changed or cut, or the key is another one.
    """
    keys, name = "", ""
    contents: Contents | None = None
    ended: dict[str, int] | None = None
    for kind, content in _records(path, lock):
        if kind is Kind.MANIFEST:
            manifest = json.loads(content)
            keys, contents = manifest["keys"], Contents.of(manifest)
        elif kind is Kind.COLLECTION:
            name = content.decode()
        elif kind is Kind.DOCUMENT and contents is not None:
            contents.documents[name] += 1
        elif kind is Kind.END:
            ended = json.loads(content)
    if contents is None or ended != contents.documents:
        raise ArchiveError("The backup is not complete.")
    return contents, Encryption(keys)


def _records(path: Path, lock: Lock) -> Iterator[tuple[Kind, bytes]]:
    try:
        with path.open("rb") as file:
            yield from ArchiveReader(file, lock).records()
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read ({error.strerror}).") from error


async def restore(
    target: Source, path: Path, lock: Lock, *, force: bool = False, tell: Tell = _silent
) -> Contents:
    """Put an archive into an empty database, sealed with the keys of ``target``.

    Raises:
        ArchiveError: The archive cannot be used; nothing was changed.
        RestoreRefused: The database holds documents, and ``force`` was not given.
        SchemaTooNew: A newer version of the service wrote the archive.
    """
    contents, former = inspect(path, lock)
    if contents.schema_version > len(MIGRATIONS):
        raise SchemaTooNew(
            f"The backup has schema version {contents.schema_version}, this version of the service "
            f"knows {len(MIGRATIONS)}: restore it with the version that wrote it."
        )
    store = DumpStore(target.database)
    if occupied := await store.occupied():
        if not force:
            raise RestoreRefused(
                f"The database is not empty ({', '.join(occupied)}). Choose an empty one with "
                "MONGODB_DB, or replace everything in this one with --force."
            )
        await store.clear()
    await ensure_indexes(target.database)
    present = Encryption(target.keys)

    def reseal(sealed: bytes) -> tuple[bytes, str]:
        try:
            return present.take_over(sealed, former), present.fingerprint
        except CredentialsUnreadable:
            contents.unreadable += 1
            return sealed, former.fingerprint

    await _insert(store, _records(path, lock), reseal, tell)
    return contents


async def _insert(
    store: DumpStore, records: Iterator[tuple[Kind, bytes]], reseal: Reseal, tell: Tell
) -> None:
    name, batch, size, done = "", list[bytes](), 0, 0
    for kind, content in records:
        is_full = len(batch) >= _BATCH_DOCUMENTS or size > _BATCH_BYTES
        if batch and (is_full or kind is not Kind.DOCUMENT):
            await store.insert(name, batch, reseal)
            done += len(batch)
            tell(done)
            batch, size = [], 0
        if kind is Kind.COLLECTION:
            name = content.decode()
        elif kind is Kind.DOCUMENT:
            batch.append(content)
            size += len(content)
