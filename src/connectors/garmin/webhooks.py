"""Garmin's pings as webhooks: set up by hand, for all users of an app at one address."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from pydantic import SecretStr

from src.connectors.garmin.ids import ACTIVITIES, DAILY, read_container, read_item, wrong
from src.connectors.garmin.pings import Fetch, Pulled, Told, read_pulled
from src.connectors.rest.client import RestClient
from src.connectors.webhooks import (
    AddressOf,
    AddressOnly,
    Change,
    MadeBy,
    Notice,
    Reading,
    WebhookEvent,
    WebhookSpec,
)

_EVENTS = {
    "activities": "activities",
    "manuallyUpdatedActivities": "activities",
    "dailies": "dailies",
}
"""Which of our events each of Garmin's kinds is."""
_STREAMS = {"activities": ACTIVITIES, "dailies": DAILY}
_KINDS = {"activity": ACTIVITIES, "day": DAILY}


def spec(auth_method: str) -> WebhookSpec:
    """What Garmin sends to an app of the Developer Program."""
    return WebhookSpec(
        events=(
            WebhookEvent(
                name="activities",
                description="An activity was uploaded or edited.",
                streams=(_STREAMS["activities"],),
            ),
            WebhookEvent(
                name="dailies",
                description="A day's summary was uploaded or has changed.",
                streams=(_STREAMS["dailies"],),
            ),
        ),
        # Garmin signs nothing; the header names the app, and is no secret.
        proof=AddressOnly(client_id_header="garmin-client-id"),
        address=AddressOf.APP,
        made_by=MadeBy.HAND,
        auth_methods=(auth_method,),
        instructions=(
            "At https://apis.garmin.com/tools/endpoints, signed in as your app, enter the address"
            " for activities, manually updated activities, dailies, deregistrations and user"
            " permission changes, each as a ping and enabled. The address is the same for all"
            " users of the app: it is entered once."
        ),
    )


def reading_of(told: Told) -> Reading:
    """What follows from a ping for the connections of its users."""
    by_user: dict[str, list[Change]] = {}
    for fetch in told.fetches:
        by_user.setdefault(fetch.user_id, []).extend(_changes(fetch))
    doubted = {*told.left, *(change.user_id for change in told.changes)}
    return Reading(
        notices=tuple(
            Notice(key=user, changes=tuple(by_user.get(user, ())), doubts_grant=user in doubted)
            for user in dict.fromkeys([*by_user, *sorted(doubted)])
        )
    )


async def pull(rest: RestClient, change: Change, user_id: str) -> tuple[Pulled, ...]:
    """Fetch what a ping has pointed to; the ticket holds path, span and pull token."""
    path, _, query = (change.ticket.get_secret_value() if change.ticket else "").partition("?")
    kind = path.rpartition("/")[2]
    answer = await rest.call(
        "GET", "/wellness-api/rest/{kind}", params=dict(parse_qsl(query)), kind=kind
    )
    return read_pulled(kind, user_id, answer.content)


def pushed_container(container_id: str) -> str:
    """The stream whose records are the items of a container.

    Raises:
        ValidationFailed: Pings fill no such container.
    """
    place, narrowed = read_container(container_id, "containerId")
    if narrowed is not None or place not in _STREAMS.values():
        wrong("containerId", "activities or daily")
    return place


def pushed_item(item_id: str) -> str:
    """The stream that holds an item.

    Raises:
        ValidationFailed: Pings tell of no such item.
    """
    kind, _ = read_item(item_id)
    if kind not in _KINDS:
        wrong("itemId", "an activity or a day")
    return _KINDS[kind]


def _changes(fetch: Fetch) -> Iterable[Change]:
    event = _EVENTS.get(fetch.kind)
    if event is not None:
        yield Change(event=event, stream=_STREAMS[event], ticket=SecretStr(fetch.location))
