"""The part of the Calendar API that is imitated."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from src.sandbox.google import errors
from src.sandbox.google.calendar.seed import START, Calendar, calendars_of, events_of
from src.sandbox.google.calendar.series import instances, moment_of
from src.sandbox.google.tokens import cut
from src.sandbox.kit import Refused, json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.kit import SandboxStore

_PREFIX = "https://www.googleapis.com/auth/calendar"
_READING = (f"{_PREFIX}.readonly", _PREFIX)
SCOPES = (
    ("GET", r"/calendar/v3/users/.*", _READING),
    ("GET", r"/calendar/v3/.*", (*_READING, f"{_PREFIX}.events")),
    ("POST", r"/calendar/v3/.*", (_PREFIX, f"{_PREFIX}.events")),
)
_HISTORY_BEGINS = START - timedelta(days=365)
"""Changes before this are not remembered: ``updatedMinTooLongAgo``."""

_ROLES = ("freeBusyReader", "reader", "writer", "owner")
_ZONE = re.compile(r"(UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_]+)+)")
_NEW_ID = "created{number:05d}"

Event = dict[str, Any]
Endpoint = Callable[["Call"], Any]


def _required(message: str) -> Refused:
    return errors.bad_request(message, reason="required")


class Call:
    """One request, by one user."""

    def __init__(
        self, request: "Request", store: "SandboxStore", clock: Callable[[], float]
    ) -> None:
        """Read the parameters as they are needed."""
        self.request = request
        self.params = request.query_params
        self.user = request.scope["google.caller"].user
        self.clock = clock
        self._store = store

    def calendar(self) -> Calendar:
        """The calendar that the path names, if it is in the user's list."""
        name = self.request.path_params["calendar"]
        wanted = self.user.email if name == "primary" else name
        for calendar in calendars_of(self.user):
            if calendar.id == wanted:
                return calendar
        raise errors.not_found()

    def _key(self, calendar: Calendar) -> str:
        return f"google/calendar/{calendar.id}"

    async def events(self, calendar: Calendar) -> list[Event]:
        """Every event, by the time of the last change."""
        kept = await self._store.get(self._key(calendar)) or {}
        return [*events_of(calendar.id, self.user.login), *kept.get("events", [])]

    async def add(self, calendar: Calendar, event: Event) -> Event:
        """Keep a new event."""
        kept = await self._store.get(self._key(calendar)) or {"events": []}
        event["id"] = _NEW_ID.format(number=len(kept["events"]))
        kept["events"].append(event)
        await self._store.put(self._key(calendar), kept)
        return event

    def page(self, rows: list[Any], *, most: int, kind: str, **more: Any) -> "Response":
        """Show a page."""
        invalid = errors.legacy(400, "invalid", "Invalid page token value.", parameter="pageToken")
        shown, token = cut(
            self.request, rows, size="maxResults", default=most // 2, most=most, invalid=invalid
        )
        end = {"nextPageToken": token} if token else {"nextSyncToken": "CPDAlvWDx70CEPDAlvWDx70="}
        return json_answer({"kind": kind, "etag": '"p33"', **more, **end, "items": [*shown]})

    def moment(self, name: str) -> datetime | None:
        """A parameter that is a time with an offset."""
        text = self.params.get(name)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise errors.bad_request("Bad Request")
        return moment


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
    events = [one for one in await call.events(calendar) if _is_shown(call, one)]
    if is_expanded:
        events = _expanded(events)
    if order == "updated":
        events.sort(key=lambda event: str(event["updated"]))
    if order == "startTime":
        events.sort(key=moment_of)
    return call.page(
        events,
        most=2_500,
        kind="calendar#events",
        summary=calendar.summary,
        timeZone=calendar.zone,
        accessRole=calendar.role,
    )


def _expanded(events: list[Event]) -> list[Event]:
    series = [one for one in events if "recurrence" in one]
    single = [one for one in events if "recurrence" not in one and "recurringEventId" not in one]
    return [*single, *(event for one in series for event in instances(one, events))]


def _is_shown(call: Call, event: Event) -> bool:
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
    # Cancelled events of a series are told always, others only by their change.
    is_told = "recurringEventId" in event or since is not None
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
    """The event that the path names; one of a series need not have been changed."""
    name = call.request.path_params["event"]
    events = await call.events(calendar)
    every = [
        *events,
        *(one for each in events if "recurrence" in each for one in instances(each, events)),
    ]
    for event in every:
        if event["id"] == name:
            return event
    raise errors.not_found()


async def _show_event(call: Call) -> "Response":
    return json_answer(await _event(call, call.calendar()))


async def _list_instances(call: Call) -> "Response":
    calendar = call.calendar()
    event = await _event(call, calendar)
    if "recurrence" not in event:
        raise errors.bad_request("Recurring event expected.", reason="invalid")
    rows = [*instances(event, await call.events(calendar))]
    return call.page(rows, most=2_500, kind="calendar#events", timeZone=calendar.zone)


async def _add_event(call: Call) -> "Response":
    calendar = call.calendar()
    if calendar.role not in {"owner", "writer"}:
        words = "You need to have writer access to this calendar."
        raise Refused(errors.legacy(403, "requiredAccessLevel", words, domain="calendar"))
    try:
        given = msgspec.json.decode(await call.request.body(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise errors.bad_request("Parse Error", reason="parseError") from None
    for name in ("start", "end"):
        _check_time(given, name)
    if (
        given.get("recurrence")
        and "dateTime" in given["start"]
        and "timeZone" not in given["start"]
    ):
        raise _required("Missing time zone definition for start time.")
    if not given["start"].keys() & given["end"].keys() - {"timeZone"}:
        raise errors.bad_request(
            "Start and end times must either both be date or both be dateTime."
        )
    if given["start"] == given["end"]:
        raise errors.bad_request("The specified time range is empty.", reason="timeRangeEmpty")
    return json_answer(await call.add(calendar, _made(call, given)))


def _check_time(given: Event, name: str) -> None:
    when = given.get(name) or {}
    if not {"date", "dateTime"} & when.keys():
        raise _required(f"Missing {name} time.")
    zone = when.get("timeZone")
    if zone is not None and _ZONE.fullmatch(zone) is None:
        raise errors.bad_request(
            f"Invalid time zone definition for {name} time.",
            reason="invalid",
            parameter=f"{name}.timeZone",
        )
    text = when.get("dateTime")
    if text is not None and datetime.fromisoformat(text).tzinfo is None and zone is None:
        raise _required(f"Missing time zone definition for {name} time.")


def _made(call: Call, given: Event) -> Event:
    now = datetime.fromtimestamp(call.clock(), UTC).isoformat(timespec="milliseconds")
    stamp = now.replace("+00:00", "Z")
    me = {"email": call.user.email, "self": True}
    attendees = [{"responseStatus": "needsAction", **one} for one in given.get("attendees", [])]
    return {
        "kind": "calendar#event",
        "status": "confirmed",
        "htmlLink": "https://www.google.com/calendar/event?eid=created",
        "created": stamp,
        "updated": stamp,
        "creator": me,
        "organizer": me,
        "eventType": "default",
        # Not Google's: that tests can see who was told.
        "sentUpdates": call.params.get("sendUpdates", "none"),
        **given,
        **({"attendees": attendees} if attendees else {}),
    }


_CALENDAR = "/calendar/v3/calendars/{calendar}/events"
_ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/calendar/v3/users/me/calendarList", _list_calendars),
    ("GET", _CALENDAR, _list_events),
    ("POST", _CALENDAR, _add_event),
    ("GET", f"{_CALENDAR}/{{event}}", _show_event),
    ("GET", f"{_CALENDAR}/{{event}}/instances", _list_instances),
)


def routes(store: "SandboxStore", clock: Callable[[], float]) -> tuple[Route, ...]:
    """Return the routes."""

    def route(method: str, path: str, endpoint: Endpoint) -> Route:
        async def answer(request: "Request") -> "Response":
            done: Response = await endpoint(Call(request, store, clock))
            return done

        return Route(path, answer, methods=[method])

    return tuple(route(*one) for one in _ROUTES)
