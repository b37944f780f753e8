"""Every document of the database as its raw bytes, out and in again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from bson import decode, encode
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from src.db.client import Database, Document
from src.db.errors import translated
from src.db.maintenance.sealed import SEALED_FIELDS, SealedField, value_at
from src.db.maintenance.snapshot import moment

_RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
_EXACT: CodecOptions[Document] = CodecOptions(tz_aware=True)
LEFT_OUT = frozenset({"leases", "refresh_leases"})
"""What belongs to processes that run now."""

Reseal = Callable[[bytes], tuple[bytes, str]]
"""The same secret under another key, and that key's fingerprint."""


class DumpStore:
    """The whole database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def names(self) -> list[str]:
        """Collections that a backup holds."""
        with translated():
            names = await self._database.list_collection_names()
        return sorted(
            name for name in names if name not in LEFT_OUT and not name.startswith("system.")
        )

    async def documents(self) -> AsyncIterator[tuple[str, bytes]]:
        """All documents as they are at one moment, with their collections."""
        names = await self.names()
        async with moment(self._database) as session:
            for name in names:
                collection = self._database.get_collection(name, codec_options=_RAW)
                async for document in collection.find({}, session=session, batch_size=500):
                    yield name, document.raw

    async def occupied(self) -> list[str]:
        """Collections that hold documents, but for those of processes that run."""
        return [name for name in await self.names() if await self._database[name].find_one({})]

    async def clear(self) -> None:
        """Remove every collection."""
        with translated():
            for name in await self._database.list_collection_names():
                if not name.startswith("system."):
                    await self._database.drop_collection(name)

    async def insert(self, name: str, documents: Iterable[bytes], reseal: Reseal) -> None:
        """Add documents; their sealed secrets come under another key on the way."""
        fields = [field for field in SEALED_FIELDS if field.collection == name]
        raw = [_resealed(document, fields, reseal) for document in documents]
        collection = self._database.get_collection(name, codec_options=_RAW)
        with translated():
            await collection.insert_many([RawBSONDocument(each) for each in raw])


def _resealed(raw: bytes, fields: list[SealedField], reseal: Reseal) -> bytes:
    if not fields:
        return raw
    document = decode(raw, _EXACT)
    for field in fields:
        sealed = value_at(document, field.path)
        if isinstance(sealed, bytes):
            again, fingerprint = reseal(sealed)
            _put(document, field.path, again)
            if field.fingerprint_path is not None:
                _put(document, field.fingerprint_path, fingerprint)
    return encode(document)


def _put(document: Document, path: str, value: Any) -> None:
    *outer, name = path.split(".")
    for each in outer:
        document = document[each]
    document[name] = value
