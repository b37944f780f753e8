"""Google Calendar: calendars hold events; a series of events holds its single ones."""

from __future__ import annotations

from functools import partial

from src.connectors.base import refuse_filters
from src.connectors.google import scopes
from src.connectors.google.calendar import ids
from src.connectors.google.calendar.mapping import (
    EVENT_TYPES,
    attendee_to_comment,
    calendar_to_container,
    calendar_to_resource,
    can_write,
    event_to_item,
    matches,
)
from src.connectors.google.calendar.pickers import CalendarFilters
from src.connectors.google.calendar.reader import STREAM, CalendarReader
from src.connectors.google.calendar.schemas import CalendarEntry, Event, Listed
from src.connectors.google.ids import not_an_id
from src.connectors.google.rooms import Room
from src.connectors.rest.client import List, Params
from src.connectors.rest.decoding import map_one
from src.connectors.rest.paginators import Cursor
from src.connectors.rest.windows import windowed
from src.core.errors import UnsupportedFilter
from src.models.base import rfc3339
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    ResourceQuery,
    Sort,
)
from src.models.unified import Comment, Container, Item, Page, Resource

PAGES = Cursor(lambda page: page.next_page_token, size="maxResults")
CALENDARS = List("/calendar/v3/users/me/calendarList", CalendarEntry, PAGES, wrapped_in=Listed)
EVENTS = List("/calendar/v3/calendars/{calendar}/events", Event, PAGES, wrapped_in=Listed)
INSTANCES = List(
    "/calendar/v3/calendars/{calendar}/events/{event}/instances", Event, PAGES, wrapped_in=Listed
)


class Calendar(Room):
    """The calendars in one account's list."""

    product = "calendar"
    scopes = (scopes.CALENDAR_READ,)
    container_types = frozenset({"calendar"})
    resource_types = frozenset({"google_calendar"})
    stream = STREAM

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """The calendars; they hold no others.

        Google cannot search them, so ``q`` is looked for in the names of each page.
        """
        if query.type not in {None, "calendar"}:
            raise UnsupportedFilter("type", "type must be calendar")
        if query.parent_id is not None:
            ids.parse_calendar(query.parent_id, "parentId")
            return Page(items=())

        def mapping(calendar: CalendarEntry) -> Container | None:
            return calendar_to_container(calendar) if matches(calendar, query.q) else None

        return await self.rest.page(CALENDARS, mapping, query)

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """The same, to be picked."""
        if query.parent_id is not None:
            raise not_an_id("parentId")
        filters = query.filters
        only_writable = isinstance(filters, CalendarFilters) and filters.writable is True

        def mapping(calendar: CalendarEntry) -> Resource | None:
            is_wanted = matches(calendar, query.q) and (can_write(calendar) or not only_writable)
            return calendar_to_resource(calendar) if is_wanted else None

        params: Params = {"minAccessRole": "writer" if only_writable else None}
        return await self.rest.page(CALENDARS, mapping, query, params=params)

    async def resource_parents(self, resource_type: str, parent_id: str) -> tuple[Resource, ...]:  # noqa: ARG002  calendars stand below nothing
        """Calendars stand below nothing."""
        raise not_an_id("parentId")

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Events as they are kept: a series once, and by ``parentId`` what it consists of."""
        refuse_filters(query, "state", "status", why="Google Calendar cannot filter by this")
        if query.type is not None and query.type not in EVENT_TYPES:
            raise UnsupportedFilter("type", f"type must be one of: {', '.join(EVENT_TYPES)}")
        if query.sort is Sort.UPDATED_DESCENDING:
            raise UnsupportedFilter("sort", "sort must be updatedAt")
        calendar = ids.parse_calendar(query.container_id, "containerId")
        mapping = partial(event_to_item, calendar=calendar, include_body=query.include_body)
        if query.parent_id is not None:
            return await self._instances(query, calendar)
        return await self.rest.page(
            EVENTS,
            mapping,
            query,
            params={
                "q": query.q,
                "eventTypes": EVENT_TYPES[query.type] if query.type else None,
                "updatedMin": rfc3339(query.updated_since) if query.updated_since else None,
                "orderBy": "updated" if query.sort else None,
            },
            at={"calendar": calendar},
        )

    async def _instances(self, query: ItemQuery, calendar: str) -> Page[Item]:
        """The single events of a series, the first one first."""
        refuse_filters(
            query, "q", "updated_since", "sort", "type", why="cannot be asked of a series"
        )
        within, series = ids.parse_event(query.parent_id or "", "parentId")
        if within != calendar:
            raise not_an_id("parentId")
        return await self.rest.page(
            INSTANCES,
            partial(event_to_item, calendar=calendar, include_body=query.include_body),
            query,
            at={"calendar": calendar, "event": series},
        )

    async def item(self, query: OneItemQuery) -> Item:
        """One event."""
        calendar, event = ids.parse_event(query.item_id)
        return await self.rest.one(
            "/calendar/v3/calendars/{calendar}/events/{event}",
            Event,
            partial(_one, calendar=calendar),
            raw=query.include_raw,
            calendar=calendar,
            event=event,
        )

    def reader(self) -> CalendarReader:
        """The stream of events."""
        return CalendarReader(self.rest)

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """What attendees have said along with their answers; there are no others."""
        calendar, event = ids.parse_event(query.item_id)
        read = await self.rest.get(
            "/calendar/v3/calendars/{calendar}/events/{event}",
            Event,
            calendar=calendar,
            event=event,
        )
        said = [attendee_to_comment(one, read, calendar) for one in read.attendees if one.comment]
        return windowed(said, query)


def _one(event: Event, calendar: str) -> Item:
    item = event_to_item(event, calendar, include_body=True)
    if item is None:
        raise ValueError("an event with another id than was asked for")
    return item


def read_event(content: bytes, calendar: str) -> Item:
    """An answer that is an event of a calendar, which ``primary`` may have been called."""

    def mapping(event: Event) -> Item:
        owner = event.organizer
        own = owner.email if owner is not None and owner.self else None
        return _one(event, own if own and calendar == ids.PRIMARY else calendar)

    return map_one(content, Event, mapping, raw=False)
