"""Follow a listing page by page, as a caller does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from src.models.query import PageQuery
from src.models.unified import Page
from src.testing.bench import expect

MOST_PAGES = 500


class Identified(Protocol):
    """A container, an item, a comment."""

    @property
    def id(self) -> str:
        """Its id."""


T = TypeVar("T", bound=Identified)
Q = TypeVar("Q", bound=PageQuery)


async def follow(
    verb: Callable[[Q], Awaitable[Page[T]]],
    query: Q,
    *,
    most: int = MOST_PAGES,
    once: bool = True,
) -> list[Page[T]]:
    """The first ``most`` pages: none is too long, and each id comes but ``once``."""
    pages: list[Page[T]] = []
    seen: set[str] = set()
    while len(pages) < most:
        page = await verb(query)
        expect(
            len(page.items) <= query.limit,
            f"A page has {len(page.items)} entries for limit={query.limit}: ask the provider for"
            " query.limit (the paginator's size parameter).",
        )
        for entry in page.items:
            expect(
                not once or entry.id not in seen,
                f"{entry.id} comes twice: following the tokens must repeat nothing. Look at the"
                " paginator's first page and step.",
            )
            seen.add(entry.id)
        pages.append(page)
        if page.next_token is None:
            return pages
        query = replace(query, token=page.next_token)
    return pages


async def follow_to_the_end(verb: Callable[[Q], Awaitable[Page[T]]], query: Q) -> list[Page[T]]:
    """Every page of a listing that ends."""
    pages = await follow(verb, query)
    expect(
        pages[-1].next_token is None,
        f"The listing does not end within {MOST_PAGES} pages: look at how the paginator finds the"
        " last one.",
    )
    return pages


def entries(pages: list[Page[T]]) -> list[T]:
    """What the pages hold, in order."""
    return [entry for page in pages for entry in page.items]
