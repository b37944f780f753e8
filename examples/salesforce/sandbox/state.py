"""The records as they are now, kept in the store so that several processes agree."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from .people import Org, User
from .schema import OBJECTS
from .world import Row, new_row, record_id, seeded, settled, written

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

Clock = Callable[[], float]
_FIELD, _JSON = "value", "json"
_FIRST_NUMBER = 900_000


class State:
    """The records of all orgs."""

    def __init__(self, store: "SandboxStore", clock: Clock) -> None:
        """Keep to the keys of the imitation."""
        self._store = store
        self._clock = clock

    def now(self) -> datetime:
        """Return the time of the database."""
        return datetime.fromtimestamp(self._clock(), UTC)

    async def rows(self, org: Org, name: str) -> dict[str, Row]:
        """Return the records of an object by id, those that were deleted among them."""
        touched = await self._store.get(self._key(org, f"{name}/touched")) or {}
        changed = {one: await self._changed(org, one) for one in touched}
        return {**seeded(org)[name], **{one: row for one, row in changed.items() if row}}

    async def create(self, org: Org, name: str, user: User, values: Row) -> str:
        """Add a record."""
        number = await self._store.increment(self._key(org, "numbers"), _FIELD)
        row = new_row(name, _FIRST_NUMBER + number, user, self.now(), **values)
        await self._write(org, name, row)
        return record_id(OBJECTS[name].prefix, _FIRST_NUMBER + number)

    async def update(self, org: Org, name: str, row: Row, values: Row) -> None:
        """Change a record."""
        at = written(self.now())
        changed = settled(name, {**row, **values, "LastModifiedDate": at, "SystemModstamp": at})
        await self._write(org, name, changed)

    async def delete(self, org: Org, name: str, row: Row) -> None:
        """Put a record into the recycle bin."""
        await self.update(org, name, row, {"IsDeleted": True})

    async def _changed(self, org: Org, one: str) -> Row | None:
        document = await self._store.get(self._key(org, f"rows/{one}"))
        return None if document is None else msgspec.json.decode(document[_JSON], type=Row)

    async def _write(self, org: Org, name: str, row: Row) -> None:
        text = msgspec.json.encode(row).decode()
        await self._store.put(self._key(org, f"rows/{row['Id']}"), {_JSON: text})
        await self._store.increment(self._key(org, f"{name}/touched"), row["Id"])

    def _key(self, org: Org, name: str) -> str:
        return f"salesforce/world/{org.id}/{name}"
