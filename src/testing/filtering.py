"""Filters that a caller names: each is heeded, or refused; one that is ignored answers too much."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar, get_args

from src.connectors.base import BrowsesContainers, BrowsesItems
from src.core.errors import CallerError, ProviderNotFound, ProviderRejected
from src.models.query import ContainerQuery, ItemQuery, Sort
from src.models.unified import Container, Item, Page, State
from src.testing.bench import expect

E = TypeVar("E", Item, Container)
Shown = list[str]
_NOBODY = "zzunheardof"
"""No provider has this type, status or word."""
_LEEWAY = timedelta(days=1)
"""Some providers filter by minutes, and one by days."""
_REFUSED: Shown | None = None


async def check_item_filters(connector: BrowsesItems, container: str, item: str) -> None:
    """Every filter of a listing of items."""
    query = ItemQuery(container_id=container, limit=20)
    page = await connector.items(query)
    plain = _ids(page)
    if not plain:
        return
    for name, queries in _narrowed(query, item):
        answers = [await _unless_refused(connector.items(one)) for one in queries]
        _check_heeded("items", name, plain, answers)
    await _check_since(connector, query, page)
    await _check_sort(connector, query, page)


async def check_container_filters(connector: BrowsesContainers, container: str) -> None:
    """Every filter of the topmost containers."""
    query = ContainerQuery(limit=20)
    plain = _ids(await connector.containers(query))
    if not plain:
        return
    for name, narrowed in (
        ("type", replace(query, type=_NOBODY)),
        ("q", replace(query, q=_NOBODY)),
        ("parent_id", replace(query, parent_id=container or plain[0])),
    ):
        answer = await _unless_refused(connector.containers(narrowed))
        _check_heeded("containers", name, plain, [answer])


def _narrowed(query: ItemQuery, item: str) -> Iterator[tuple[str, list[ItemQuery]]]:
    """By filter: queries of which at least one must answer otherwise than without it."""
    yield "type", [replace(query, type=_NOBODY)]
    yield "status", [replace(query, status=_NOBODY)]
    yield "q", [replace(query, q=_NOBODY)]
    yield "state", [replace(query, state=state) for state in get_args(State)]
    if item:
        yield "parent_id", [replace(query, parent_id=item)]


def _check_heeded(verb: str, name: str, plain: Shown, answers: Sequence[Shown | None]) -> None:
    expect(
        any(answer is _REFUSED or answer != plain for answer in answers),
        f"{verb} ignores {name!r}: it answers the same as without. Heed it, or name it in"
        " refuse_filters",
    )


async def _check_since(connector: BrowsesItems, query: ItemQuery, page: Page[Item]) -> None:
    """Of a moment behind all that the page shows, nothing of the page is left."""
    moments = [_moment(item) for item in page.items if item.updated_at is not None]
    if not moments:
        return
    since = max(moments) + 2 * _LEEWAY
    later = await _unless_refused(connector.items(replace(query, updated_since=since)))
    left = set(_ids(page)) & set(later or ())
    expect(
        not left,
        f"items ignores 'updated_since': {min(left, default='')} was last changed before"
        f" {since:%Y-%m-%d}, and is answered. Heed it, or name it in refuse_filters",
    )


async def _check_sort(connector: BrowsesItems, query: ItemQuery, page: Page[Item]) -> None:
    moments = {_moment(item) for item in page.items if item.updated_at is not None}
    if len(moments) < 2:  # noqa: PLR2004  one moment is in any order
        return
    answers = [await _unless_refused(connector.items(replace(query, sort=one))) for one in Sort]
    expect(
        _REFUSED in answers or answers[0] != answers[1],
        "items ignores 'sort': both orders answer the same. Heed it, or name it in refuse_filters",
    )


def _moment(item: Item) -> datetime:
    return datetime.fromisoformat(str(item.updated_at))


def _ids(page: Page[E]) -> Shown:
    return [one.id for one in page.items]


async def _unless_refused(listing: Awaitable[Page[E]]) -> Shown | None:
    try:
        return _ids(await listing)
    except (CallerError, ProviderRejected, ProviderNotFound):
        return _REFUSED
