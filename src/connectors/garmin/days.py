"""Daily summaries, window by window into the past: Garmin lists days by range, and has no pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from email.utils import parsedate_to_datetime

from src.connectors.garmin.mapping import steps_to_item
from src.connectors.garmin.schemas import StepsOfDay
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.errors import unreadable
from src.connectors.rest.paginators import SinglePage
from src.core.errors import InvalidCursor
from src.models.query import ItemQuery
from src.models.unified import Item, Page

LONGEST_RANGE = 28
"""Days that Garmin gives at once."""
MOST_EMPTY = 365
"""Days without any record after which there are none before, either."""

RANGE = List("/usersummary-service/stats/steps/daily/{start}/{end}", StepsOfDay, SinglePage())
_TOKEN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})~([0-9]{1,4})")
_BEFORE_ALL = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Place:
    """The last day that is still to come, and for how many days nothing has."""

    end: date
    empty: int = 0

    @classmethod
    def of(cls, token: str) -> Place:
        """The place that a token names.

        Raises:
            InvalidCursor: It is none of ours.
        """
        found = _TOKEN.fullmatch(token)
        try:
            return cls(date.fromisoformat(found[1] if found else ""), int(found[2]) if found else 0)
        except ValueError as error:
            raise InvalidCursor("The list has another form now. Start without a cursor.") from error

    def before(self, days: int, *, found: bool) -> str | None:
        """The token of what lies before; None at the end."""
        empty = 0 if found else self.empty + days
        end = self.end - timedelta(days=days)
        return f"{end}~{empty}" if empty < MOST_EMPTY and end > _BEFORE_ALL else None


def day_of(headers: Mapping[str, str]) -> date:
    """The provider's present day, in UTC.

    Raises:
        UnreadableAnswer: It does not tell.
    """
    try:
        return parsedate_to_datetime(headers["date"]).date()
    except (KeyError, ValueError) as error:
        raise unreadable("the answer has no date") from error


async def days(rest: RestClient, query: ItemQuery) -> Page[Item]:
    """A window of days, newest first; a window without any may be empty and not the last."""
    if query.token is None:
        response = await rest.call("GET", "/userprofile-service/socialProfile")
        place = Place(day_of(response.headers))
    else:
        place = Place.of(query.token)
    count = min(query.limit, LONGEST_RANGE)
    start = place.end - timedelta(days=count - 1)
    page = await rest.page(
        RANGE,
        lambda row: steps_to_item(row, body=query.include_body),
        replace(query, token=None),
        at={"start": start.isoformat(), "end": place.end.isoformat()},
    )
    newest_first = sorted(page.items, key=lambda item: item.title, reverse=True)
    return Page(items=tuple(newest_first), next_token=place.before(count, found=bool(page.items)))


async def light_day(rest: RestClient, day: str, *, raw: bool) -> Item | None:
    """One day of the range; None where there is no record of it."""
    query = ItemQuery(container_id="", limit=1, include_raw=raw)
    page = await rest.page(
        RANGE, lambda row: steps_to_item(row, body=True), query, at={"start": day, "end": day}
    )
    return page.items[0] if page.items else None
