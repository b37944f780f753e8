"""Webhooks of repositories: told of what is written, each delivery named and signed as by GitHub.

Source: docs.github.com, "Webhook events and payloads" and "Validating webhook deliveries".
"""

import hmac
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from src.sandbox.github.records import Comment, Issue, Repository, World
from src.sandbox.github.views.issues import comment, issue
from src.sandbox.github.writings import (
    Changed,
    Commented,
    CommentRemoved,
    Described,
    Opened,
    Removed,
    Reworded,
)

if TYPE_CHECKING:
    from src.sandbox.github.writings import Event
    from src.sandbox.kit import SandboxStore
    from src.sandbox.kit.posting import Post

API = "https://api.github.com"
_KEY = "github/hooks"


class Hook(msgspec.Struct, frozen=True):
    """One webhook of a repository."""

    id: int
    repository: int
    events: tuple[str, ...]
    url: str
    secret: str | None
    created_at: str

    def wants(self, event: str) -> bool:
        """Tell whether it is for an event; a ping is for all."""
        return event == "ping" or "*" in self.events or event in self.events


class Hooks:
    """The webhooks of all repositories, and the sending."""

    def __init__(self, store: "SandboxStore", post: "Post | None") -> None:
        """Keep all state in the store; without ``post`` nothing is delivered."""
        self._store = store
        self._post = post

    async def of(self, repository: int) -> list[Hook]:
        """Return the webhooks of a repository."""
        found = await self._store.get(f"{_KEY}/{repository}")
        return msgspec.convert((found or {}).get("hooks", []), list[Hook])

    async def put(self, repository: int, hooks: list[Hook]) -> None:
        """Replace the webhooks of a repository."""
        await self._store.put(f"{_KEY}/{repository}", {"hooks": msgspec.to_builtins(hooks)})

    async def next_id(self) -> int:
        """Return the id of a new webhook."""
        return 700_000 + await self._store.increment(_KEY, "last")

    async def tell(self, event: "Event", before: World, after: World) -> None:
        """Deliver what somebody has written."""
        repository = _find(after, event.repository) or _find(before, event.repository)
        told = _told(event, before, after)
        if repository is None or told is None:
            return
        name, payload = told
        payload["repository"] = {"id": repository.id, "full_name": repository.full_name}
        for hook in await self.of(repository.id):
            await self.send(hook, name, payload)

    async def send(self, hook: Hook, event: str, payload: dict[str, Any]) -> None:
        """Deliver one event to one webhook."""
        if not hook.wants(event) or self._post is None:
            return
        body = msgspec.json.encode(payload)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/044aadd",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(uuid4()),
            "X-GitHub-Hook-ID": str(hook.id),
        }
        if hook.secret is not None:
            digest = hmac.digest(hook.secret.encode(), body, "sha256").hex()
            headers["X-Hub-Signature-256"] = f"sha256={digest}"
        await self._post(hook.url, headers, body)


def _find(world: World, repository: int) -> Repository | None:
    return next((one for one in world.repositories if one.id == repository), None)


def _told(event: "Event", before: World, after: World) -> tuple[str, dict[str, Any]] | None:
    """The name of an event and its payload; None for what GitHub tells elsewhere, or nowhere."""
    match event:
        case Opened(issue=opened):
            return _of_issue(after, event.repository, opened, "opened")
        case Changed(number=number, state=state):
            action = "closed" if state == "closed" else "reopened"
            return _of_number(after, event.repository, number, action)
        case Removed(number=number):
            return _of_number(before, event.repository, number, "deleted")
        case Described():
            return "repository", {"action": "edited"}
        case _:
            return _said(event, before, after)


def _said(event: "Event", before: World, after: World) -> tuple[str, dict[str, Any]] | None:
    match event:
        case Commented(comment=said):
            return _of_comment(after, event.repository, said.id, "created")
        case Reworded(comment=number):
            return _of_comment(after, event.repository, number, "edited")
        case CommentRemoved(comment=number):
            return _of_comment(before, event.repository, number, "deleted")
        case _:
            return None


def _of_issue(
    world: World, repository: int, one: Issue, action: str
) -> tuple[str, dict[str, Any]] | None:
    repo = _find(world, repository)
    if repo is None:
        return None
    if one.pull is None:
        return "issues", {"action": action, "issue": issue(API, repo, one)}
    pull = {"id": one.pull.id, "number": one.number, "state": one.state, "title": one.title}
    return "pull_request", {"action": action, "number": one.number, "pull_request": pull}


def _of_comment(
    world: World, repository: int, number: int, action: str
) -> tuple[str, dict[str, Any]] | None:
    repo = _find(world, repository)
    for one in repo.issues if repo else ():
        found: Comment | None = next((each for each in one.comments if each.id == number), None)
        if found is not None and repo is not None:
            shown = comment(API, repo, found, on_pull=one.pull is not None)
            told = {"action": action, "issue": issue(API, repo, one), "comment": shown}
            return "issue_comment", told
    return None


def _of_number(
    world: World, repository: int, number: int, action: str
) -> tuple[str, dict[str, Any]] | None:
    repo = _find(world, repository)
    found = (one for one in repo.issues if one.number == number) if repo else iter(())
    one = next(found, None)
    return None if one is None else _of_issue(world, repository, one, action)
