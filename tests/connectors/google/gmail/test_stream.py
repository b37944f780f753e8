"""The stream of messages: each mail is a record of its own, kept up by the mailbox's history."""

from contextlib import aclosing
from datetime import UTC, datetime

from src.connectors.google.connector import GoogleConnector
from src.connectors.google.gmail.ids import MAILBOX
from src.connectors.google.gmail.reader import GmailReader
from src.connectors.google.gmail.room import Gmail
from src.connectors.syncing import SyncQuery
from src.models.query import CommentQuery, ItemQuery, OneItemQuery
from src.models.unified import Item
from src.testing.streams import hand, syncing
from tests.connectors.google.conftest import Google, Open
from tests.connectors.google.deeds import CLIENTS, PLANS, label_mail, labelled, send_mail
from tests.connectors.google.runs import asked, bench_of, full, later, read_by, tokens


async def test_each_mail_of_a_thread_is_a_record_with_its_text() -> None:
    done = await full(bench_of(), "messages", (PLANS,))
    plans = [
        one
        for one in done.records.values()
        if isinstance(one, Item) and one.title.endswith("Quarterly plan")
    ]
    assert len(plans) == 15
    assert len({one.parent_id for one in plans}) == 1
    assert all("about the plan" in (one.body or "") for one in plans)
    assert {one.type for one in plans} == {"message"}


async def test_a_record_can_be_read_as_an_item(open_with: Open) -> None:
    connector: GoogleConnector = open_with()
    found = await connector.fetch("messages", "gmail:message:19bc0000000001f3")
    assert found is not None
    assert await connector.item(OneItemQuery(item_id=found.id)) == found
    raw = await connector.item(OneItemQuery(item_id=found.id, include_raw=True))
    assert b'"payload"' in bytes(raw.raw)  # type: ignore[arg-type]  # it was asked for
    assert not (await connector.comments(CommentQuery(item_id=found.id))).items


async def test_what_goes_to_the_trash_is_gone_until_it_is_taken_out() -> None:
    bench = bench_of()
    first = await full(bench, "messages", (CLIENTS,))
    mail = (await labelled(hand(bench), "Label_2"))[0]
    await label_mail(hand(bench), mail, add=("TRASH",))
    trashed = await later(bench, "messages", first, (CLIENTS,))
    assert trashed.deleted == {f"gmail:message:{mail}"}
    assert await syncing(bench).fetch("messages", f"gmail:message:{mail}") is None
    await label_mail(hand(bench), mail, remove=("TRASH",))
    back = await later(bench, "messages", trashed, (CLIENTS,))
    assert back.ids == [f"gmail:message:{mail}"]
    assert not back.deleted


async def test_a_mail_that_leaves_the_chosen_labels_is_gone_from_the_stream() -> None:
    bench = bench_of()
    chosen = (PLANS, CLIENTS)
    first = await full(bench, "messages", chosen)
    one, other = (await labelled(hand(bench), "Label_2"))[:2]
    await label_mail(hand(bench), one, remove=("Label_2",))
    await label_mail(hand(bench), other, add=("Label_1",), remove=("Label_2",))
    done = await later(bench, "messages", first, chosen)
    assert done.deleted == {f"gmail:message:{one}"}
    assert done.ids == [f"gmail:message:{other}"]


async def test_a_long_history_is_read_page_by_page_and_each_mail_as_it_is_now() -> None:
    bench = bench_of()
    connector = bench.connector()
    first = await full(bench, "messages", (CLIENTS,))
    sent = [await send_mail(hand(bench), "Label_2") for _ in range(5)]
    await hand(bench).switch("DELETE", f"/mails/ann/{sent[0]}")
    query = asked(bench, "messages", first, (CLIENTS,))
    done = await read_by(GmailReader(Gmail(connector), limit=2), query)
    assert set(done.ids) == {f"gmail:message:{one}" for one in sent[1:]}
    assert f"gmail:message:{sent[0]}" in done.deleted
    assert not (await later(bench, "messages", done, (CLIENTS,))).ids
    for count in range(1, len(done.pages)):
        left = done.before(count, query)
        rest = await read_by(GmailReader(Gmail(connector), limit=2), left)
        had = {one.id for page in done.pages[:count] for one in page.records}
        assert had | set(rest.ids) == set(done.ids)
        assert tokens(rest) == tokens(done)


async def test_what_happens_while_the_history_is_read_is_in_the_next_run() -> None:
    bench = bench_of()
    connector = bench.connector()
    first = await full(bench, "messages", (CLIENTS,))
    for _ in range(3):
        await send_mail(hand(bench), "Label_2")
    star = (await labelled(hand(bench), "Label_2"))[-1]
    bench.wires.meanwhile(3, lambda: label_mail(hand(bench), star, add=("STARRED",)))
    query = asked(bench, "messages", first, (CLIENTS,))
    done = await read_by(GmailReader(Gmail(connector), limit=2), query)
    assert len(done.ids) == 3
    found = await later(bench, "messages", done, (CLIENTS,))
    assert f"gmail:message:{star}" in found.ids


async def test_the_whole_mailbox_is_kept_up_without_spam_and_trash() -> None:
    bench = bench_of("ya29.sandbox-ben")
    first = await full(bench, "messages")
    (only,) = first.ids
    assert tokens(first).keys() == {"gmail:mailbox"}
    for aside in ("SPAM", "TRASH"):
        await label_mail(hand(bench), only.rpartition(":")[2], add=(aside,))
        done = await later(bench, "messages", first)
        assert (done.ids, done.deleted) == ([], {only})
        await label_mail(hand(bench), only.rpartition(":")[2], remove=(aside,))
        assert (await later(bench, "messages", done)).ids == [only]


async def test_a_mail_that_is_known_to_be_gone_is_not_asked_for() -> None:
    bench = bench_of()
    first = await full(bench, "messages", (CLIENTS,))
    sent = await send_mail(hand(bench), "Label_2")
    await hand(bench).switch("DELETE", f"/mails/ann/{sent}")
    bench.wires.forget()
    done = await later(bench, "messages", first, (CLIENTS,))
    assert (done.ids, done.deleted) == ([], {f"gmail:message:{sent}"})
    assert len(bench.wires.requests) == 1


async def test_a_run_keeps_to_its_pace_and_browsing_beside_it_does_not_wait(
    google: Google, open_with: Open
) -> None:
    query = SyncQuery(stream="messages", started_at=datetime.now(UTC))
    mails = 0
    async with aclosing(open_with(owner="con_1", background=True).sync(query)) as pages:
        async for page in pages:
            mails += len(page.records)
            if mails >= 60:
                break
    # The third page would end 20 s after the first began, but for a burst of five.
    assert 14 < max(google.sleeps.seconds) < 17

    google.sleeps.seconds.clear()
    browsing = open_with(owner="con_1")
    assert (await browsing.items(ItemQuery(container_id=MAILBOX, limit=50))).items
    assert google.sleeps.seconds == []
