"""What callers have written: a journal in the store, played upon the seed.

Each entry is written once and never changed, so that several processes agree without locks.
"""

from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import replace

from src.sandbox.github.git import Blob, Branch
from src.sandbox.github.records import Comment, Issue, Repository, World
from src.sandbox.github.seed.world import world

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

_KEY = "github/written"


class Opened(msgspec.Struct, frozen=True, tag=True):
    """A new issue or pull request."""

    repository: int
    issue: Issue


class Changed(msgspec.Struct, frozen=True, tag=True):
    """An issue that was closed, or opened again."""

    repository: int
    number: int
    state: str
    reason: str | None
    at: str


class Commented(msgspec.Struct, frozen=True, tag=True):
    """A new comment in a conversation."""

    repository: int
    comment: Comment


class Committed(msgspec.Struct, frozen=True, tag=True):
    """A file, written to a branch."""

    repository: int
    branch: str
    path: str
    content: bytes


Event: TypeAlias = Opened | Changed | Commented | Committed


class Writings:
    """The journal, and the world as it is after it."""

    def __init__(self, store: "SandboxStore") -> None:
        """Keep all state in the store; the world in memory is only its echo."""
        self._store = store
        self._played = 0
        self._world = world()

    async def world(self) -> World:
        """Return the world after everything that was written."""
        written = ((await self._store.get(_KEY)) or {}).get("count", 0)
        if written < self._played:
            self._played, self._world = 0, world()
        while self._played < written:
            number = self._played + 1
            document = await self._store.get(f"{_KEY}/{number}")
            if self._played >= number:
                # Another call has played it meanwhile.
                continue
            if document is None:
                # Another process is about to write it; until then nothing after it has happened.
                break
            self._world = _after(self._world, msgspec.convert(document, Event))
            self._played = number
        return self._world

    async def write(self, event: Event) -> None:
        """Add an entry."""
        number = await self._store.increment(_KEY, "count")
        await self._store.put(f"{_KEY}/{number}", msgspec.to_builtins(event))

    async def next(self, name: str, start: int) -> int:
        """Return the next number of a kind, above the seed's."""
        return start + await self._store.increment(f"{_KEY}/numbers/{name}", "last")


def _after(before: World, event: Event) -> World:
    repositories = tuple(
        _changed(one, event) if one.id == event.repository else one for one in before.repositories
    )
    return replace(before, repositories=repositories)


def _changed(repo: Repository, event: Event) -> Repository:
    match event:
        case Opened(issue=issue):
            issues = (*repo.issues, issue)
            return replace(repo, issues=issues, open_issues=repo.open_issues + 1)
        case Committed(branch=name, path=path, content=content):
            branches = tuple(
                Branch(one.name, one.files.with_file(path, Blob(content)), protected=one.protected)
                if one.name == name
                else one
                for one in repo.branches
            )
            return replace(repo, branches=branches)
        case Changed(number=number) | Commented(comment=Comment(issue_number=number)):
            issues = tuple(
                _changed_issue(one, event) if one.number == number else one for one in repo.issues
            )
            return replace(repo, issues=issues)


def _changed_issue(issue: Issue, event: Changed | Commented) -> Issue:
    if isinstance(event, Commented):
        comments = (*issue.comments, event.comment)
        return replace(issue, comments=comments, updated_at=event.comment.created_at)
    closed_at = event.at if event.state == "closed" else None
    return replace(
        issue,
        state=event.state,
        state_reason=event.reason,
        closed_at=closed_at,
        updated_at=event.at,
    )
