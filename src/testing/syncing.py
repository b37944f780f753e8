"""What every stream of every connector must do; part of ``ConnectorConformance``.

A connector that syncs names a ``StreamSample`` for each stream of its manifest. Every check runs
the stream over the imitation, breaks it off, changes things meanwhile, and looks at what is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from functools import partial
from typing import ClassVar, Protocol

from src.connectors.base import Syncs
from src.connectors.manifest import Deletions, Stream
from src.core.errors import (
    CredentialRefused,
    ProviderUnavailable,
    RateLimited,
    UnreadableAnswer,
)
from src.models.record import RecordKind
from src.testing.bench import Bench, expect, refuse
from src.testing.disturbances import check_changes, check_moving, check_trouble, cuts
from src.testing.runs import (
    check_checkpoint,
    check_positions,
    check_records,
    need_records,
    some,
)
from src.testing.streams import (
    StreamSample,
    hand,
    query_of,
    syncing,
    whole_run,
    written,
)

_TROUBLES = (
    ({"kind": "rate_limited", "retry_after": 70}, RateLimited),
    ({"kind": "server_error", "status": 503}, ProviderUnavailable),
    ({"kind": "unauthorized"}, CredentialRefused),
    ({"kind": "not_json"}, UnreadableAnswer),
)


class _Suite(Protocol):
    """What the checks use of the suite."""

    streams: ClassVar[Mapping[str, StreamSample]]
    streams_elsewhere: ClassVar[tuple[str, ...]]

    def open_bench(self) -> Bench:
        """A fresh bench."""


class SyncConformance:
    """Checks of ``Syncs``; connectors without it pass them by."""

    streams: ClassVar[Mapping[str, StreamSample]] = {}
    """For each stream of the manifest what the suite has to know of it."""
    streams_elsewhere: ClassVar[tuple[str, ...]] = ()
    """Those that another suite of the same connector names: checked once is enough."""

    async def test_a_full_run_gives_everything_once(self: _Suite) -> None:
        """Records have our ids and their kind; positions and checkpoints can be kept."""
        for stream, sample in _sampled(self):
            bench = self.open_bench()
            query = query_of(stream, sample)
            done = await whole_run(bench, query)
            check_records(stream, done, parts_are_feeds=sample.parts_are_feeds)
            check_positions(stream, done, bench)
            check_checkpoint(stream, query, done)
            strangers = {request.url.host for request in bench.wires.requests} - {bench.wires.host}
            expect(not strangers, f"It called {strangers}: build every request with self.rest")

    async def test_a_record_is_fetched_as_it_is_listed(self: _Suite) -> None:
        """Or else each webhook would change what a run had stored, and each run change it back."""
        for stream, sample in _sampled(self):
            bench = self.open_bench()
            done = need_records(stream, await whole_run(bench, query_of(stream, sample)))
            for record_id in {done.ids[0], done.ids[-1]}:
                found = await syncing(bench).fetch(stream.name, record_id)
                if found is None:
                    refuse(f"{stream.name}: fetch({record_id}) finds nothing, and it was listed")
                expect(
                    bool(sample.fetch_differs)
                    or written(found) == written(done.records[record_id]),
                    f"{stream.name}: fetch({record_id}) differs from the record of a run:\n"
                    f"{written(found).decode()}\n{written(done.records[record_id]).decode()}",
                )

    async def test_a_run_goes_on_after_each_page(self: _Suite) -> None:
        """Whoever goes on from the position behind a page gets all that had not come."""
        for stream, sample in _sampled(self):
            query = query_of(stream, sample)
            whole = await whole_run(self.open_bench(), query)
            for count in cuts(len(whole.pages)):
                rest = await whole_run(self.open_bench(), whole.before(count, query))
                had = {record.id for page in whole.pages[:count] for record in page.records}
                lost = set(whole.ids) - had - set(rest.ids)
                expect(
                    not lost,
                    f"{stream.name}: {some(lost)} are lost to who goes on after page {count} of"
                    f" {len(whole.pages)}: a position may only name what lies behind its page",
                )
                expect(
                    not stream.incremental or rest.checkpoint == whole.checkpoint,
                    f"{stream.name}: a run that goes on must come to the checkpoint of the whole:"
                    " build it from query.started_at and the checkpoint before",
                )

    async def test_nothing_is_lost_when_records_go_while_they_are_read(self: _Suite) -> None:
        """A deletion moves what lies behind it to pages that have been read already."""
        for stream, sample in _sampled(self):
            if sample.delete is None:
                continue
            await check_moving(self.open_bench, stream, sample)

    async def test_an_incremental_run_finds_what_was_added_and_changed(self: _Suite) -> None:
        """What came before the end of the full run, and what came after it."""
        for stream, sample in _sampled(self):
            if not stream.incremental:
                continue
            for during in (True, False):
                await check_changes(self.open_bench(), stream, sample, during=during)

    async def test_deletions_are_found_as_the_manifest_says(self: _Suite) -> None:
        """By the provider's feed, or because a full run does not meet them."""
        for stream, sample in _sampled(self):
            if stream.deletions is Deletions.NEVER:
                continue
            if sample.delete is None:
                refuse(f"{stream.name} finds deletions: its StreamSample needs `delete`")
            bench = self.open_bench()
            full = need_records(stream, await whole_run(bench, query_of(stream, sample)))
            doomed = sample.doomed or full.ids[0]
            await sample.delete(hand(bench), doomed)
            found = await syncing(bench).fetch(stream.name, doomed)
            expect(found is None, f"{stream.name}: fetch({doomed}) must be None: it is gone")
            if stream.deletions is Deletions.FEED:
                later = await whole_run(bench, query_of(stream, sample, full.checkpoint))
                expect(doomed in later.deleted, f"{stream.name}: {doomed} is gone, tell `deleted`")
            again = await whole_run(bench, query_of(stream, sample))
            expect(
                doomed not in again.ids and set(full.ids) - {doomed} <= set(again.ids),
                f"{stream.name}: a full run after a deletion must give all the others",
            )

    async def test_a_run_that_finds_nothing_new_is_cheap(self: _Suite) -> None:
        """One request where the provider can filter by change."""
        for stream, sample in _sampled(self):
            if not stream.incremental:
                continue
            bench = self.open_bench()
            full = await whole_run(bench, query_of(stream, sample))
            query = query_of(stream, sample, full.checkpoint)
            later, asked = await bench.answers(partial(whole_run, bench, query))
            expect(
                len(asked) <= sample.requests,
                f"{stream.name}: nothing has changed, and it takes {len(asked)} requests, not"
                f" {sample.requests}: {', '.join(asked[:6])}",
            )
            check_checkpoint(stream, query, later)

    async def test_a_container_that_is_gone_is_told_and_the_others_are_read(self: _Suite) -> None:
        """One repository that was deleted must not end the run of all the others."""
        for stream, sample in _sampled(self):
            if sample.gone is None:
                continue
            bench = self.open_bench()
            known = sample.container_ids or ()
            asked = StreamSample(container_ids=(sample.gone, *known))
            done = await whole_run(bench, query_of(stream, asked))
            told = {(one.id, one.kind) for page in done.pages for one in page.unread}
            expect(
                told == {(sample.gone, RecordKind.CONTAINER)},
                f"{stream.name}: {sample.gone} is not there; tell it as `unread`, not {told}",
            )
            expect(not known or done.ids, f"{stream.name}: the other containers are not read")

    async def test_trouble_ends_a_run_and_it_goes_on_later(self: _Suite) -> None:
        """As its error, at the first page and in the middle; nothing is swallowed or lost."""
        for stream, sample in _sampled(self):
            query = query_of(stream, sample)
            bench = self.open_bench()
            whole = await whole_run(bench, query)
            requests = len(bench.wires.requests)
            for fault, error in _TROUBLES:
                for after in {0, requests // 2}:
                    struck = {**fault, "after": after}
                    await check_trouble(self.open_bench(), whole, query, struck, error)

    async def test_a_run_that_is_given_up_leaves_nothing_behind(self: _Suite) -> None:
        """Neither a task nor an open answer."""
        for stream, sample in _sampled(self):
            bench = self.open_bench()
            others = asyncio.all_tasks()
            async with aclosing(syncing(bench).sync(query_of(stream, sample))) as pages:
                async for page in pages:
                    if page.records:
                        break
            left = asyncio.all_tasks() - others
            expect(not left, f"{stream.name} leaves tasks behind when it is closed: {left}")
            expect(
                all(body.closed for body in bench.wires.bodies),
                f"{stream.name} leaves an answer open when it is closed",
            )


def _sampled(suite: _Suite) -> Iterator[tuple[Stream, StreamSample]]:
    """Each stream with its sample; none for a connector that does not sync."""
    loaded = suite.open_bench().loaded
    if not issubclass(loaded.connector_class, Syncs):
        return
    names = {stream.name for stream in loaded.manifest.streams}
    expect(
        names == {*suite.streams, *suite.streams_elsewhere},
        f"`streams` names {sorted(suite.streams)}, the manifest has {sorted(names)}: give each"
        " stream a StreamSample",
    )
    for stream in loaded.manifest.streams:
        if stream.name in suite.streams_elsewhere:
            continue
        sample = suite.streams[stream.name]
        if stream.incremental and (sample.add is None or sample.change is None):
            refuse(f"{stream.name} is incremental: its StreamSample needs `add` and `change`")
        yield stream, sample
