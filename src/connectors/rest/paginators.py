"""How providers page, as small immutable state machines.

A paginator answers two questions: what to ask for with a token (None = the first page), and which
token the answer gives for the next page (None = there is none). Tokens are texts, so that a cursor
can carry them; none holds a scheme or a host.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from src.connectors.rest.errors import unreadable
from src.connectors.rest.links import below, next_link
from src.core.errors import InvalidCursor, SkipThis
from src.models.query import PageQuery
from src.models.unified import Page

_OTHER_LISTING = "The list has another form now. Start without a cursor."
PAGE_CAP = 10_000
"""Pages of one listing; a provider that gives more than these is paging in circles."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What to ask for: parameters for the listing's own path, or another path with its query."""

    params: Mapping[str, str] = field(default_factory=dict)
    location: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a paginator may look at."""

    headers: Mapping[str, str]
    body: Any
    count: int
    limit: int
    token: str | None
    base_url: str


class Paginator(Protocol):
    """One way of paging."""

    def request(self, limit: int, token: str | None) -> PageRequest:
        """What to ask for."""

    def following(self, answer: Answer) -> str | None:
        """The token of the next page; None when this was the last."""


@dataclass(frozen=True, slots=True)
class SinglePage:
    """Everything at once."""

    def request(self, limit: int, token: str | None) -> PageRequest:  # noqa: ARG002
        """No parameters."""
        return PageRequest()

    def following(self, answer: Answer) -> str | None:  # noqa: ARG002
        """There is no next page."""
        return None


@dataclass(frozen=True, slots=True)
class PageNumber:
    """``?page=2&per_page=50``; the end is a page that is not full, unless ``total_pages`` tells."""

    page: str = "page"
    size: str = "per_page"
    first: int = 1
    total_pages: Callable[[Any], int] | None = None
    until_empty: bool = False
    """Pages may be short before the end, so that only an empty one is the end."""

    def request(self, limit: int, token: str | None) -> PageRequest:
        """Page number and size."""
        return PageRequest({self.page: token or str(self.first), self.size: str(limit)})

    def following(self, answer: Answer) -> str | None:
        """The next number."""
        number = int(answer.token or self.first)
        if self.total_pages is not None:
            more = number - self.first + 1 < self.total_pages(answer.body)
        else:
            more = answer.count >= (1 if self.until_empty else answer.limit)
        return str(number + 1) if more else None


@dataclass(frozen=True, slots=True)
class Offset:
    """``?startAt=50&maxResults=50``; the end is a page that is not full, unless ``total`` tells."""

    offset: str = "offset"
    size: str = "limit"
    total: Callable[[Any], int] | None = None
    again: int = 0
    """Rows of the page before that come again: they are others if rows have gone meanwhile."""

    def request(self, limit: int, token: str | None) -> PageRequest:
        """Offset and size."""
        return PageRequest({self.offset: str(self._start(token)), self.size: str(limit)})

    def following(self, answer: Answer) -> str | None:
        """The offset after what has come."""
        reached = self._start(answer.token) + answer.count
        if answer.count == 0:
            return None
        if self.total is not None:
            return str(reached) if reached < self.total(answer.body) else None
        return str(reached) if answer.count >= answer.limit else None

    def _start(self, token: str | None) -> int:
        return max(int(token or 0) - self.again, 0)


@dataclass(frozen=True, slots=True)
class Cursor:
    """``?pageToken=…``; the next token stands in the body."""

    next_token: Callable[[Any], str | None]
    param: str = "pageToken"
    size: str = "pageSize"

    def request(self, limit: int, token: str | None) -> PageRequest:
        """Size, and the token if there is one."""
        params = {self.size: str(limit)}
        return PageRequest(params if token is None else {**params, self.param: token})

    def following(self, answer: Answer) -> str | None:
        """The token in the body."""
        return self.next_token(answer.body) or None


@dataclass(frozen=True, slots=True)
class LinkHeader:
    """``Link: <…>; rel="next"`` (RFC 8288), followed as it is."""

    size: str = "per_page"

    def request(self, limit: int, token: str | None) -> PageRequest:
        """The size at first, then the address that the provider gave."""
        return _first_or_location({self.size: str(limit)}, token)

    def following(self, answer: Answer) -> str | None:
        """The address with the relation ``next``, without scheme and host."""
        target = next_link(answer.headers.get("link", ""))
        return None if target is None else below(target, answer.base_url)


@dataclass(frozen=True, slots=True)
class NextUrl:
    """The address of the next page stands in the body."""

    next_url: Callable[[Any], str | None]
    size: str = "limit"

    def request(self, limit: int, token: str | None) -> PageRequest:
        """The size at first, then the address that the provider gave."""
        return _first_or_location({self.size: str(limit)}, token)

    def following(self, answer: Answer) -> str | None:
        """The address in the body, without scheme and host."""
        target = self.next_url(answer.body)
        return below(target, answer.base_url) if target else None


_CONTENT_RANGE = re.compile(r"(?:\w+ )?(?:\d{1,15}-\d{1,15}|\*)/(\d{1,15})")


@dataclass(frozen=True, slots=True)
class ContentRange:
    """``Range: 0-49``, answered with ``Content-Range: 0-49/3000`` (RFC 9110 §14, PostgREST).

    A provider may give fewer rows at once than it was asked for, and says so in the total only.
    That is asked for once, with the first page: later it may be an estimate that rows lie beyond.
    The token remembers how many are given at once.
    """

    unit: str = "items"
    first: Mapping[str, str] = field(default_factory=dict)
    """Headers of the first page: those that ask for the total."""

    def request(self, limit: int, token: str | None) -> PageRequest:
        """Which rows."""
        start = _start_of(token)
        span = {"Range-Unit": self.unit, "Range": f"{start}-{start + limit - 1}"}
        return PageRequest(headers={**span, **self.first} if token is None else span)

    def following(self, answer: Answer) -> str | None:
        """The row after the last that has come."""
        reached = _start_of(answer.token) + answer.count
        if answer.count and answer.count >= answer.limit:
            return str(reached)
        told = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
        total = int(told[1]) if told and answer.token is None else 0
        is_cut = answer.count == _given_at_once(answer.token) or reached < total
        return f"{reached}/{answer.count}" if answer.count and is_cut else None


def _start_of(token: str | None) -> int:
    return int((token or "0").partition("/")[0])


def _given_at_once(token: str | None) -> int | None:
    given = (token or "").partition("/")[2]
    return int(given) if given else None


def _first_or_location(params: Mapping[str, str], token: str | None) -> PageRequest:
    return PageRequest(params) if token is None else PageRequest(location=token)


T = TypeVar("T")
Q = TypeVar("Q", bound=PageQuery)
Source = Callable[[Q], Awaitable[Page[T]]]


async def chain(query: Q, sources: Sequence[Source[Q, T]]) -> Page[T]:
    """One listing out of several, each paged to its end before the next begins.

    An exhausted source without items costs no empty page: the next one is asked at once.
    """
    number, separator, inner = (query.token or "0~").partition("~")
    if not (separator and number.isdecimal() and int(number) < len(sources)):
        raise InvalidCursor(_OTHER_LISTING)
    index, token = int(number), inner or None
    truncated = False
    while True:
        page = await sources[index](replace(query, token=token))
        truncated = truncated or page.truncated
        if page.next_token is not None:
            return Page(
                items=page.items, next_token=f"{index}~{page.next_token}", truncated=truncated
            )
        index, token = index + 1, None
        if page.items or index == len(sources):
            following = None if index == len(sources) else f"{index}~"
            return Page(items=page.items, next_token=following, truncated=truncated)


async def fallback(
    query: Q, first: Source[Q, T], second: Source[Q, T], when: Callable[[SkipThis], bool]
) -> Page[T]:
    """A listing, or another in its place where the provider does not have the first.

    Args:
        query: Its token says which of the two it belongs to.
        first: Asked at the beginning.
        second: Asked instead.
        when: Whether an error of the first means "not here".
    """
    number, _, inner = (query.token or "0~").partition("~")
    if number == "0":
        try:
            return _numbered(0, await first(_with_token(query, inner)))
        except SkipThis as error:
            if inner or not when(error):
                raise
    return _numbered(1, await second(_with_token(query, inner)))


def _with_token(query: Q, token: str) -> Q:
    return query if (query.token or "") == token else replace(query, token=token or None)


def _numbered(index: int, page: Page[T]) -> Page[T]:
    following = None if page.next_token is None else f"{index}~{page.next_token}"
    return Page(items=page.items, next_token=following, truncated=page.truncated)


async def walk(query: Q, source: Source[Q, T]) -> list[Page[T]]:
    """Every page of a listing, for those who want them all.

    Raises:
        UnreadableAnswer: The provider repeats a page.
    """
    pages: list[Page[T]] = []
    seen: set[str] = set()
    while True:
        page = await source(query)
        pages.append(page)
        if page.next_token is None:
            return pages
        if page.next_token in seen:
            raise unreadable("the provider repeats a page")
        seen.add(page.next_token)
        query = replace(query, token=page.next_token)
