"""One database for all tests of a process, as empty before each as before the first.

Every test pays for it, so it is asked in two commands, and one more for each collection that the
test has written to.
"""

from collections.abc import Iterator

from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient, WriteConcern

from src.db.client import Mongo
from src.db.indexes import INDEXES, ensure_indexes
from src.db.maintenance.sealed import FERNET_MARK, SEALED_FIELDS, sealed_paths

_REGISTERED = {str(field) for field in SEALED_FIELDS}
_INDEXES = sum(map(len, INDEXES.values()))


class Slate:
    """The database of the tests of one process."""

    def __init__(self, url: str, name: str) -> None:
        self._client: MongoClient[RawBSONDocument] = MongoClient(
            url, document_class=RawBSONDocument
        )
        self._database = self._client[name]

    async def begin(self, mongo: Mongo) -> None:
        """See that all indexes are there, and no documents."""
        if not self._is_clean():
            self._client.drop_database(self._database)
            await ensure_indexes(mongo.database)

    def _is_clean(self) -> bool:
        found = self._database.command("dbStats")
        # Each collection has one index that nobody asked for.
        return found["objects"] == 0 and found["indexes"] - found["collections"] == _INDEXES

    def wipe(self) -> set[str]:
        """Remove every document; answer the fields that held a sealed secret unregistered."""
        written: set[str] = set()
        sealed: set[str] = set()
        for name, document in self._documents():
            written.add(name)
            if FERNET_MARK in document.raw:
                sealed.update(f"{name}.{path}" for path in sealed_paths(document))
        for left, name in enumerate(sorted(written), 1 - len(written)):
            # Ours read what a majority has; with the last deletion it has those before, too.
            concern = WriteConcern(1) if left else WriteConcern("majority")
            self._database.get_collection(name, write_concern=concern).delete_many({})
        return sealed - _REGISTERED

    def _documents(self) -> Iterator[tuple[str, RawBSONDocument]]:
        """Every document, and the name of its collection."""
        names = [
            name
            for name in self._database.list_collection_names()
            if not name.startswith("system.")
        ]
        if names:
            first, *others = (
                (name, [{"$project": {"_id": 0, "in": {"$literal": name}, "is": "$$ROOT"}}])
                for name in names
            )
            unions = [{"$unionWith": {"coll": name, "pipeline": steps}} for name, steps in others]
            for found in self._database[first[0]].aggregate([*first[1], *unions]):
                yield found["in"], found["is"]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
