"""Feeds whose tokens Google has forgotten, and runs that are broken off."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from src.connectors.base import Syncs
from src.connectors.google.feeds import FeedReader, FeedTokens
from src.connectors.google.gmail.reader import GmailReader
from src.connectors.google.gmail.room import Gmail
from src.connectors.syncing import CheckpointExpired, PartPage
from src.core.errors import InsufficientScope
from src.models.unified import Item
from src.testing.streams import hand, run, whole_run
from tests.connectors.google.deeds import OWN, PLANS, TEAM, labelled
from tests.connectors.google.runs import asked, bench_of, full, later, read_by, tokens

SMALL = {"files": None, "messages": (PLANS,), "events": (OWN, TEAM)}


@pytest.mark.parametrize("stream", SMALL)
async def test_a_token_that_google_has_forgotten_asks_for_a_full_run(stream: str) -> None:
    bench = bench_of()
    first = await full(bench, stream, SMALL[stream])
    await hand(bench).switch("POST", "/forget")
    with pytest.raises(CheckpointExpired):
        await later(bench, stream, first, SMALL[stream])
    again = await full(bench, stream, SMALL[stream])
    assert set(again.ids) == set(first.ids)
    assert tokens(again) != tokens(first)
    assert not (await later(bench, stream, again, SMALL[stream])).ids


async def test_a_token_that_is_none_asks_for_a_full_run() -> None:
    bench = bench_of()
    for stream, part in (("files", "drive:account"), ("events", OWN)):
        query = asked(bench, stream, containers=(part,))
        with pytest.raises(CheckpointExpired):
            await whole_run(bench, replace(query, checkpoint=FeedTokens(feeds={part: "nonsense"})))


async def test_a_container_without_a_feed_is_not_read_as_if_nothing_could_have_gone() -> None:
    bench = bench_of()
    first = await full(bench, "events", (OWN,))
    with pytest.raises(CheckpointExpired):
        await later(bench, "events", first, (OWN, TEAM))


async def test_a_page_whose_token_has_grown_old_is_begun_again_by_itself() -> None:
    bench = bench_of()
    connector = bench.connector()
    whole = await full(bench, "messages", (PLANS,))

    def reader() -> GmailReader:
        return GmailReader(Gmail(connector), limit=9)

    paged = await read_by(reader(), asked(bench, "messages", containers=(PLANS,)))
    assert set(paged.ids) == set(whole.ids)
    assert len(paged.pages) > len(whole.pages)
    broken = paged.before(2, asked(bench, "messages", containers=(PLANS,)))
    assert broken.position is not None
    assert '\\"0\\":' in broken.position
    # The token in the position is of another question now, as one is that has expired.
    query = replace(broken, container_ids=(PLANS,), plan=("gmail:label:Label_2",))
    found = await read_by(reader(), query)
    assert set(found.ids) == {
        f"gmail:message:{one}" for one in await labelled(hand(bench), "Label_2")
    }


async def test_a_part_that_cannot_be_read_keeps_its_place_and_the_others_go_on() -> None:
    bench = bench_of()
    first = await full(bench, "events", (OWN, TEAM))
    await bench.fault(kind="not_found", path="/calendar/v3/calendars/ann", times=1)
    done = await later(bench, "events", first, (OWN, TEAM))
    await bench.fault()
    assert [one.id for page in done.pages for one in page.unread] == [OWN]
    assert tokens(done)[OWN] == tokens(first)[OWN]
    assert TEAM in tokens(done)


async def test_what_the_grant_does_not_cover_cannot_be_synchronized() -> None:
    connector = bench_of().connector()
    assert isinstance(connector, Syncs)
    connector.granted_scopes = ("openid",)
    with pytest.raises(InsufficientScope):
        await connector.fetch("messages", "gmail:message:19bc0000000001f3")


async def test_an_account_without_gmail_has_a_mailbox_that_cannot_be_read() -> None:
    bench = bench_of("ya29.sandbox-cloe")
    done = await run(bench, asked(bench, "messages"))
    assert done.error is None
    assert [one.id for page in done.pages for one in page.unread] == ["gmail:mailbox"]
    assert tokens(done) == {"gmail:mailbox": "unread"}


async def test_a_part_that_could_not_be_read_at_first_is_read_by_the_next_run() -> None:
    bench = bench_of()
    whole = await full(bench, "files")
    await bench.fault(kind="not_found", path="/drive/v3/files", after=1)
    first = await full(bench, "files")
    await bench.fault()
    unread = {one.id for page in first.pages for one in page.unread}
    assert unread
    assert set(tokens(first)) == set(tokens(whole))
    done = await later(bench, "files", first)
    assert set(done.ids) | set(first.ids) == set(whole.ids)
    assert tokens(done) == tokens(whole)


class ManyParts(FeedReader):
    """A reader of a stream in very many parts, each empty."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    @staticmethod
    def check(container_id: str) -> None:
        raise AssertionError(container_id)

    async def plan(self) -> list[str]:
        return [f"drive:drive:0A{number:017}" for number in range(self._count)]

    async def whole(self, part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        self.feeds[part] = "a token with spaces" if part.endswith("07") else "1768000"
        yield PartPage(next_token=token)

    async def changes(
        self, part: str, since: str, token: str | None
    ) -> AsyncGenerator[PartPage, None]:
        self.feeds[part] = since
        yield PartPage(next_token=token)

    async def fetch(self, record_id: str) -> Item | None:
        raise NotImplementedError(record_id)


async def test_feeds_that_find_no_room_in_a_checkpoint_make_each_run_a_full_one() -> None:
    bench = bench_of()
    few = await read_by(ManyParts(100), asked(bench, "files"))
    assert len(tokens(few)) == 100
    assert tokens(few)["drive:drive:0A00000000000000007"] == "unread"
    assert len((await read_by(ManyParts(100), asked(bench, "files", few))).pages) == 102
    many = await read_by(ManyParts(600), asked(bench, "files"))
    assert tokens(many) == {}
    with pytest.raises(CheckpointExpired):
        await read_by(ManyParts(600), asked(bench, "files", many))
