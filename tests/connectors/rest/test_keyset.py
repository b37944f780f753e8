"""Reading in the order of change: what changes or goes meanwhile makes nothing be missed."""

import pytest

from src.connectors.rest.ahead import Sheet
from src.connectors.rest.keyset import by_change
from src.core.errors import InvalidCursor, UnreadableAnswer

SIZE = 3


class Feed:
    """Names by the time of their change, in pages of three."""

    def __init__(self, **times: int) -> None:
        self.times = times
        self.asked: list[tuple[str, int]] = []

    async def read(self, since: str, number: int) -> Sheet[str]:
        self.asked.append((since, number))
        rows = sorted((time, name) for name, time in self.times.items() if f"{time:02}" >= since)
        page = rows[(number - 1) * SIZE : number * SIZE]
        return Sheet(
            items=[name for _, name in page],
            ids=[f"{time:02}" for time, _ in page],
            following="more" if len(rows) > number * SIZE else None,
        )


async def names(feed: Feed, since: str = "00", token: str | None = None) -> list[str]:
    return [name async for page in by_change(feed.read, since, token) for name in page.items]


async def test_each_page_begins_at_the_last_row_of_the_one_before() -> None:
    feed = Feed(a=1, b=2, c=3, d=4, e=5, f=6)
    assert await names(feed) == ["a", "b", "c", "d", "e", "f"]
    assert feed.asked == [("00", 1), ("03", 1), ("05", 1)]


async def test_nothing_new_takes_one_request() -> None:
    feed = Feed(a=1)
    assert await names(feed, "05") == []
    assert len(feed.asked) == 1


async def test_a_page_of_one_time_leads_on_by_number() -> None:
    feed = Feed(a=1, b=2, c=2, d=2, e=2, f=2, g=2, h=3)
    assert set(await names(feed)) == set("abcdefgh")


async def test_what_goes_and_what_changes_meanwhile_hides_nothing() -> None:
    feed = Feed(a=1, b=2, c=3, d=4, e=5, f=6, g=7, h=8)
    seen: list[str] = []
    async for page in by_change(feed.read, "00", None):
        seen += page.items
        if len(feed.asked) == 1:
            del feed.times["a"], feed.times["b"]
            feed.times["e"] = 9
    assert set(seen) == set("abcdefgh")


async def test_it_goes_on_behind_each_page() -> None:
    feed = Feed(a=1, b=2, c=2, d=2, e=2, f=6, g=7, h=8)
    pages = [page async for page in by_change(feed.read, "00", None)]
    for count, page in enumerate(pages[:-1], 1):
        had = {name for each in pages[:count] for name in each.items}
        assert had | set(await names(feed, token=page.next_token)) == set("abcdefgh")
    assert pages[-1].next_token is None


async def test_a_list_in_another_order_is_not_believed() -> None:
    async def read(since: str, number: int) -> Sheet[str]:
        return Sheet(items=["a"], ids=["01"], following="more")

    with pytest.raises(UnreadableAnswer):
        async for _ in by_change(read, "05", None):
            pass


async def test_a_token_of_another_form_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        await names(Feed(), token="nonsense")
