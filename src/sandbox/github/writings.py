"""What callers have written: a journal in the store, played upon the seed.

Each entry is written once and never changed, so that several processes agree without locks.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import replace
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.github.git import Blob, Branch
from src.sandbox.github.records import Comment, Issue, Repository, World
from src.sandbox.github.seed.world import world
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request

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


class Removed(msgspec.Struct, frozen=True, tag=True):
    """An issue or a pull request that is gone; GitHub lets owners delete issues."""

    repository: int
    number: int


class Reworded(msgspec.Struct, frozen=True, tag=True):
    """A comment in a conversation that says something else now."""

    repository: int
    comment: int
    body: str
    at: str


class CommentRemoved(msgspec.Struct, frozen=True, tag=True):
    """A comment that is gone, in a conversation or on a diff."""

    repository: int
    comment: int


class Founded(msgspec.Struct, frozen=True, tag=True):
    """A new repository, with nothing in it."""

    repository: int
    name: str
    owner: str
    at: str


class Described(msgspec.Struct, frozen=True, tag=True):
    """A repository with another description."""

    repository: int
    description: str
    at: str


class Abandoned(msgspec.Struct, frozen=True, tag=True):
    """A repository that is gone."""

    repository: int


Event: TypeAlias = (
    Opened
    | Changed
    | Commented
    | Committed
    | Removed
    | Reworded
    | CommentRemoved
    | Founded
    | Described
    | Abandoned
)

Tell: TypeAlias = Callable[[Event, World, World], Awaitable[None]]
"""Is told of an event, with the world before and after it."""


class Writings:
    """The journal, and the world as it is after it."""

    def __init__(self, store: "SandboxStore", tell: "Tell | None" = None) -> None:
        """Keep all state in the store; the world in memory is only its echo.

        Whoever is to be told of what is written comes as `tell`.
        """
        self._store = store
        self._tell = tell
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
        """Add an entry, and tell of it."""
        before = await self.world()
        number = await self._store.increment(_KEY, "count")
        await self._store.put(f"{_KEY}/{number}", msgspec.to_builtins(event))
        if self._tell is not None:
            await self._tell(event, before, await self.world())

    async def next(self, name: str, start: int) -> int:
        """Return the next number of a kind, above the seed's."""
        return start + await self._store.increment(f"{_KEY}/numbers/{name}", "last")


def _after(before: World, event: Event) -> World:
    match event:
        case Founded():
            founded = _founded(before, event)
            return replace(before, repositories=(*before.repositories, founded))
        case Abandoned(repository=gone):
            left = tuple(one for one in before.repositories if one.id != gone)
            return replace(before, repositories=left)
        case _:
            repositories = tuple(
                _changed(one, event) if one.id == event.repository else one
                for one in before.repositories
            )
            return replace(before, repositories=repositories)


def _founded(before: World, event: Founded) -> Repository:
    owner = before.account(event.owner)
    if owner is None:
        raise ValueError(f"nobody is called {event.owner}")
    return Repository(event.repository, event.name, owner, None, event.at, event.at, event.at)


def _changed(repo: Repository, event: Event) -> Repository:
    match event:
        case Described(description=description, at=at):
            return replace(repo, description=description, updated_at=at)
        case Committed():
            return _committed(repo, event)
        case Opened(issue=issue):
            issues = (*repo.issues, issue)
            return replace(repo, issues=issues, open_issues=repo.open_issues + 1)
        case Removed(number=number):
            left = tuple(one for one in repo.issues if one.number != number)
            return replace(repo, issues=left, deleted=repo.deleted | {number})
        case _:
            return replace(repo, issues=tuple(_touched(one, event) for one in repo.issues))


def _touched(issue: Issue, event: Event) -> Issue:
    """An issue after something that may have been about it."""
    match event:
        case Changed(number=number) | Commented(comment=Comment(issue_number=number)):
            return _changed_issue(issue, event) if issue.number == number else issue
        case Reworded() | CommentRemoved():
            return _changed_talk(issue, event)
        case _:
            return issue


def _committed(repo: Repository, event: Committed) -> Repository:
    branches = tuple(
        Branch(
            one.name, one.files.with_file(event.path, Blob(event.content)), protected=one.protected
        )
        if one.name == event.branch
        else one
        for one in repo.branches
    )
    return replace(repo, branches=branches)


def _changed_talk(issue: Issue, event: Reworded | CommentRemoved) -> Issue:
    if isinstance(event, Reworded):
        comments = tuple(
            replace(one, body=event.body, updated_at=event.at) if one.id == event.comment else one
            for one in issue.comments
        )
        return replace(issue, comments=comments)
    pull = issue.pull
    if pull is not None:
        left = tuple(one for one in pull.review_comments if one.id != event.comment)
        pull = replace(pull, review_comments=left)
    comments = tuple(one for one in issue.comments if one.id != event.comment)
    return replace(issue, comments=comments, pull=pull)


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


def written_controls(writings: Writings) -> list[Route]:
    """Return the switch that lets anything happen, also what the imitation has no route for."""

    async def write(request: "Request") -> Response:
        try:
            event = msgspec.json.decode(await request.body(), type=Event)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return json_answer({"error": str(error)}, 400)
        await writings.write(event)
        return Response(status_code=204)

    return [Route("/written", write, methods=["POST"])]
