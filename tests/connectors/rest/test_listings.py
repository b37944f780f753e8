"""Several listings as one: one after the other, one in place of another, and all pages at once."""

import pytest

from src.connectors.rest.paginators import chain, fallback, walk
from src.core.errors import ProviderForbidden, ProviderNotFound, SkipThis, UnreadableAnswer
from src.models.query import PageQuery
from src.models.unified import Container, Page

Token = str | None


def container(name: str) -> Container:
    return Container(id=name, type="t", name=name)


class Source:
    """A listing with these pages; each is a text, one letter an entry, ``!`` for truncated."""

    def __init__(self, *pages: str) -> None:
        self.pages = pages
        self.calls: list[tuple[Token, int]] = []

    async def __call__(self, query: PageQuery) -> Page[Container]:
        self.calls.append((query.token, query.limit))
        number = int(query.token or 0)
        text = self.pages[number]
        return Page(
            items=tuple(container(letter) for letter in text.strip("!")),
            next_token=str(number + 1) if number + 1 < len(self.pages) else None,
            truncated="!" in text,
        )


async def read(*sources: Source) -> list[str]:
    """What a caller gets, page by page."""
    pages = await walk(PageQuery(limit=2), lambda query: chain(query, sources))
    return [
        "".join(one.id for one in page.items) + ("!" if page.truncated else "") for page in pages
    ]


@pytest.mark.parametrize(
    ("sources", "pages"),
    [
        ([("ab", "c"), ("d",)], ["ab", "c", "d"]),
        ([("ab",), ("cd", "e")], ["ab", "cd", "e"]),
        ([("",), ("a",)], ["a"]),
        ([("",), ("",), ("a",)], ["a"]),
        ([("a",), ("",)], ["a", ""]),
        ([("",), ("",)], [""]),
        ([("a", ""), ("b",)], ["a", "b"]),
        ([("", "a"), ("b",)], ["", "a", "b"]),
        ([("a",)], ["a"]),
        ([("a!",), ("b",)], ["a!", "b"]),
        ([("!",), ("b",)], ["b!"]),
        ([("!",), ("",)], ["!"]),
        ([("a",), ("b!", "c")], ["a", "b!", "c"]),
    ],
)
async def test_a_chain_reads_one_after_the_other(
    sources: list[tuple[str, ...]], pages: list[str]
) -> None:
    assert await read(*(Source(*one) for one in sources)) == pages


async def test_a_chain_hands_on_the_limit_and_the_sources_own_token() -> None:
    first, second = Source("ab", "c"), Source("d", "e")
    await read(first, second)
    assert first.calls == [(None, 2), ("1", 2)]
    assert second.calls == [(None, 2), ("1", 2)]


async def test_a_source_without_entries_costs_no_empty_page() -> None:
    page = await chain(PageQuery(), (Source(""), Source("a", "b")))
    assert [one.id for one in page.items] == ["a"]
    assert page.next_token == "1~1"


async def test_an_error_of_a_source_passes() -> None:
    async def broken(query: PageQuery) -> Page[Container]:
        raise ProviderForbidden("no")

    with pytest.raises(ProviderForbidden):
        await chain(PageQuery(), (Source(""), broken))


class Missing:
    """A listing that the provider does not have, from this page on."""

    def __init__(self, error: SkipThis, *pages: str) -> None:
        self.error = error
        self.present = Source(*pages, "")

    async def __call__(self, query: PageQuery) -> Page[Container]:
        if int(query.token or 0) >= len(self.present.pages) - 1:
            raise self.error
        return await self.present(query)


def gone(error: SkipThis) -> bool:
    return isinstance(error, ProviderNotFound)


async def test_a_listing_that_is_there_is_read_and_the_other_is_not_asked() -> None:
    second = Source("x")
    pages = await walk(
        PageQuery(), lambda query: fallback(query, Source("a", "b!"), second, when=gone)
    )
    assert [[one.id for one in page.items] for page in pages] == [["a"], ["b"]]
    assert [page.truncated for page in pages] == [False, True]
    assert second.calls == []


async def test_the_other_listing_stands_in_to_its_end() -> None:
    first, second = Missing(ProviderNotFound("gone")), Source("x", "y")
    pages = await walk(PageQuery(), lambda query: fallback(query, first, second, when=gone))
    assert [[one.id for one in page.items] for page in pages] == [["x"], ["y"]]


@pytest.mark.parametrize(
    ("error", "pages"), [(ProviderForbidden("no"), ()), (ProviderNotFound("gone"), ("a",))]
)
async def test_another_error_or_one_in_the_middle_passes(
    error: SkipThis, pages: tuple[str, ...]
) -> None:
    first = Missing(error, *pages)
    with pytest.raises(type(error)):
        await walk(PageQuery(), lambda query: fallback(query, first, Source("x"), when=gone))


async def test_walk_stops_at_a_token_that_comes_again() -> None:
    calls: list[Token] = []

    async def in_circles(query: PageQuery) -> Page[Container]:
        calls.append(query.token)
        return Page(items=(), next_token="b" if query.token == "a" else "a")

    with pytest.raises(UnreadableAnswer):
        await walk(PageQuery(), in_circles)
    assert calls == [None, "a", "b"]
