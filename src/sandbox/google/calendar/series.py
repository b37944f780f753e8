"""The single events of a series."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from src.sandbox.google import errors

Event = dict[str, Any]

_STEPS = {"DAILY": 1, "WEEKLY": 7, "YEARLY": 365}
_MOST = 730
"""Of a series without an end Google tells those of some years."""


def instances(series: Event, exceptions: list[Event]) -> Iterator[Event]:
    """Yield them in order, with those that were changed in their places, without the cancelled."""
    changed = {one["id"]: one for one in exceptions if one.get("recurringEventId") == series["id"]}
    rule = series["recurrence"][0]
    step = next(days for name, days in _STEPS.items() if f"FREQ={name}" in rule)
    count = re.search(r"COUNT=(\d+)", rule)
    for number in range(int(count[1]) if count else _MOST // step + 1):
        event = _moved(series, timedelta(days=number * step))
        event = changed.get(event["id"], event)
        if event["status"] != "cancelled":
            yield event


def _moved(series: Event, by: timedelta) -> Event:
    start, end = _later(series["start"], by), _later(series["end"], by)
    if "date" in start:
        suffix = start["date"].replace("-", "")
    else:
        moment = datetime.fromisoformat(start["dateTime"]).astimezone(UTC)
        suffix = f"{moment:%Y%m%dT%H%M%SZ}"
    event = {**series, "id": f"{series['id']}_{suffix}", "start": start, "end": end}
    del event["recurrence"]
    return event | {"recurringEventId": series["id"], "originalStartTime": start}


def _later(when: dict[str, str], by: timedelta) -> dict[str, str]:
    if "date" in when:
        return {"date": (date.fromisoformat(when["date"]) + by).isoformat()}
    moment = datetime.fromisoformat(when["dateTime"]) + by
    return {**when, "dateTime": moment.isoformat()}


def moment_of(event: Event) -> datetime:
    """When an event begins; a day begins at midnight in UTC here."""
    when = event.get("start") or event["originalStartTime"]
    if "date" in when:
        return datetime.fromisoformat(when["date"]).replace(tzinfo=UTC)
    return datetime.fromisoformat(when["dateTime"])


def find_event(events: list[Event], name: str) -> Event:
    """Return the event with an id; one of a series need not have been changed."""
    every = [
        *events,
        *(one for each in events if "recurrence" in each for one in instances(each, events)),
    ]
    for event in every:
        if event["id"] == name:
            return event
    raise errors.not_found()
