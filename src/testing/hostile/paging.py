"""Lists that repeat, or never end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from src.connectors.base import (
    BaseConnector,
    BrowsesComments,
    BrowsesContainers,
    BrowsesItems,
    PicksResources,
)
from src.core.errors import AppError, UnreadableAnswer
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, PageQuery
from src.models.unified import Page
from src.sandbox.kit.endless import is_later
from src.testing.bench import Bench, expect
from src.testing.hostile.trials import Ledger
from src.testing.picking import places, query_of

if TYPE_CHECKING:
    from src.testing.conformance import ConnectorConformance

PAGES = 2
"""So many pages of one list are followed here; in the service it is ten thousand."""
_MOST_PAGES = 60
_CHAINED = 6
"""So many lists, one behind the other, may be one list of ours."""
_RULE = "bounded-paging"


async def check_paging(suite: type[ConnectorConformance], ledger: Ledger) -> None:
    """Every list of verbs, repeated and endless."""
    for scenario in ("repeated page", "endless paging"):
        bench = suite().open_bench()
        bench.page_cap = PAGES
        for name, query in _lists(suite, bench.connector()):
            await bench.fault(kind=scenario.replace(" ", "_").replace("paging", "pages"))
            async with ledger.trial(_RULE, scenario, name):
                await _check(bench, scenario, name, query, ledger)


async def _check(bench: Bench, scenario: str, name: str, query: PageQuery, ledger: Ledger) -> None:
    verb = _verb(bench.connector(), name)
    truncated = False
    for _ in range(_MOST_PAGES):
        asked = len(bench.wires.requests)
        page, error = await ledger.watched(bench, scenario, name, partial(verb, query))
        if page is None:
            expect(
                isinstance(error, AppError),
                f"{name}: it became {type(error).__name__} ({error}), it must end, or become"
                f" {UnreadableAnswer.__name__}",
            )
            return
        sent = len(bench.wires.requests) - asked
        most = PAGES * _CHAINED + query.limit * 2
        expect(sent <= most, f"{name} makes {sent} requests for one page")
        truncated = truncated or page.truncated
        if page.next_token is None:
            is_cut = scenario == "endless paging" and is_followed(bench)
            expect(
                truncated or not is_cut,
                f"{name} is cut, and no page of it says `truncated`: callers would take it for all",
            )
            return
        query = replace(query, token=page.next_token)
    expect(False, f"{name} does not end within {_MOST_PAGES} pages")


def is_followed(bench: Bench) -> bool:
    """Whether it is a list of pages, and not one that comes whole."""
    return any(
        is_later(request.url.query.decode("ascii"), request.headers.get("range", ""))
        for request in bench.wires.requests
    )


def _lists(
    suite: type[ConnectorConformance], connector: BaseConnector
) -> Iterator[tuple[str, PageQuery]]:
    if isinstance(connector, BrowsesContainers):
        yield "containers", ContainerQuery(parent_id=suite.parent, limit=suite.limit)
    if isinstance(connector, BrowsesItems):
        yield "items", ItemQuery(container_id=suite.container, limit=suite.limit)
    if isinstance(connector, BrowsesComments):
        yield "comments", CommentQuery(item_id=suite.item, limit=suite.limit)
    if isinstance(connector, PicksResources):
        for kind in connector.manifest.resource_types:
            if kind.name not in suite.beyond:
                place = places(kind, suite.resource_parents)[-1]
                yield f"resources of {kind.name}", query_of(kind, place, suite.limit)


def _verb(connector: BaseConnector, name: str) -> Callable[[PageQuery], Awaitable[Page[Any]]]:
    found: Callable[[PageQuery], Awaitable[Page[Any]]] = getattr(connector, name.partition(" ")[0])
    return found
