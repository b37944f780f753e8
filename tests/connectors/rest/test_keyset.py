"""Reading in the order of change: what changes or goes meanwhile makes nothing be missed."""

import random
from collections.abc import Callable

import pytest

from src.connectors.rest.ahead import Sheet
from src.connectors.rest.keyset import by_change
from src.core.errors import InvalidCursor, ProviderUnavailable, UnreadableAnswer

SIZE = 3


class Feed:
    """Names by the time of their change, in pages of three."""

    def __init__(self, **times: int) -> None:
        self.times = times
        self.asked: list[tuple[str, int]] = []
        self.meanwhile: Callable[[], object] = lambda: None
        """Called before each answer."""

    async def read(self, since: str, number: int) -> Sheet[str]:
        self.asked.append((since, number))
        self.meanwhile()
        rows = sorted((time, name) for name, time in self.times.items() if f"{time:02}" >= since)
        page = rows[(number - 1) * SIZE : number * SIZE]
        return Sheet(
            items=[name for _, name in page],
            ids=[f"{time:02}" for time, _ in page],
            keys=[name for _, name in page],
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


def of_one_second(count: int) -> Feed:
    return Feed(**{f"row{number:02}": 5 for number in range(count)}, last=7)


async def test_a_row_that_leaves_a_second_of_three_pages_hides_none_behind_it() -> None:
    feed = of_one_second(9)
    names_of_all = set(feed.times)
    seen: list[str] = []
    async for page in by_change(feed.read, "00", None):
        seen += page.items
        if len(feed.asked) in {1, 3}:
            # What began the page that is read next ends the page before from now on.
            feed.times[min(name for name, time in feed.times.items() if time == 5)] = 9
    assert set(seen) == names_of_all


@pytest.mark.parametrize("seed", range(40))
async def test_whatever_leaves_a_second_of_many_pages_nothing_that_stays_is_lost(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  order, not secrecy
    feed = of_one_second(SIZE * 6)
    moment = 10

    def meanwhile() -> None:
        nonlocal moment
        for name in chance.sample(sorted(feed.times), chance.randint(0, 2)):
            if chance.random() < 0.3:
                del feed.times[name]
            elif moment < 40:
                moment += 1
                feed.times[name] = moment

    feed.meanwhile = meanwhile
    token, seen = None, set[str]()
    goes_on = True
    while goes_on:
        # A slice is cut now and then, and another goes on where it stood.
        async for page in by_change(feed.read, "00", token):
            seen |= set(page.items)
            token = page.next_token
            goes_on = token is not None
            if chance.random() < 0.3:
                break
    assert seen >= set(feed.times)


async def test_a_second_that_has_moved_by_more_than_a_page_is_read_anew() -> None:
    feed = of_one_second(12)
    stays = [f"row{number:02}" for number in range(5, 12)]
    pages = by_change(feed.read, "05", None)
    seen = set((await anext(pages)).items)
    for number in range(5):
        del feed.times[f"row{number:02}"]
    seen |= {name async for page in pages for name in page.items}
    assert seen >= {*stays, "last"}


async def test_a_second_that_never_rests_is_given_up() -> None:
    feed = of_one_second(50)

    def renew() -> None:
        feed.times = {f"{name}x": time for name, time in feed.times.items()}

    feed.meanwhile = renew
    with pytest.raises(ProviderUnavailable):
        await names(feed)


async def test_a_token_from_before_marks_goes_on() -> None:
    assert set(await names(of_one_second(9), token='["05",3]')) >= {"row06", "row08", "last"}


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
