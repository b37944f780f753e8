"""The stream of events: those of every calendar, kept up by the calendars' sync tokens.

Source: developers.google.com/workspace/calendar/api/guides/sync.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from src.connectors.google import scopes
from src.connectors.google.calendar import ids
from src.connectors.google.calendar.mapping import calendar_to_container, event_to_item
from src.connectors.google.calendar.schemas import CalendarEntry, Event, Listed
from src.connectors.google.feeds import FeedReader, FeedTokens
from src.connectors.manifest import Deletions, Stream
from src.connectors.rest.client import List
from src.connectors.rest.paginators import Cursor, walk
from src.connectors.syncing import CheckpointExpired, PartPage
from src.models.query import PageQuery
from src.models.unified import Item

if TYPE_CHECKING:
    from src.connectors.rest.client import RestClient

STREAM = Stream(
    name="events",
    incremental=True,
    deletions=Deletions.FEED,
    checkpoint=FeedTokens,
    scopes=(scopes.CALENDAR_READ,),
)
LIMIT = 250
CANCELLED = "cancelled"

_PAGES = Cursor(lambda page: page.next_page_token, size="maxResults")
_CALENDARS = List("/calendar/v3/users/me/calendarList", CalendarEntry, _PAGES, wrapped_in=Listed)
_EVENTS = List("/calendar/v3/calendars/{calendar}/events", Event, _PAGES, wrapped_in=Listed)


class _Page:
    """One page of events: a mapping of its rows that remembers what is gone."""

    def __init__(self, calendar: str) -> None:
        self._calendar = calendar
        self._over: frozenset[str] = frozenset()
        self.deleted: list[str] = []
        self.sync_token: str | None = None

    def hear(self, body: Any) -> None:
        """See the page whole before its rows are mapped."""
        self._over = frozenset(event.id for event in body.rows if _is_over(event))
        self.sync_token = body.next_sync_token

    def mapping(self, event: Event) -> Item | None:
        """An event; one that was called off out of a series says so and stays, others are gone."""
        is_of_none = event.status == CANCELLED and event.recurring_event_id in self._over
        if event.id not in self._over and not is_of_none:
            return event_to_item(event, self._calendar, include_body=True)
        if ids.is_sayable(self._calendar, event.id):
            self.deleted.append(ids.event_item(self._calendar, event.id))
        return None


class CalendarReader(FeedReader):
    """Reads events as they are kept: a series once, with what was changed in it."""

    stream: ClassVar[Stream] = STREAM

    def __init__(self, rest: RestClient, *, limit: int = LIMIT) -> None:
        super().__init__()
        self._rest = rest
        self._limit = limit

    @staticmethod
    def check(container_id: str) -> None:
        """Calendars."""
        ids.parse_calendar(container_id, "containerIds")

    async def plan(self) -> Sequence[str]:
        """The calendars of the account's list; one that has left it takes its events along."""
        if self.chosen is not None:
            for chosen in self.chosen:
                self.check(chosen)
            return self.chosen
        listed = await self.calendars()
        if set(self.known) - set(listed):
            raise CheckpointExpired("a calendar is no longer in the list")
        return listed

    async def calendars(self) -> list[str]:
        """Ids of our own of every calendar in the list."""
        source = partial(self._rest.page, _CALENDARS, calendar_to_container)
        pages = await walk(PageQuery(limit=self._limit), source)
        return [calendar.id for page in pages for calendar in page.items]

    async def whole(self, part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        """Every event; with the last page comes the token of what changes from now on."""
        async for page in self._pages(part, None, token):
            yield page

    async def changes(
        self, part: str, since: str, token: str | None
    ) -> AsyncGenerator[PartPage, None]:
        """What the sync token leads to; what is gone comes as cancelled."""
        async for page in self._pages(part, since, token):
            yield page

    async def _pages(
        self, part: str, since: str | None, token: str | None
    ) -> AsyncGenerator[PartPage, None]:
        calendar = ids.parse_calendar(part, "containerIds")
        while True:
            reading = _Page(calendar)
            # A sync token holds only for the very same question: nothing may be asked besides.
            page = await self._rest.page(
                _EVENTS,
                reading.mapping,
                PageQuery(limit=self._limit, token=token),
                params={"syncToken": since},
                at={"calendar": calendar},
                hears=reading.hear,
            )
            token = page.next_token
            if token is None and reading.sync_token is not None:
                self.feeds[part] = reading.sync_token
            yield PartPage(
                records=page.items,
                deleted=reading.deleted,
                next_token=token,
                truncated=page.truncated,
            )
            if token is None:
                return

    async def fetch(self, record_id: str) -> Item | None:
        """An event, unless it is gone."""
        calendar, name = ids.parse_event(record_id, "recordId")
        reading = _Page(calendar)
        event = await self._rest.find_one(
            "/calendar/v3/calendars/{calendar}/events/{event}",
            Event,
            _as_it_is,
            raw=False,
            calendar=calendar,
            event=name,
        )
        return None if event is None or _is_over(event) else reading.mapping(event)


def _is_over(event: Event) -> bool:
    """Whether an event is deleted, and not only called off as one out of a series."""
    return event.status == CANCELLED and event.recurring_event_id is None


def _as_it_is(event: Event) -> Event:
    return event
