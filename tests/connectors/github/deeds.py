"""What happens at GitHub while streams are read."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from src.testing import Hand, StreamSample

HELLO = 1296269
DOCS = 1296274


class _Numbered(Struct):
    number: int


class _Identified(Struct):
    id: int


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _happen(hand: Hand, kind: str, repository: int, **event: Any) -> None:
    event = {"type": kind, "repository": repository, **event}
    await hand.switch("POST", "/written", event)


def _opened(repository: int) -> Callable[[Hand], Awaitable[str]]:
    async def deed(hand: Hand) -> str:
        path = f"/repositories/{repository}/issues"
        made = await hand.rest.write("POST", path, _Numbered, json={"title": "New"})
        return f"{repository}:issue:{made.number}"

    return deed


def _closed(repository: int, kind: str, number: int) -> Callable[[Hand], Awaitable[str]]:
    async def deed(hand: Hand) -> str:
        path = f"/repositories/{repository}/issues/{number}"
        await hand.rest.write("PATCH", path, _Numbered, json={"state": "closed"})
        return f"{repository}:{kind}:{number}"

    return deed


async def _proposed(hand: Hand) -> str:
    given = {"title": "Log in", "head": "feature/login", "base": "main"}
    path = f"/repositories/{HELLO}/pulls"
    made = await hand.rest.write("POST", path, _Numbered, json=given)
    return f"{HELLO}:pull:{made.number}"


def _said(repository: int, number: int) -> Callable[[Hand], Awaitable[str]]:
    async def deed(hand: Hand) -> str:
        path = f"/repositories/{repository}/issues/{number}/comments"
        made = await hand.rest.write("POST", path, _Identified, json={"body": "Same here."})
        return f"{repository}:comment:{made.id}"

    return deed


def _reworded(repository: int) -> Callable[[Hand], Awaitable[str]]:
    async def deed(hand: Hand) -> str:
        path = f"/repositories/{repository}/issues/comments"
        first, *_ = await hand.rest.get(path, list[_Identified])
        await hand.rest.write("PATCH", f"{path}/{first.id}", _Identified, json={"body": "No."})
        return f"{repository}:comment:{first.id}"

    return deed


async def _remove_item(hand: Hand, record_id: str) -> None:
    repository, _, number = record_id.split(":")
    await _happen(hand, "Removed", int(repository), number=int(number))


async def _remove_comment(hand: Hand, record_id: str) -> None:
    repository, _, number = record_id.split(":")
    await _happen(hand, "CommentRemoved", int(repository), comment=int(number))


async def _founded(hand: Hand) -> str:
    await _happen(hand, "Founded", 1300001, name="new", owner="octo-org", at=_now())
    return "repo:1300001"


async def _described(hand: Hand) -> str:
    await _happen(hand, "Described", 1296273, description="Other words", at=_now())
    return "repo:1296273"


async def _abandoned(hand: Hand, record_id: str) -> None:
    await _happen(hand, "Abandoned", int(record_id.removeprefix("repo:")))


REPOSITORIES = StreamSample(add=_founded, change=_described, delete=_abandoned, gone="repo:999")


def issues(repository: int, number: int) -> StreamSample:
    return StreamSample(
        container_ids=(f"repo:{repository}",),
        add=_opened(repository),
        change=_closed(repository, "issue", number),
        delete=_remove_item,
        gone="repo:999",
    )


def pulls(repository: int, number: int) -> StreamSample:
    change = _closed(repository, "pull", number)
    return StreamSample(
        container_ids=(f"repo:{repository}",),
        # The imitation lets one be opened in Hello-World only.
        add=_proposed if repository == HELLO else change,
        change=change,
        delete=_remove_item,
        gone="repo:999",
    )


def comments(repository: int, number: int) -> StreamSample:
    return StreamSample(
        container_ids=(f"repo:{repository}",),
        add=_said(repository, number),
        change=_reworded(repository),
        delete=_remove_comment,
        gone="repo:999",
        requests=2,
    )
