"""One request to Calendar, and the calendars as they are now."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from src.sandbox.google import errors
from src.sandbox.google.calendar.seed import Calendar, calendars_of, events_of
from src.sandbox.google.logs import Log
from src.sandbox.google.tokens import cut
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.kit import SandboxStore

Event = dict[str, Any]
_NEW_ID = "created{number:05d}"


def invalid_page() -> "Response":
    """Return the refusal of a page token that is old, or of another question."""
    return errors.legacy(400, "invalid", "Invalid page token value.", parameter="pageToken")


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

    def log(self, calendar: Calendar) -> Log:
        """What has happened in a calendar."""
        return Log(self._store, f"calendar/{calendar.id}")

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
        edits = kept.get("edits", {})
        every = [*events_of(calendar.id, self.user.login), *kept.get("events", [])]
        return [edits.get(event["id"], event) for event in every]

    async def add(self, calendar: Calendar, event: Event) -> Event:
        """Keep a new event, under a new id unless it has one: so what was one of a series."""
        kept = await self._store.get(self._key(calendar)) or {}
        added = kept.setdefault("events", [])
        event.setdefault("id", _NEW_ID.format(number=len(added)))
        added.append(event)
        await self._store.put(self._key(calendar), kept)
        await self.log(calendar).add(event["id"])
        return event

    async def change(self, calendar: Calendar, event: Event) -> Event:
        """Keep an event as it is now."""
        if event["id"] not in {one["id"] for one in await self.events(calendar)}:
            return await self.add(calendar, event)
        kept = await self._store.get(self._key(calendar)) or {}
        kept.setdefault("edits", {})[event["id"]] = event
        await self._store.put(self._key(calendar), kept)
        await self.log(calendar).add(event["id"])
        return event

    def page(
        self,
        rows: list[Any],
        *,
        most: int,
        kind: str,
        keys: list[int] | None = None,
        kept: int = 0,
        feed_end: str = "CPDAlvWDx70CEPDAlvWDx70=",
        **more: Any,
    ) -> "Response":
        """Show a page."""
        shown, token = cut(
            self.request,
            rows,
            size="maxResults",
            default=most // 2,
            most=most,
            invalid=invalid_page(),
            keys=keys,
            kept=kept,
        )
        end = {"nextPageToken": token} if token else {"nextSyncToken": feed_end}
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
