"""What is listed: ids are ours in form, come once, and the next call takes them unchanged."""

from __future__ import annotations

import re

from src.connectors.base import BrowsesComments, BrowsesContainers, BrowsesItems
from src.core.errors import AppError, UnsupportedCapability
from src.models.ids import PROVIDER_ID_PATTERN
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery
from src.models.unified import Container, Item
from src.testing.bench import expect, refuse, told
from src.testing.walking import entries, follow

_ID = re.compile(PROVIDER_ID_PATTERN)
_FIRST_PAGES = 3


async def check_containers(connector: BrowsesContainers, limit: int) -> None:
    """The first containers, what is below them, and their items."""
    query = ContainerQuery(limit=limit)
    for container in entries(await follow(connector.containers, query, most=_FIRST_PAGES)):
        _check_id(container.id, "container")
        below = await connector.containers(ContainerQuery(parent_id=container.id, limit=1))
        for child in below.items:
            _check_id(child.id, "container")
        if isinstance(connector, BrowsesItems):
            await _check_items(connector, container)


async def _check_items(connector: BrowsesItems, container: Container) -> None:
    try:
        page = await connector.items(ItemQuery(container_id=container.id, limit=1))
    except UnsupportedCapability:
        return
    except AppError as error:
        refuse(
            f"items of {container.id} fail ({told(error)}): a container that"
            " is listed must answer its items, an empty page or UnsupportedCapability"
        )
    for item in page.items:
        await _check_item(connector, container.id, item)


async def _check_item(connector: BrowsesItems, container_id: str, item: Item) -> None:
    _check_id(item.id, "item")
    expect(
        item.container_id == container_id,
        f"{item.id} says it is in {item.container_id}, it was listed in {container_id}",
    )
    one = await connector.item(OneItemQuery(item_id=item.id))
    expect(one.id == item.id, f"item({item.id}) answers {one.id}: keep the id")
    expect(one.body is not None, f"item({item.id}) has no body: a single item comes with it")
    if isinstance(connector, BrowsesComments):
        said = await connector.comments(CommentQuery(item_id=item.id, limit=1))
        for comment in said.items:
            _check_id(comment.id, "comment")
            expect(comment.item_id == item.id, f"{comment.id} must have item_id {item.id}")


def _check_id(value: str, kind: str) -> None:
    expect(
        _ID.fullmatch(value),
        f"{kind} id {value!r} is outside {PROVIDER_ID_PATTERN}: build ids from the provider's"
        " numbers, encode what does not fit",
    )


def need_pages(count: int, landmark: str, limit: int) -> None:
    """A walk that sees one page only proves nothing."""
    expect(
        count > 1,
        f"{landmark} fits on one page of {limit}: name one with more, or lower `limit`, so that"
        " paging is really walked; if it holds more, the paginator finds no next page",
    )
