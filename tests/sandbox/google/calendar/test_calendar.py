"""The imitation Google Calendar answers as the API's reference says."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from src.sandbox.google.app import create_app
from src.sandbox.kit import MemoryStore

EVENTS = "/calendar/v3/calendars/primary/events"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(MemoryStore(), clock=lambda: 1_768_478_400.0)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://www.test",
        headers={"authorization": "Bearer ya29.sandbox-ann"},
    ) as client:
        yield client


async def listed(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(EVENTS, params={"maxResults": 2500, **params})
    events: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return events


def reason_of(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    reason: str = answer.json()["error"]["errors"][0]["reason"]
    return reason


async def test_the_last_page_has_a_token_for_changes_in_place_of_the_next(
    client: httpx.AsyncClient,
) -> None:
    first = (await client.get(EVENTS, params={"maxResults": 100})).json()
    assert "nextSyncToken" not in first
    params = {"maxResults": 100, "pageToken": first["nextPageToken"]}
    last = (await client.get(EVENTS, params=params)).json()
    assert "nextPageToken" not in last
    assert last["nextSyncToken"]
    answer = await client.get(EVENTS, params={**params, "q": "x"})
    assert reason_of(answer, 400) == "invalid"


async def test_a_series_stands_once_or_as_its_single_events(client: httpx.AsyncClient) -> None:
    kept = await listed(client, q="standup")
    assert [one["id"] for one in kept] == ["standup", "standup_20260112T080000Z"]
    expanded = await listed(client, q="standup", singleEvents="true", orderBy="startTime")
    assert len(expanded) == 30
    assert all(one["recurringEventId"] == "standup" for one in expanded)
    assert not any("recurrence" in one for one in expanded)


async def test_cancelled_events_are_told_of_a_series_and_of_changes(
    client: httpx.AsyncClient,
) -> None:
    cancelled = [one["id"] for one in await listed(client) if one["status"] == "cancelled"]
    assert cancelled == ["standup_20260119T080000Z"]
    changes = await listed(client, updatedMin="2026-01-01T00:00:00Z")
    assert "gone1" in {one["id"] for one in changes}
    assert "gone1" in {one["id"] for one in await listed(client, showDeleted="true")}


@pytest.mark.parametrize(
    ("params", "status", "reason"),
    [
        ({"updatedMin": "2020-01-01T00:00:00Z"}, 410, "updatedMinTooLongAgo"),
        ({"updatedMin": "2026-01-01T00:00:00"}, 400, "badRequest"),
        ({"updatedMin": "yesterday"}, 400, "badRequest"),
        ({"orderBy": "startTime"}, 400, "badRequest"),
    ],
)
async def test_refusals_of_lists(
    client: httpx.AsyncClient, params: dict[str, str], status: int, reason: str
) -> None:
    assert reason_of(await client.get(EVENTS, params=params), status) == reason


async def test_calendars_by_what_may_be_done_there(client: httpx.AsyncClient) -> None:
    url = "/calendar/v3/users/me/calendarList"
    everything = (await client.get(url)).json()["items"]
    assert [one["accessRole"] for one in everything] == [
        "owner",
        "writer",
        "reader",
        "freeBusyReader",
    ]
    assert everything[0]["primary"] is True
    writable = (await client.get(url, params={"minAccessRole": "writer"})).json()["items"]
    assert len(writable) == 2
    assert reason_of(await client.get(url, params={"minAccessRole": "x"}), 400)


_TIMES = {
    "start": {"dateTime": "2026-02-01T10:00:00Z"},
    "end": {"dateTime": "2026-02-01T11:00:00Z"},
}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({}, "required"),
        ({"start": {"date": "2026-02-01"}}, "required"),
        ({**_TIMES, "end": {"date": "2026-02-02"}}, "badRequest"),
        ({**_TIMES, "end": _TIMES["start"]}, "timeRangeEmpty"),
        ({**_TIMES, "start": {"dateTime": "2026-02-01T10:00:00"}}, "required"),
        ({**_TIMES, "recurrence": ["RRULE:FREQ=DAILY"]}, "required"),
        ({**_TIMES, "start": {**_TIMES["start"], "timeZone": "nowhere"}}, "invalid"),
    ],
)
async def test_what_is_no_event_is_not_made(
    client: httpx.AsyncClient, event: dict[str, Any], reason: str
) -> None:
    assert reason_of(await client.post(EVENTS, json=event), 400) == reason


async def test_an_event_that_is_made_is_kept(client: httpx.AsyncClient) -> None:
    made = (await client.post(EVENTS, json={"summary": "New", **_TIMES})).json()
    assert (await client.get(f"{EVENTS}/{made['id']}")).json()["summary"] == "New"
    assert "New" in {one.get("summary") for one in await listed(client)}


async def test_who_may_do_what(client: httpx.AsyncClient) -> None:
    reader = {"authorization": "Bearer ya29.sandbox-ann-reader"}
    assert (await client.get(EVENTS, headers=reader)).status_code == 200
    answer = await client.post(EVENTS, json=_TIMES, headers=reader)
    assert reason_of(answer, 403) == "insufficientPermissions"
    holidays = "/calendar/v3/calendars/de.german%23holiday%40group.v.calendar.google.com/events"
    assert reason_of(await client.post(holidays, json=_TIMES), 403) == "requiredAccessLevel"
    ben = {"authorization": "Bearer ya29.sandbox-ben"}
    other = "/calendar/v3/calendars/ann@example.com/events"
    assert reason_of(await client.get(other, headers=ben), 404) == "notFound"
    assert reason_of(await client.get(f"{EVENTS}/nowhere"), 404) == "notFound"
    instances = f"{EVENTS}/allday1/instances"
    assert reason_of(await client.get(instances), 400) == "invalid"
