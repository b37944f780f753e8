"""The part of the Calendar API that is imitated."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.routing import Route

from src.sandbox.google import errors
from src.sandbox.google.calendar.call import Call, Event, invalid_page
from src.sandbox.google.calendar.changes import about, list_changed, sync_token
from src.sandbox.google.calendar.seed import START, Calendar, calendars_of
from src.sandbox.google.calendar.series import find_event, instances, moment_of
from src.sandbox.google.calendar.writing import add_event, delete_event, patch_event
from src.sandbox.google.channels import WEEK, Channels
from src.sandbox.google.tokens import read_token
from src.sandbox.kit import Refused, base_url, json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.kit import SandboxStore

_PREFIX = "https://www.googleapis.com/auth/calendar"
_READING = (f"{_PREFIX}.readonly", _PREFIX)
SCOPES = (
    ("GET", r"/calendar/v3/users/.*", _READING),
    ("GET", r"/calendar/v3/.*", (*_READING, f"{_PREFIX}.events")),
    ("POST", r"/calendar/v3/(.*/watch|channels/stop)", (*_READING, f"{_PREFIX}.events")),
    ("POST", r"/calendar/v3/.*", (_PREFIX, f"{_PREFIX}.events")),
    ("PATCH", r"/calendar/v3/.*", (_PREFIX, f"{_PREFIX}.events")),
    ("DELETE", r"/calendar/v3/.*", (_PREFIX, f"{_PREFIX}.events")),
)
_HISTORY_BEGINS = START - timedelta(days=365)
"""Changes before this are not remembered: ``updatedMinTooLongAgo``."""

_ROLES = ("freeBusyReader", "reader", "writer", "owner")

Endpoint = Callable[[Call], Any]


def _entry(calendar: Calendar) -> dict[str, Any]:
    return {
        "kind": "calendar#calendarListEntry",
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.zone,
        "accessRole": calendar.role,
        **dict(calendar.more),
    }


async def _list_calendars(call: Call) -> "Response":
    least = call.params.get("minAccessRole", _ROLES[0])
    if least not in _ROLES:
        raise errors.bad_request("Invalid value", reason="invalidParameter")
    rows = [
        _entry(one)
        for one in calendars_of(call.user)
        if _ROLES.index(one.role) >= _ROLES.index(least)
    ]
    return call.page(rows, most=250, kind="calendar#calendarList")


async def _list_events(call: Call) -> "Response":
    calendar = call.calendar()
    is_expanded = call.params.get("singleEvents") == "true"
    order = call.params.get("orderBy")
    if order == "startTime" and not is_expanded:
        raise errors.bad_request(
            "The requested ordering is not available for the particular query."
        )
    if "syncToken" in call.params:
        return await list_changed(call, calendar)
    every = await call.events(calendar)
    gone = {one["id"] for one in every if one["status"] == "cancelled"}
    place = {one["id"]: at for at, one in enumerate(every)}
    events = [one for one in every if _is_shown(call, one, gone)]
    keys = [place[one["id"]] for one in events] if not (is_expanded or order) else None
    if is_expanded:
        events = _expanded(events)
    if order == "updated":
        events.sort(key=lambda event: str(event["updated"]))
    if order == "startTime":
        events.sort(key=moment_of)
    token = read_token(call.request, invalid_page())
    begun = token.kept if token else await call.log(calendar).end()
    return call.page(
        events,
        most=2_500,
        kind="calendar#events",
        keys=keys,
        kept=begun,
        feed_end=sync_token(call, begun),
        **about(calendar),
    )


def _expanded(events: list[Event]) -> list[Event]:
    series = [one for one in events if "recurrence" in one]
    single = [one for one in events if "recurrence" not in one and "recurringEventId" not in one]
    return [*single, *(event for one in series for event in instances(one, events))]


def _is_shown(call: Call, event: Event, gone: set[str]) -> bool:
    since = call.moment("updatedMin")
    if since is not None and since < _HISTORY_BEGINS:
        words = "The requested minimum modification time lies too far in the past."
        raise Refused(
            errors.legacy(
                410, "updatedMinTooLongAgo", words, domain="calendar", parameter="updatedMin"
            )
        )
    if since is not None and datetime.fromisoformat(event["updated"]) < since:
        return False
    # What was cancelled out of a living series is told always, the rest only by its change.
    is_told = event.get("recurringEventId", event["id"]) not in gone or since is not None
    if event["status"] == "cancelled" and not is_told:
        return call.params.get("showDeleted") == "true"
    types = call.params.getlist("eventTypes")
    if types and event.get("eventType", "default") not in types:
        return False
    return _has_words(event, call.params.get("q", ""))


def _has_words(event: Event, q: str) -> bool:
    people = [*event.get("attendees", []), event.get("organizer", {})]
    texts = [event.get("summary", ""), event.get("description", ""), event.get("location", "")]
    texts += [str(value) for one in people for value in one.values()]
    known = set(re.findall(r"\w+", " ".join(texts).casefold()))
    return set(re.findall(r"\w+", q.casefold())) <= known


async def _event(call: Call, calendar: Calendar) -> Event:
    return find_event(await call.events(calendar), call.request.path_params["event"])


async def _show_event(call: Call) -> "Response":
    return json_answer(await _event(call, call.calendar()))


async def _list_instances(call: Call) -> "Response":
    calendar = call.calendar()
    event = await _event(call, calendar)
    if "recurrence" not in event:
        raise errors.bad_request("Recurring event expected.", reason="invalid")
    rows = [*instances(event, await call.events(calendar))]
    return call.page(rows, most=2_500, kind="calendar#events", timeZone=calendar.zone)


_CALENDAR = "/calendar/v3/calendars/{calendar}/events"
_ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/calendar/v3/users/me/calendarList", _list_calendars),
    ("GET", _CALENDAR, _list_events),
    ("GET", f"{_CALENDAR}/{{event}}", _show_event),
    ("GET", f"{_CALENDAR}/{{event}}/instances", _list_instances),
)


_WRITING: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", _CALENDAR, add_event),
    ("PATCH", f"{_CALENDAR}/{{event}}", patch_event),
    ("DELETE", f"{_CALENDAR}/{{event}}", delete_event),
)


def routes(
    store: "SandboxStore", clock: Callable[[], float], channels: Channels
) -> tuple[Route, ...]:
    """Return the routes."""

    async def watch(call: Call) -> "Response":
        calendar = call.calendar()
        if "#" in calendar.id:
            words = "Push notifications are not supported by this resource."
            reason = "pushNotSupportedForRequestedResource"
            raise errors.bad_request(words, reason=reason)
        path = quote(f"/calendar/v3/calendars/{calendar.id}/events", safe="/")
        return await channels.open(
            await call.request.body(),
            call.user.login,
            f"calendar:{calendar.id}",
            f"{base_url(call.request)}{path}?alt=json",
            life=WEEK,
        )

    async def stop(call: Call) -> "Response":
        return await channels.stop(await call.request.body(), call.user.login)

    def telling(endpoint: Endpoint) -> Endpoint:
        async def tell(call: Call) -> "Response":
            feed = f"calendar:{call.calendar().id}"
            done: Response = await endpoint(call)
            done.background = channels.telling("exists", lambda channel: channel.feed == feed)
            return done

        return tell

    def route(method: str, path: str, endpoint: Endpoint) -> Route:
        async def answer(request: "Request") -> "Response":
            done: Response = await endpoint(Call(request, store, clock))
            return done

        return Route(path, answer, methods=[method])

    writing = ((method, path, telling(endpoint)) for method, path, endpoint in _WRITING)
    watching = (
        ("POST", f"{_CALENDAR}/watch", watch),
        ("POST", "/calendar/v3/channels/stop", stop),
    )
    return tuple(route(*one) for one in (*_ROUTES, *watching, *writing))
