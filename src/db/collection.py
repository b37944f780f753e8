"""One collection behind a fixed filter that no caller can leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ReplaceOne, ReturnDocument
from pymongo.read_concern import ReadConcern

from src.db.client import Database, Document
from src.db.errors import translated
from src.db.transaction import current_session, end_session
from src.models.base import Model

Filter = Mapping[str, Any]
Order = Sequence[tuple[str, int]]
M = TypeVar("M", bound=Model)

Position = tuple[datetime, str]
"""Time and id of the last document that was seen."""

ASCENDING = 1
DESCENDING = -1


class Collection:
    """Reads and writes one collection, always within ``fixed`` (a tenant's, or nobody's)."""

    def __init__(
        self, database: Database, name: str, fixed: Filter, *, is_settled: bool = False
    ) -> None:
        """Take what it stands for.

        Args:
            database: Where it lies.
            name: The collection.
            fixed: The filter.
            is_settled: Whether only what no failover can take back is read outside transactions.
        """
        self._database = database
        self._name = name
        self._fixed = dict(fixed)
        self._concern = ReadConcern("majority") if is_settled else None

    @cached_property
    def _collection(self) -> AsyncIOMotorCollection[Document]:
        """The driver's collection, made at its first use: a warm request needs none."""
        return self._database.get_collection(self._name, read_concern=self._concern)

    def _within(self, where: Filter) -> Document:
        return {**where, **self._fixed}

    def _staying(self, update: Mapping[str, Mapping[str, Any]]) -> Document:
        """The update, once it is sure that the document stays within ``fixed``."""
        if any(self._fixed.keys() & fields.keys() for fields in update.values()):
            raise ValueError("a document must not leave its fixed filter")
        return dict(update)

    async def insert(self, document: Document) -> None:
        """Add a document.

        Raises:
            Duplicate: A unique index already holds one of its values.
        """
        with translated():
            await self._collection.insert_one(self._within(document), session=current_session.get())

    async def end_session(self, session_id: bytes) -> None:
        """End what a dead process has left open in its session."""
        await end_session(self._database, session_id)

    async def insert_many(self, documents: Sequence[Document]) -> None:
        """Add documents, in any order.

        Raises:
            Duplicate: A unique index already holds one of their values.
        """
        if documents:
            with translated():
                await self._collection.insert_many(
                    [self._within(document) for document in documents],
                    ordered=False,
                    session=current_session.get(),
                )

    async def replace_many(self, documents: Sequence[Document]) -> None:
        """Put each in the place of the one with its ``_id``, if that is there."""
        if documents:
            writes = [
                ReplaceOne(self._within({"_id": document["_id"]}), self._within(document))
                for document in documents
            ]
            with translated():
                await self._collection.bulk_write(
                    writes, ordered=False, session=current_session.get()
                )

    async def find_one(self, where: Filter) -> Document | None:
        """The one document that matches, without the fixed keys."""
        with translated():
            return self._outside(
                await self._collection.find_one(self._within(where), session=current_session.get())
            )

    async def find(
        self, where: Filter, *, order: Order, limit: int, only: Sequence[str] | None = None
    ) -> list[Document]:
        """At most ``limit`` documents in ``order``; ``only`` these fields of them."""
        with translated():
            cursor = self._collection.find(
                self._within(where),
                only,
                sort=list(order),
                limit=limit,
                session=current_session.get(),
            )
            found = await cursor.to_list(limit)
        return [self._without_fixed(document) for document in found]

    async def newest(
        self,
        conditions: Sequence[Filter],
        *,
        limit: int,
        after: Position | None = None,
        by: str = "createdAt",
    ) -> list[Document]:
        """Documents that meet all conditions, newest first, that come after ``after``."""
        wanted = [*conditions]
        if after is not None:
            at, last = after
            wanted.append({"$or": [{by: {"$lt": at}}, {by: at, "_id": {"$lt": last}}]})
        order = [(by, DESCENDING), ("_id", DESCENDING)]
        return await self.find({"$and": wanted} if wanted else {}, order=order, limit=limit)

    async def update_one(
        self, where: Filter, update: Mapping[str, Mapping[str, Any]], *, upsert: bool = False
    ) -> Document | None:
        """Change the one document that matches and answer it as it is afterwards.

        Raises:
            Duplicate: A unique index already holds one of the new values.
        """
        with translated():
            return self._outside(
                await self._collection.find_one_and_update(
                    self._within(where),
                    self._staying(update),
                    upsert=upsert,
                    return_document=ReturnDocument.AFTER,
                    session=current_session.get(),
                )
            )

    async def update_many(self, where: Filter, update: Mapping[str, Mapping[str, Any]]) -> int:
        """Change every document that matches; say how many matched."""
        with translated():
            result = await self._collection.update_many(
                self._within(where), self._staying(update), session=current_session.get()
            )
        return result.matched_count

    async def delete_many(self, where: Filter) -> int:
        """Remove every document that matches; say how many."""
        with translated():
            result = await self._collection.delete_many(
                self._within(where), session=current_session.get()
            )
        return result.deleted_count

    async def compute_one(
        self,
        where: Filter,
        fields: Mapping[str, Any],
        *,
        upsert: bool = False,
        without: Sequence[str] = (),
    ) -> Document | None:
        """Set fields of the one document that matches to expressions over what it holds.

        ``$$NOW`` in them is the database's clock, the same for all processes. The fields of
        ``without`` are not sent back.

        Raises:
            Duplicate: Another has inserted the document at the same moment.
        """
        stage = self._staying({"$set": fields})
        with translated():
            return self._outside(
                await self._collection.find_one_and_update(
                    self._within(where),
                    [stage],
                    projection=dict.fromkeys(without, False) or None,
                    upsert=upsert,
                    return_document=ReturnDocument.AFTER,
                    session=current_session.get(),
                )
            )

    async def compute_many(self, where: Filter, fields: Mapping[str, Any]) -> int:
        """The same for every document that matches; say how many matched."""
        stage = self._staying({"$set": fields})
        with translated():
            result = await self._collection.update_many(
                self._within(where), [stage], session=current_session.get()
            )
        return result.matched_count

    async def delete_one(self, where: Filter) -> bool:
        """Remove the one document that matches; say whether there was one."""
        with translated():
            result = await self._collection.delete_one(
                self._within(where), session=current_session.get()
            )
        return result.deleted_count == 1

    def _outside(self, document: Document | None) -> Document | None:
        return None if document is None else self._without_fixed(document)

    def _without_fixed(self, document: Document) -> Document:
        return {key: value for key, value in document.items() if key not in self._fixed}


def to_document(model: Model, *, exclude: set[str] | None = None) -> Document:
    """A model as it is stored: its ``id`` becomes ``_id``."""
    document = model.model_dump(by_alias=True, exclude=exclude)
    if "id" in document:
        document["_id"] = document.pop("id")
    return document


def to_model(kind: type[M], document: Document) -> M:
    """A stored document as the model that it was made from.

    What a newer version of the service has added is passed over: both run during a deployment.
    """
    known = {field.alias or name for name, field in kind.model_fields.items()} | {"_id"}
    fields = {key: value for key, value in document.items() if key in known}
    if "id" in kind.model_fields:
        fields["id"] = fields.pop("_id")
    else:
        fields.pop("_id", None)
    return kind.model_validate(fields)
