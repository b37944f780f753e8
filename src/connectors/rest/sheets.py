"""Pages by number of lists that say in ``Link`` where the last one is, as GitHub's do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from src.connectors.rest.ahead import Sheet
from src.connectors.rest.client import RestClient
from src.connectors.rest.dialect import List, Params, PathValues
from src.connectors.rest.links import below, link, next_link
from src.connectors.rest.paginators import Answer, PageRequest
from src.connectors.rest.values import whole_number
from src.models.query import PageQuery

Turn = asyncio.Semaphore
"""Bounds the requests that are under way; several lists may share one."""

R = TypeVar("R")
T = TypeVar("T", bound=msgspec.Struct)


@dataclass(slots=True)
class _Numbers:
    """Asks for a page by its number, or by the address that the provider gave."""

    number: int | None = None
    last: int | None = None

    def request(self, limit: int, token: str | None) -> PageRequest:
        """The number in place of the first page."""
        if token is not None:
            return PageRequest(location=token)
        return PageRequest({"per_page": str(limit), "page": str(self.number)})

    def following(self, answer: Answer) -> str | None:
        """The next address; ``last`` is noted by the way."""
        header = answer.headers.get("link", "")
        target = next_link(header)
        if target is None:
            return None
        self.last = _last_number(target, link(header, "last"))
        return below(target, answer.base_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedSheets(Generic[R, T]):
    """One list, for ``read_ahead``."""

    rest: RestClient
    listing: List[R]
    mapping: Callable[[R], T | None]
    noted: str
    """The field of a row that stands in ``Sheet.ids``."""
    noted_row: type[msgspec.Struct]
    """A fragment with that field alone."""
    known_by: str | None = None
    """The field of a row that stands in ``Sheet.keys``, for ``by_change``."""
    params: Params
    at: PathValues
    limit: int = 100
    turn: Turn

    async def read(self, number: int) -> Sheet[T]:
        """A page by its number."""
        return await self._sheet(self.listing, self.mapping, _Numbers(number))

    async def look(self, number: int) -> Sheet[T]:
        """The same without items; where nothing has changed, providers with tags answer 304."""
        whole = self.listing
        listing = List(whole.path, self.noted_row, whole.paginator, whole.wrapped_in)
        return await self._sheet(listing, _nothing, _Numbers(number))

    async def follow(self, token: str) -> Sheet[T]:
        """A page by the address that the provider gave."""
        return await self._sheet(self.listing, self.mapping, _Numbers(), token)

    async def _sheet(
        self,
        listing: List[Any],
        mapping: Callable[[Any], T | None],
        numbers: _Numbers,
        token: str | None = None,
    ) -> Sheet[T]:
        ids, keys = list[str](), list[str]()
        name = attrgetter(self.noted)
        known_by = self.known_by

        def hears(body: Any) -> None:
            rows = body if listing.wrapped_in is None else body.rows
            ids.extend(str(name(row)) for row in rows)
            if known_by is not None and listing is self.listing:
                keys.extend(str(getattr(row, known_by)) for row in rows)

        async with self.turn:
            page = await self.rest.page(
                replace(listing, paginator=numbers),
                mapping,
                PageQuery(limit=self.limit, token=token),
                params=self.params,
                at=self.at,
                hears=hears,
            )
        return Sheet(
            items=page.items,
            ids=ids,
            following=page.next_token,
            last=numbers.last,
            truncated=page.truncated,
            asked_at=page.asked_at,
            keys=keys,
        )


def _nothing(_: object) -> None:
    """No item."""


def _last_number(following: str, last: str | None) -> int | None:
    """The number of the last page, where pages are told by nothing but their number.

    GitHub pages some long lists by keys (``after=…``), with a number for decoration only.
    """
    if last is None:
        return None
    ends = parse_qs(urlsplit(last).query)
    if set(ends) != set(parse_qs(urlsplit(following).query)) or ends.keys() & {"after", "cursor"}:
        return None
    return whole_number(ends.get("page", [""])[0])
