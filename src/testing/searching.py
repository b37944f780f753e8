"""Try to leave a container with a search."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from src.connectors.base import BrowsesContainers, BrowsesItems
from src.core.errors import CallerError
from src.models.query import ContainerQuery, ItemQuery
from src.models.unified import Container, Item
from src.testing.bench import Bench, expect
from src.testing.walking import entries, follow

T = TypeVar("T")
OpenBench = Callable[[], Bench]
_MOST_PAGES = 20
_LIMIT = 100


def hostile(word: str, attacks: Sequence[str]) -> list[str]:
    """Searches that mean something in one query language or another."""
    return [
        f'{word}" OR "',
        f'" OR {word}',
        f"{word} OR {word}",
        f"{word}' OR '1'='1",
        f"{word}\\",
        f'\\" {word}',
        f"{word}\n{word}",
        f"{word}) OR ({word}",
        f"-{word} OR *",
        f"{word} \N{RIGHT DOUBLE QUOTATION MARK} OR {word}\u2028{word}",
        f"{word}%' OR 1=1 --",
        f"{word}&q=*&container=*#",
        *attacks,
        *(f"{word} {attack}" for attack in attacks),
    ]


async def search_items(
    bench: OpenBench, container: str, word: str, searches: Sequence[str]
) -> None:
    """Every search finds items of the container only, or is refused as the caller's mistake."""
    query = ItemQuery(container_id=container, limit=_LIMIT)
    inside = {(item.id, item.url) for item in await _items(bench, query)}
    expect(
        await _unless_refused(_items(bench, replace(query, q=word))),
        f"word={word!r} finds nothing in {container}: name a word that the sandbox has there and"
        " elsewhere, or None when the connector refuses q",
    )
    for text in (word, *searches):
        for item in await _unless_refused(_items(bench, replace(query, q=text))):
            expect(
                (item.id, item.url) in inside,
                f"q={text!r} found {item.url or item.id}, which is not in {container}: escape q"
                " into the provider's query language, it is data",
            )


async def search_containers(bench: OpenBench, parent: str, searches: Sequence[str]) -> None:
    """The same for containers below a parent."""
    query = ContainerQuery(parent_id=parent, limit=_LIMIT)
    inside = {one.id for one in await _containers(bench, query)}
    expect(inside, f"parent={parent!r} holds nothing: name one with containers below it")
    for text in searches:
        for container in await _unless_refused(_containers(bench, replace(query, q=text))):
            expect(
                container.id in inside,
                f"q={text!r} found {container.name}, which is not below {parent}: escape q into the"
                " provider's query language, it is data",
            )


async def _items(bench: OpenBench, query: ItemQuery) -> list[Item]:
    connector = bench().connector()
    if not isinstance(connector, BrowsesItems):
        return []
    return entries(await follow(connector.items, query, most=_MOST_PAGES, once=False))


async def _containers(bench: OpenBench, query: ContainerQuery) -> list[Container]:
    connector = bench().connector()
    if not isinstance(connector, BrowsesContainers):
        return []
    return entries(await follow(connector.containers, query, most=_MOST_PAGES, once=False))


async def _unless_refused(search: Awaitable[list[T]]) -> list[T]:
    try:
        return await search
    except CallerError:
        return []
