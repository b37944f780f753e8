"""What callers have made, kept in the store so that several server processes agree."""

from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.google.drive.records import File, World
from src.sandbox.google.drive.seed import SEED

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

_PREFIX = "google/drive/made"


class Written:
    """Files that came after the seed."""

    def __init__(self, store: "SandboxStore") -> None:
        """Keep to the keys of Drive."""
        self._store = store

    async def add(self, file: File) -> File:
        """Keep a file under a new id."""
        number = await self._store.increment(_PREFIX, "count")
        named = msgspec.structs.replace(file, id=f"1Made{number:05}00000000000000000000")
        await self._store.put(
            f"{_PREFIX}/{number}",
            msgspec.to_builtins(msgspec.structs.replace(named, comments=None)),
        )
        return named

    async def world(self) -> World:
        """Return the seed with all that was made."""
        count = int((await self._store.get(_PREFIX) or {}).get("count", 0))
        if not count:
            return SEED
        made = []
        for number in range(1, count + 1):
            document = await self._store.get(f"{_PREFIX}/{number}")
            if document is not None:
                made.append(_read(document))
        return World((*SEED.files, *made), SEED.drives)


def _read(document: dict[str, Any]) -> File:
    known = {name: value for name, value in document.items() if name != "comments"}
    return msgspec.convert(known, File)
