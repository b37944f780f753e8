"""Watch channels: opened for every feed, renewed by others, ended; and what they tell."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from src.connectors.webhooks import Change, Delivery, Subscription, Wish
from src.core.errors import InsufficientScope, ProviderForbidden, ValidationFailed
from tests.connectors.google.conftest import Google, Open
from tests.connectors.google.deeds import OWN

ADDRESS, TOKEN = "https://hooks.example/api/hooks/whk_1/secret-part", "channel-secret-token"
FILES, EVENTS = "drive.changes", "calendar.events"
NOTES = "1PlainNotes00000000000000000"
DRIVE_WATCHES, CALENDAR_WATCH = "POST /drive/v3/changes/watch", "/events/watch"


def wish(*events: str, container: str | None = None) -> Wish:
    return Wish(
        webhook_id="whk_000000000000000000000001",
        url=SecretStr(ADDRESS),
        secret=SecretStr(TOKEN),
        events=events,
        container_id=container,
    )


def delivery(headers: dict[str, str], present: Subscription) -> Delivery:
    """As the receiver hands one on: without the proof."""
    kept = {name: value for name, value in headers.items() if name != "x-goog-channel-token"}
    return Delivery(body=b"", headers=kept, handle=present.handle)


async def rename(google: Google) -> None:
    answer = await google.client.patch(
        f"/drive/v3/files/{NOTES}",
        json={"name": "renamed.txt"},
        headers={"authorization": "Bearer ya29.sandbox-ann"},
    )
    answer.raise_for_status()


async def test_every_feed_has_a_channel_that_lives_for_a_week(
    google: Google, open_with: Open
) -> None:
    present = await open_with().subscribe(wish(FILES, EVENTS))
    assert google.asked.count(DRIVE_WATCHES) == 3, "the account, and its two shared drives"
    assert sum(CALENDAR_WATCH in one for one in google.asked) == 4, "those in the list"
    assert len(present.handle["channels"]) == 6, "Google tells nobody of its holidays"
    assert present.expires_at is not None
    left = present.expires_at - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7, minutes=1)
    assert {headers["x-goog-resource-state"] for _, headers in google.posts} == {"sync"}
    assert {address for address, _ in google.posts} == {ADDRESS}
    assert {headers["x-goog-channel-token"] for _, headers in google.posts} == {TOKEN}


async def test_a_call_says_which_stream_has_something_new(google: Google, open_with: Open) -> None:
    connector = open_with()
    present = await connector.subscribe(wish(FILES))
    opened = [connector.read(delivery(headers, present)) for _, headers in google.posts]
    assert not any(reading.notices for reading in opened)
    google.posts.clear()
    await rename(google)
    ((_, headers),) = google.posts
    reading = connector.read(delivery(headers, present))
    (notice,) = reading.notices
    assert notice.changes == (Change(event=FILES, stream="files"),)
    assert reading.delivery_id == f"{headers['x-goog-channel-id']}-2"


async def test_a_channel_of_one_calendar_names_it(google: Google, open_with: Open) -> None:
    connector = open_with()
    present = await connector.subscribe(wish(FILES, EVENTS, container=OWN))
    assert len(present.handle["channels"]) == 1
    answer = await google.client.delete(
        "/calendar/v3/calendars/primary/events/plain0001",
        headers={"authorization": "Bearer ya29.sandbox-ann"},
    )
    assert answer.status_code == 204
    reading = connector.read(delivery(google.posts[-1][1], present))
    assert reading.notices[0].changes == (Change(event=EVENTS, stream="events", container_id=OWN),)


async def test_others_take_the_place_of_channels_that_would_end(
    google: Google, open_with: Open
) -> None:
    connector = open_with()
    first = await connector.subscribe(wish(FILES))
    second = await connector.renew(wish(FILES), first)
    google.posts.clear()
    await rename(google)
    told = [headers["x-goog-channel-id"] for _, headers in google.posts]
    assert len(told) == 1
    assert told[0] in {one["id"] for one in second.handle["channels"]}
    assert connector.read(delivery(google.posts[0][1], first)).notices, "the old one's, still read"


async def test_an_ended_webhook_is_told_nothing_and_ends_only_once(
    google: Google, open_with: Open
) -> None:
    connector = open_with()
    present = await connector.subscribe(wish(FILES, EVENTS))
    await connector.unsubscribe(present)
    google.posts.clear()
    await rename(google)
    assert google.posts == []
    await connector.unsubscribe(present)


@pytest.mark.parametrize(
    "container",
    ["drive:folder:1ProjectsFolder0000000000000", "gmail:label:INBOX", "drive:file:x", "nonsense"],
)
async def test_what_has_no_feed_of_its_own_has_no_channel(
    google: Google, open_with: Open, container: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await open_with().subscribe(wish(FILES, EVENTS, container=container))
    assert caught.value.details["errors"][0]["field"] == "containerId"
    assert google.asked == []


async def test_a_calendar_that_google_keeps_is_refused_by_itself(open_with: Open) -> None:
    holidays = "calendar:list:de.german~23holiday@group.v.calendar.google.com"
    with pytest.raises(ProviderForbidden):
        await open_with().subscribe(wish(EVENTS, container=holidays))


async def test_a_product_that_the_grant_lacks_is_told_before_any_call(
    google: Google, open_with: Open
) -> None:
    connector = open_with(granted=("openid", "https://www.googleapis.com/auth/drive.readonly"))
    with pytest.raises(InsufficientScope):
        await connector.subscribe(wish(FILES, EVENTS))
    assert google.asked == []


async def test_channels_that_were_opened_before_one_failed_are_ended(
    google: Google, open_with: Open
) -> None:
    await google.fault({"kind": "server_error", "path": "/calendar/v3/calendars", "status": 500})
    with pytest.raises(Exception):  # noqa: B017, PT011  whichever it is: what matters is left behind
        await open_with().subscribe(wish(FILES, EVENTS))
    google.posts.clear()
    await rename(google)
    assert google.posts == []


def test_a_call_of_an_unknown_kind_tells_nothing(open_with: Open) -> None:
    connector = open_with()
    for channel in ("", "other-1", "gmail-1"):
        headers = {"x-goog-channel-id": channel, "x-goog-resource-state": "change"}
        assert connector.read(Delivery(body=b"", headers=headers)).notices == ()
