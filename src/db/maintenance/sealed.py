"""Every place in the database where a sealed secret lies, and the way to seal it anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from bson import Binary

from src.db.client import Database, Document
from src.db.errors import translated

FERNET_MARK = b"gAAAAA"
"""How every Fernet token begins."""


@dataclass(frozen=True, slots=True)
class SealedField:
    """A field that holds what ``Encryption.seal`` made; ``path`` is dotted."""

    collection: str
    path: str
    fingerprint_path: str | None = None
    """Where the fingerprint of its key is written beside it."""

    def __str__(self) -> str:
        return f"{self.collection}.{self.path}"


SEALED_FIELDS: tuple[SealedField, ...] = (
    SealedField("platform_secrets", "sealed", fingerprint_path="fingerprint"),
    SealedField("tokens", "sealed"),
    SealedField("connections", "sealedClientSecret"),
    SealedField("connector_settings", "sealedClientSecret"),
    SealedField("oauth_states", "sealed"),
    SealedField("webhook_endpoints", "sealedSecret"),
    SealedField("webhook_endpoints", "sealedFormerSecret"),
    SealedField("hook_receivers", "sealed"),
    SealedField("hook_deliveries", "sealed"),
)
"""One line for each: what is missing here is lost when a former key is taken away."""


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """One sealed secret where it lies."""

    field: SealedField
    document_id: Any
    name: str
    """The document as an operator knows it: its tenant, and whose secret it is."""
    sealed: bytes


class SealedStore:
    """All sealed secrets of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, field: SealedField) -> int:
        """How many documents hold a secret there."""
        with translated():
            return await self._database[field.collection].count_documents(_held(field))

    async def walk(self, field: SealedField) -> AsyncIterator[SealedSecret]:
        """Every secret there, in the order of the documents' ids."""
        shown = ["tenantId", "connectionId", "connectorId", field.path]
        with translated():
            cursor = self._database[field.collection].find(_held(field), shown).sort("_id", 1)
            async for document in cursor:
                sealed = bytes(value_at(document, field.path))
                yield SealedSecret(field, document["_id"], _name(document), sealed)

    async def replace(self, secret: SealedSecret, sealed: bytes, fingerprint: str) -> bool:
        """Put another ciphertext in the place of exactly this one; False when it has changed."""
        field = secret.field
        fields: Document = {field.path: sealed}
        if field.fingerprint_path is not None:
            fields[field.fingerprint_path] = fingerprint
        where = {"_id": secret.document_id, field.path: secret.sealed}
        with translated():
            done = await self._database[field.collection].update_one(where, {"$set": fields})
        return done.matched_count == 1

    async def unregistered(self) -> list[str]:
        """Fields that hold a sealed secret and are not in the registry."""
        known = {str(field) for field in SEALED_FIELDS}
        with translated():
            names = await self._database.list_collection_names()
            found = await asyncio.gather(*map(self._sealed_in, names))
        return sorted(set().union(*found) - known)

    async def _sealed_in(self, name: str) -> set[str]:
        found: set[str] = set()
        async for document in self._database[name].find({}):
            found.update(f"{name}.{path}" for path in sealed_paths(document))
        return found


def value_at(document: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None when it is not there."""
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _held(field: SealedField) -> Document:
    return {field.path: {"$type": "binData"}}


def _name(document: Document) -> str:
    parts = [document.get("tenantId"), document.get("connectionId") or document.get("connectorId")]
    named = [part for part in parts if part is not None]
    return "/".join(map(str, named if len(named) == len(parts) else [*named, document["_id"]]))


def sealed_paths(value: Any, path: str = "") -> list[str]:
    """The dotted paths in a document at which a sealed secret lies, whoever put it there."""
    match value:
        case Mapping():
            inner = [(f"{path}.{name}" if path else name, part) for name, part in value.items()]
            return [each for name, part in inner for each in sealed_paths(part, name)]
        case list():
            return [each for part in value for each in sealed_paths(part, f"{path}[]")]
        case str() | bytes() | Binary():
            mark = FERNET_MARK.decode() if isinstance(value, str) else FERNET_MARK
            return [path] if value.startswith(mark) else []  # type: ignore[arg-type]
        case _:
            return []
