"""What has changed since the beginning, kept in the store so that several processes agree."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from src.sandbox.jira.records import Comment, Issue, World
from src.sandbox.jira.seed.talk import seeded

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

_WRITES = ((2, 20), (30, 100))
"""Seconds, and how many changes of one issue they take."""
_FIRST_ID = 900_000
_FIRST_NUMBER = 9_000
_FIELD = "value"
_JSON = "json"


class State:
    """Issues and comments of one world, as they are now."""

    def __init__(self, store: "SandboxStore", prefix: str, clock: Callable[[], float]) -> None:
        """Keep to the keys below the prefix."""
        self._store = store
        self._prefix = f"{prefix}/world"
        self._clock = clock

    async def spend_write(self, world: World, issue: Issue) -> bool:
        """Count a change of an issue, and tell whether it is still one that may be."""
        allowed = True
        for seconds, most in _WRITES:
            slot = int(self._clock() // seconds)
            key = self._key(world, f"writes/{issue.id}/{seconds}/{slot}")
            allowed = await self._store.increment(key, _FIELD) <= most and allowed
        return allowed

    async def issues(self, world: World) -> dict[int, Issue]:
        """Return every issue."""
        touched = await self._store.get(self._key(world, "touched"))
        if not touched:
            return world.issues
        changed = {int(number): await self._changed(world, int(number)) for number in touched}
        present = {**world.issues, **changed}
        return {number: one for number, one in present.items() if one is not None}

    async def _changed(self, world: World, number: int) -> Issue | None:
        document = await self._store.get(self._key(world, f"issues/{number}"))
        return msgspec.json.decode(document[_JSON], type=Issue) if document else None

    async def new_numbers(self, world: World, project: int) -> tuple[int, int]:
        """Return the id of a new issue, and its number in the project."""
        number = await self._store.increment(self._key(world, "ids"), _FIELD)
        own = await self._store.increment(self._key(world, f"projects/{project}"), _FIELD)
        return _FIRST_ID + number, _FIRST_NUMBER + own

    async def write(self, world: World, issue: Issue) -> None:
        """Keep an issue as it is now."""
        text = msgspec.json.encode(issue).decode()
        await self._store.put(self._key(world, f"issues/{issue.id}"), {_JSON: text})
        await self._store.increment(self._key(world, "touched"), str(issue.id))

    async def remove(self, world: World, issue: Issue) -> None:
        """Forget an issue."""
        await self._store.delete(self._key(world, f"issues/{issue.id}"))
        await self._store.increment(self._key(world, "touched"), str(issue.id))

    async def comments(self, world: World, issue: Issue) -> list[Comment]:
        """Return the comments of an issue, the oldest first."""
        key = self._key(world, f"comments/{issue.id}")
        count = int((await self._store.get(key) or {}).get(_FIELD, 0))
        said = [await self._store.get(f"{key}/{number}") for number in range(1, count + 1)]
        added = [msgspec.json.decode(one[_JSON], type=Comment) for one in said if one]
        gone = await self._store.get(f"{key}/gone") or {}
        return [one for one in (*seeded(issue), *added) if str(one.id) not in gone]

    async def unsay(self, world: World, issue: Issue, comment: Comment) -> None:
        """Take a comment away."""
        key = self._key(world, f"comments/{issue.id}/gone")
        await self._store.increment(key, str(comment.id))

    async def say(self, world: World, issue: Issue, comment: Comment) -> Comment:
        """Add a comment."""
        key = self._key(world, f"comments/{issue.id}")
        number = await self._store.increment(key, _FIELD)
        kept = msgspec.structs.replace(comment, id=issue.id * 1_000 + 500 + number)
        await self._store.put(f"{key}/{number}", {_JSON: msgspec.json.encode(kept).decode()})
        return kept

    def _key(self, world: World, name: str) -> str:
        return f"{self._prefix}/{world.name}/{name}"
