"""Jira's dynamic webhooks: all of an OAuth app's come to one address, and last for thirty days.

Source: developer.atlassian.com/cloud/jira/platform/webhooks, "Registering a webhook using the REST
API (for OAuth 2.0 apps)". An app has five at most for each user of a site, and one address for all;
of an app that is not distributed only its owner's are delivered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from src.connectors.jira.ids import NUMBER
from src.connectors.jira.pickers import READ
from src.connectors.rest.client import RestClient
from src.connectors.rest.decoding import Fragment, decode
from src.connectors.rest.errors import unreadable
from src.connectors.rest.values import timestamp
from src.connectors.webhooks import (
    AddressOf,
    Change,
    Delivery,
    Notice,
    Reading,
    SignedToken,
    Subscription,
    WebhookEvent,
    WebhookSpec,
    Wish,
)
from src.core.errors import AppError, ProviderRejected, ValidationFailed

HOOKS = "manage:jira-webhook"
MOST_PROJECTS = 200
"""Projects that one query names."""

_GATEWAY = "api.atlassian.com"
_GATEWAY_PARTS = 3
_TELLS: Mapping[str, tuple[str, str]] = {
    "jira:issue_created": ("issues", "An issue was made."),
    "jira:issue_updated": ("issues", "An issue was changed."),
    "jira:issue_deleted": ("issues", "An issue was deleted."),
    "comment_created": ("comments", "Somebody said something about an issue."),
    "comment_updated": ("comments", "A comment was changed."),
    "comment_deleted": ("comments", "A comment was deleted."),
}
SPEC = WebhookSpec(
    events=tuple(
        WebhookEvent(name=name, description=description, streams=(stream,))
        for name, (stream, description) in _TELLS.items()
    ),
    # Atlassian documents who signs it, and none of its claims.
    proof=SignedToken(expires=False),
    address=AddressOf.APP,
    delivery_id="X-Atlassian-Webhook-Identifier",
    container="optional",
    scopes=(READ, HOOKS),
    auth_methods=("oauth2",),
)


class _Place(Fragment):
    id: str


class _IssueFields(Fragment):
    project: _Place | None = None


class _Issue(Fragment):
    id: str
    address: str = msgspec.field(name="self")
    fields: _IssueFields | None = None


class _Comment(Fragment):
    id: str


class _Payload(Fragment, rename="camel"):
    webhook_event: str = ""
    matched_webhook_ids: tuple[int, ...] = ()
    issue: _Issue | None = None
    comment: _Comment | None = None


class _Registered(Fragment, rename="camel"):
    created_webhook_id: int | None = None
    errors: tuple[str, ...] = ()


class _Registration(Fragment, rename="camel"):
    webhook_registration_result: tuple[_Registered, ...]


class _Refreshed(Fragment, rename="camel"):
    expiration_date: str


class Handle(msgspec.Struct, frozen=True):
    """What is kept of a subscription."""

    ids: tuple[int, ...]
    projects: tuple[str, ...] | None = None
    """Those that its queries name, where it is for all of the account's."""

    @classmethod
    def of(cls, present: Subscription) -> Handle:
        """Out of what was kept."""
        return msgspec.convert(dict(present.handle), cls)


def read(delivery: Delivery) -> Reading:
    """One notice for each webhook that Jira says has matched.

    Raises:
        UnreadableAnswer: It is no delivery of Jira's.
    """
    payload = decode(delivery.body, _Payload)
    issue = payload.issue
    if payload.webhook_event not in _TELLS or issue is None:
        return Reading()
    stream, _ = _TELLS[payload.webhook_event]
    record_id = issue.id
    if stream == "comments":
        if payload.comment is None:
            raise unreadable("a delivery about a comment without it")
        record_id = f"{issue.id}:{payload.comment.id}"
    project = issue.fields.project if issue.fields else None
    change = Change(
        event=payload.webhook_event,
        stream=stream,
        record_id=record_id,
        container_id=project.id if project else None,
    )
    site = _site_of(issue.address)
    return Reading(
        notices=tuple(
            Notice(changes=(change,), key=_key(site, number))
            for number in payload.matched_webhook_ids
        )
    )


def _site_of(address: str) -> str:
    """The site that an address of Jira's is at: its host, or its id at the gateway."""
    parts = urlsplit(address)
    steps = parts.path.split("/")
    if parts.netloc == _GATEWAY and steps[1:_GATEWAY_PARTS] == ["ex", "jira"]:
        return steps[_GATEWAY_PARTS]
    return parts.netloc.lower()


def _key(site: str, number: int) -> str:
    """Numbers of webhooks are a site's own."""
    return f"{site}:{number}"


class Hooks:
    """Registers webhooks at a site of the cloud."""

    def __init__(self, rest: RestClient, sites: Sequence[str]) -> None:
        """Call with ``rest``; ``sites`` are the names by which deliveries may call the site."""
        self._rest = rest
        self._sites = sites

    async def subscribe(self, wish: Wish, projects: Sequence[str]) -> Subscription:
        """Register webhooks for a project, or for each so many of all.

        Raises:
            ValidationFailed: The container is no project's id, or there is no project.
            ProviderRejected: Jira does not take one of them; then none is left there.
        """
        place = wish.container_id
        if place is not None and NUMBER.fullmatch(place) is None:
            # Deliveries name a project by its number, and so a key would never be met.
            raise ValidationFailed(
                [("containerId", "must be an id that the containers route gave")]
            )
        filters = _filters(projects if place is None else (place,))
        if not filters:
            raise ValidationFailed([("connectionId", "the account sees no project")])
        ids = await self._register(wish, filters)
        handle = Handle(ids, None if place is not None else tuple(sorted(projects)))
        try:
            return await self.refresh(handle)
        except AppError:
            # Nobody would know of them, and they count among the five.
            with suppress(AppError):
                await self.unsubscribe(handle)
            raise

    async def _register(self, wish: Wish, filters: Sequence[str]) -> tuple[int, ...]:
        asked = {
            "url": wish.url.get_secret_value(),
            "webhooks": [
                {"events": list(wish.events), "jqlFilter": jql_filter} for jql_filter in filters
            ],
        }
        found = await self._rest.write("POST", "/webhook", _Registration, json=asked)
        results = found.webhook_registration_result
        ids = tuple(one.created_webhook_id for one in results if one.created_webhook_id is not None)
        if len(ids) == len(filters):
            return ids
        if ids:
            await self.unsubscribe(Handle(ids))
        said = [text for one in results for text in one.errors]
        raise ProviderRejected(
            "Jira does not register the webhook: it allows an app five for each user of a site, and"
            " one address for all.",
            details={"at": "provider", "message": " ".join(said)[:300]},
        )

    async def refresh(self, handle: Handle) -> Subscription:
        """Thirty more days, and until when that is."""
        told = await self._rest.write(
            "PUT", "/webhook/refresh", _Refreshed, json={"webhookIds": handle.ids}
        )
        end = timestamp(told.expiration_date)
        if end is None:
            raise unreadable("a webhook that ends at no time")
        return Subscription(
            handle=msgspec.to_builtins(handle),
            keys=tuple(_key(site, number) for site in self._sites for number in handle.ids),
            expires_at=datetime.fromisoformat(end),
        )

    async def unsubscribe(self, handle: Handle) -> None:
        """End them; Jira says nothing of those that are not there."""
        await self._rest.change("DELETE", "/webhook", json={"webhookIds": handle.ids})


def _filters(projects: Sequence[str]) -> list[str]:
    """Queries of the little language that webhooks know, which has no word for everything."""
    numbers = sorted(projects)
    parts = [
        numbers[start : start + MOST_PROJECTS] for start in range(0, len(numbers), MOST_PROJECTS)
    ]
    return [f"project IN ({', '.join(part)})" for part in parts]
