"""What callers have written: kept in the store, laid over the seed."""

from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.confluence.records import Comment, Content, World
from src.sandbox.confluence.seed.world import world

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

_FIRST = 700_000


class Written:
    """The worlds of all sites, with what was written there."""

    def __init__(self, store: "SandboxStore", prefix: str) -> None:
        """Keep to the keys below the prefix."""
        self._store = store
        self._prefix = prefix

    async def world(self, site: str) -> World:
        """Return a site as it is now."""
        seed = world(site)
        document = await self._store.get(self._key(site))
        if document is None:
            return seed
        contents = msgspec.convert(list(document["contents"].values()), list[Content])
        comments = msgspec.convert(list(document["comments"].values()), list[Comment])
        said = {**seed.comments, **{one.id: one for one in comments}}
        gone = document.get("gone", {})
        return World(
            seed.spaces,
            {**seed.contents, **{one.id: one for one in contents}},
            {number: one for number, one in said.items() if str(number) not in gone},
            seed.people,
        )

    async def number(self) -> int:
        """Return a number that nothing has yet."""
        return _FIRST + await self._store.increment(f"{self._prefix}/written/count", "value")

    async def keep(self, site: str, record: Content | Comment) -> None:
        """Write a record, new or changed."""
        document = await self._document(site)
        part = "contents" if isinstance(record, Content) else "comments"
        document[part][str(record.id)] = msgspec.to_builtins(record)
        await self._store.put(self._key(site), document)

    async def unsay(self, site: str, comment: Comment) -> None:
        """Delete a comment for good."""
        document = await self._document(site)
        document.setdefault("gone", {})[str(comment.id)] = True
        await self._store.put(self._key(site), document)

    async def _document(self, site: str) -> dict[str, Any]:
        empty: dict[str, Any] = {"contents": {}, "comments": {}}
        return await self._store.get(self._key(site)) or empty

    def _key(self, site: str) -> str:
        return f"{self._prefix}/written/{site}"
