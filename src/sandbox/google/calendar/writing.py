"""What changes events: they are made, changed, and cancelled."""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.responses import Response

from src.sandbox.google import errors
from src.sandbox.google.calendar.call import Call, Event
from src.sandbox.google.calendar.seed import Calendar
from src.sandbox.google.calendar.series import find_event
from src.sandbox.kit import Refused, json_answer

_ZONE = re.compile(r"(UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_]+)+)")
_STUB = ("kind", "id", "recurringEventId", "originalStartTime")


def _required(message: str) -> Refused:
    return errors.bad_request(message, reason="required")


def writable(call: Call) -> Calendar:
    """Return the calendar that the path names, if the user may change its events."""
    calendar = call.calendar()
    if calendar.role not in {"owner", "writer"}:
        words = "You need to have writer access to this calendar."
        raise Refused(errors.legacy(403, "requiredAccessLevel", words, domain="calendar"))
    return calendar


async def _body(call: Call) -> Event:
    try:
        return msgspec.json.decode(await call.request.body(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise errors.bad_request("Parse Error", reason="parseError") from None


def _now(call: Call) -> str:
    now = datetime.fromtimestamp(call.clock(), UTC).isoformat(timespec="milliseconds")
    return now.replace("+00:00", "Z")


async def patch_event(call: Call) -> "Response":
    """Change an event, or one out of a series, which then stands by itself."""
    calendar = writable(call)
    event = find_event(await call.events(calendar), call.request.path_params["event"])
    changed = {**event, **await _body(call), "id": event["id"], "updated": _now(call)}
    return json_answer(await call.change(calendar, changed))


async def delete_event(call: Call) -> "Response":
    """Cancel an event; with a series goes whatever was changed in it."""
    calendar = writable(call)
    events = await call.events(calendar)
    event = find_event(events, call.request.path_params["event"])
    if event["status"] == "cancelled":
        raise Refused(errors.legacy(410, "deleted", "Resource has been deleted"))
    exceptions = [one for one in events if one.get("recurringEventId") == event["id"]]
    for one in (event, *exceptions):
        stub = {name: one[name] for name in _STUB if name in one}
        await call.change(calendar, {**stub, "status": "cancelled", "updated": _now(call)})
    return Response(status_code=204)


async def add_event(call: Call) -> "Response":
    """Make an event."""
    calendar = writable(call)
    given = await _body(call)
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
    stamp = _now(call)
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
