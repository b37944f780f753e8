"""The chain over the audit log: blocks of sealed entries, and the head that names its ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from src.db.client import Document
from src.db.collection import ASCENDING, Collection, to_document, to_model
from src.models.audit import AuditBlock, AuditEntry, AuditHead


@dataclass(frozen=True, slots=True)
class ChainCollections:
    """Where a chain lies."""

    entries: Collection
    blocks: Collection
    heads: Collection


class AuditChainRepository:
    """One tenant's chain; nothing here makes or checks a proof."""

    def __init__(self, collections: ChainCollections, tenant_id: str) -> None:
        self._entries = collections.entries
        self._blocks = collections.blocks
        self._heads = collections.heads
        self._tenant_id = tenant_id

    def _own(self, document: Document) -> Document:
        return {**document, "tenantId": self._tenant_id}

    async def head(self) -> AuditHead | None:
        """The ends of the chain; none before the first block."""
        found = await self._heads.find_one({})
        return None if found is None else to_model(AuditHead, self._own(found))

    async def put_head(self, head: AuditHead, former: AuditHead | None) -> bool:
        """Replace the head; False when somebody else has done so since ``former`` was read.

        Raises:
            Duplicate: Somebody else made the first one.
        """
        where = {"mac": {"$exists": False} if former is None else former.mac}
        fields = to_document(head, exclude={"tenant_id"})
        stored = await self._heads.update_one(where, {"$set": fields}, upsert=former is None)
        return stored is not None

    async def add_block(self, block: AuditBlock) -> None:
        """Add a block.

        Raises:
            Duplicate: There is one of this number.
        """
        await self._blocks.insert(to_document(block, exclude={"tenant_id"}))

    async def list_blocks(self, after: int, *, limit: int) -> list[AuditBlock]:
        """Blocks by number, those after ``after``."""
        found = await self._blocks.find(
            {"number": {"$gt": after}}, order=[("number", ASCENDING)], limit=limit
        )
        return [to_model(AuditBlock, self._own(document)) for document in found]

    async def drop_block(self, block: AuditBlock) -> None:
        """Take a block away with its entries."""
        await self._entries.delete_many({"_id": {"$in": list(block.entries)}})
        await self._blocks.delete_one({"number": block.number})

    async def list_unsealed(self, *, limit: int) -> list[AuditEntry]:
        """Entries that wait for a block, oldest first."""
        found = await self._entries.find(
            {"unsealed": True}, order=[("at", ASCENDING), ("_id", ASCENDING)], limit=limit
        )
        return [to_model(AuditEntry, self._own(document)) for document in found]

    async def mark_sealed(self, entry_ids: Sequence[str]) -> None:
        """These entries are in a block now."""
        await self._entries.update_many(
            {"_id": {"$in": list(entry_ids)}}, {"$unset": {"unsealed": ""}}
        )

    async def list_entries(self, entry_ids: Sequence[str]) -> list[AuditEntry]:
        """Those of these entries that are there."""
        found = await self._entries.find(
            {"_id": {"$in": list(entry_ids)}}, order=[("_id", ASCENDING)], limit=len(entry_ids)
        )
        return [to_model(AuditEntry, self._own(document)) for document in found]

    async def list_sealed_ids(self, after: str, *, limit: int) -> list[str]:
        """Ids of entries that wait for no block, in their order, those after ``after``."""
        found = await self._entries.find(
            {"_id": {"$gt": after}, "unsealed": {"$ne": True}},
            order=[("_id", ASCENDING)],
            limit=limit,
        )
        return [document["_id"] for document in found]
