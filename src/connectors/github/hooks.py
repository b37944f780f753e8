"""Repository webhooks: GitHub signs what it delivers, and names each delivery.

Source: docs.github.com, "Webhook events and payloads" and "Validating webhook deliveries".
Deliveries come in any order, and none comes again by itself: what is fetched is what counts.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from src.connectors.base import SubscribesWebhooks
from src.connectors.github.ids import (
    ItemKind,
    ItemRef,
    item_id,
    parse_repository,
    repository_id,
)
from src.connectors.rest.decoding import decode
from src.connectors.webhooks import (
    Change,
    Delivery,
    Notice,
    Reading,
    Signature,
    Subscription,
    WebhookEvent,
    WebhookSpec,
    Wish,
)
from src.core.errors import ProviderNotFound

_EVENT = "X-GitHub-Event"

WEBHOOKS = WebhookSpec(
    events=(
        WebhookEvent(name="issues", description="An issue changed.", streams=("issues",)),
        WebhookEvent(
            name="issue_comment",
            description="A comment of an issue's or a pull request's conversation changed.",
            streams=("comments", "issues", "pulls"),
        ),
        WebhookEvent(
            name="pull_request", description="A pull request changed.", streams=("pulls",)
        ),
        WebhookEvent(
            name="pull_request_review_comment",
            description="A comment on a pull request's diff changed.",
            streams=("comments",),
        ),
        WebhookEvent(
            name="repository", description="The repository changed.", streams=("repositories",)
        ),
    ),
    proof=Signature(header="X-Hub-Signature-256", prefix="sha256="),
    delivery_id="X-GitHub-Delivery",
    headers=(_EVENT,),
    container="required",
    scopes=("admin:repo_hook",),
)


class _Numbered(msgspec.Struct):
    number: int


class _Issue(_Numbered):
    pull_request: msgspec.Raw | None = None

    @property
    def kind(self) -> ItemKind:
        """GitHub's issues are pull requests, too."""
        return "issue" if self.pull_request is None else "pull"


class _Identified(msgspec.Struct):
    id: int


class _Payload(msgspec.Struct):
    repository: _Identified | None = None
    issue: _Issue | None = None
    pull_request: _Numbered | None = None
    comment: _Identified | None = None


class Hooks(SubscribesWebhooks):
    """The webhooks of repositories."""

    async def subscribe(self, wish: Wish) -> Subscription:
        """One webhook for one repository."""
        repository = parse_repository(wish.container_id or "", "containerId")
        made = await self.rest.write(
            "POST",
            "/repositories/{repository}/hooks",
            _Identified,
            json={
                "name": "web",
                "active": True,
                "events": list(wish.events),
                "config": {
                    "url": wish.url.get_secret_value(),
                    "secret": wish.secret.get_secret_value(),
                    "content_type": "json",
                    "insecure_ssl": "0",
                },
            },
            repository=repository,
        )
        return Subscription(handle={"repository": repository, "id": made.id})

    async def unsubscribe(self, present: Subscription) -> None:
        """The end of it."""
        handle = present.handle
        try:
            await self.rest.change(
                "DELETE",
                "/repositories/{repository}/hooks/{hook}",
                repository=handle["repository"],
                hook=handle["id"],
            )
        except ProviderNotFound:
            # Somebody has ended it at GitHub, or the repository is gone.
            return

    @classmethod
    def read(cls, delivery: Delivery) -> Reading:
        """The records that an event is about; nothing for a ping, and for what is no stream."""
        event = delivery.headers.get(_EVENT.lower(), "")
        if event not in _CHANGES:
            return Reading()
        payload = decode(delivery.body, _Payload)
        if payload.repository is None:
            return Reading()
        changes = _CHANGES[event](event, payload, payload.repository.id)
        return Reading(notices=(Notice(changes=tuple(changes)),))


def _of_issue(event: str, payload: _Payload, repository: int) -> list[Change]:
    if payload.issue is None:
        return []
    kind = payload.issue.kind
    return [
        Change(
            event=event,
            stream=f"{kind}s",
            record_id=item_id(repository, kind, payload.issue.number),
            container_id=repository_id(repository),
        )
    ]


def _of_pull(event: str, payload: _Payload, repository: int) -> list[Change]:
    if payload.pull_request is None:
        return []
    number = payload.pull_request.number
    return [
        Change(
            event=event,
            stream="pulls",
            record_id=item_id(repository, "pull", number),
            container_id=repository_id(repository),
        )
    ]


def _of_comment(event: str, payload: _Payload, repository: int) -> list[Change]:
    """The comment, and the conversation, which counts its comments."""
    if payload.issue is None or payload.comment is None:
        return []
    ref = ItemRef(str(repository), payload.issue.kind, payload.issue.number)
    return [
        _comment(event, ref.comment(payload.comment.id), repository),
        *_of_issue(event, payload, repository),
    ]


def _of_review_comment(event: str, payload: _Payload, repository: int) -> list[Change]:
    if payload.pull_request is None or payload.comment is None:
        return []
    ref = ItemRef(str(repository), "pull", payload.pull_request.number)
    return [_comment(event, ref.review_comment(payload.comment.id), repository)]


def _of_repository(event: str, _: _Payload, repository: int) -> list[Change]:
    return [Change(event=event, stream="repositories", record_id=repository_id(repository))]


def _comment(event: str, record_id: str, repository: int) -> Change:
    return Change(
        event=event,
        stream="comments",
        record_id=record_id,
        container_id=repository_id(repository),
    )


_CHANGES: dict[str, Callable[[str, _Payload, int], list[Change]]] = {
    "issues": _of_issue,
    "issue_comment": _of_comment,
    "pull_request": _of_pull,
    "pull_request_review_comment": _of_review_comment,
    "repository": _of_repository,
}
