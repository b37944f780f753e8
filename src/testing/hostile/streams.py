"""Runs of streams that are broken off, and go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.connectors.base import Syncs
from src.connectors.manifest import Stream
from src.connectors.syncing import SyncQuery
from src.core.errors import AppError, ProviderUnavailable, RateLimited, UnreadableAnswer
from src.testing.bench import Bench, expect
from src.testing.hostile.paging import PAGES, is_followed
from src.testing.hostile.trials import Ledger
from src.testing.runs import some
from src.testing.streams import Run, StreamSample, query_of, run, whole_run

if TYPE_CHECKING:
    from src.testing.conformance import ConnectorConformance

_ENDING: tuple[tuple[str, dict[str, Any], type[AppError]], ...] = (
    ("cut", {"kind": "cut"}, ProviderUnavailable),
    ("lost reply", {"kind": "lost_reply"}, ProviderUnavailable),
    ("half of the JSON", {"kind": "truncated_json"}, UnreadableAnswer),
    ("HTML with 502", {"kind": "html_error"}, ProviderUnavailable),
    ("redirect outside", {"kind": "redirect_outside"}, UnreadableAnswer),
    ("429 for ever", {"kind": "rate_limited", "retry_after": 1}, RateLimited),
)
_PASSING = {"kind": "rate_limited", "retry_after": 1, "times": 2}
_MOST_REQUESTS = 60
"""For each request of a calm run, one that never ends may make so many: each list of it may be
followed for some pages."""


async def check_streams(suite: type[ConnectorConformance], ledger: Ledger) -> None:
    """Every stream that the suite has a sample of."""
    loaded = suite().open_bench().loaded
    if not issubclass(loaded.connector_class, Syncs):
        return
    for stream in loaded.manifest.streams:
        sample = suite.streams.get(stream.name)
        if sample is None:
            why = f"Its connections by {suite().open_bench().method.id} are not asked for it."
            ledger.excuse("whole-runs", "any", f"stream {stream.name}", why)
            continue
        await _check_stream(suite, stream, sample, ledger)


async def _check_stream(
    suite: type[ConnectorConformance], stream: Stream, sample: StreamSample, ledger: Ledger
) -> None:
    verb = f"stream {stream.name}"
    calm = suite().open_bench()
    query = query_of(stream, sample)
    whole = await whole_run(calm, query)
    requests = len(calm.wires.requests)
    for scenario, fault, error in _ENDING:
        async with ledger.trial("whole-runs", scenario, verb):
            struck = await _struck(suite, query, _after(fault, requests), ledger, scenario)
            expect(
                isinstance(struck.error, error),
                f"{verb}: it became {struck.error!r}, it must become {error.__name__}",
            )
            await _check_rest(suite().open_bench(), query, whole, struck, verb)
    async with ledger.trial("whole-runs", "429 twice", verb):
        struck = await _struck(suite, query, _after(_PASSING, requests), ledger, "429 twice")
        expect(
            struck.error is None or isinstance(struck.error, RateLimited),
            f"{verb}: it became {struck.error!r}",
        )
        await _check_rest(suite().open_bench(), query, whole, struck, verb)
    for scenario, kind in (("repeated page", "repeated_page"), ("endless paging", "endless_pages")):
        async with ledger.trial("bounded-paging", scenario, verb):
            await _check_bounded(suite().open_bench(), query, kind, requests)


async def _check_bounded(bench: Bench, query: SyncQuery, kind: str, requests: int) -> None:
    verb = f"stream {query.stream}"
    bench.page_cap = PAGES
    await bench.fault(kind=kind)
    done = await run(bench, query)
    expect(
        done.error is None or isinstance(done.error, AppError),
        f"{verb}: it became {done.error!r}",
    )
    is_told = done.error is not None or any(page.truncated or page.unread for page in done.pages)
    expect(
        is_told or kind != "endless_pages" or not is_followed(bench),
        f"{verb} is cut, and no page of it says `truncated`: what it has not met would be swept",
    )
    sent, most = len(bench.wires.requests), requests * _MOST_REQUESTS
    expect(sent <= most, f"{verb} makes {sent} requests, {most} at the most would do")


async def _struck(
    suite: type[ConnectorConformance],
    query: SyncQuery,
    fault: dict[str, Any],
    ledger: Ledger,
    scenario: str,
) -> Run:
    bench = suite().open_bench()
    await bench.fault(**fault)
    done, _ = await ledger.watched(
        bench, scenario, f"stream {query.stream}", lambda: run(bench, query)
    )
    assert done is not None  # noqa: S101  run() keeps its errors
    return done


async def _check_rest(bench: Bench, query: SyncQuery, whole: Run, struck: Run, verb: str) -> None:
    """What the broken run and the one that goes on have together is what there is."""
    had, rest = set(struck.ids), Run()
    if struck.error is not None:
        rest = await whole_run(bench, struck.before(len(struck.pages), query))
    got = had | set(rest.ids)
    expect(set(whole.ids) <= got, f"{verb}: {some(set(whole.ids) - got)} are lost")
    expect(got <= set(whole.ids), f"{verb}: {some(got - set(whole.ids))} are made up")
    gone = (struck.deleted | rest.deleted) - whole.deleted
    expect(not gone, f"{verb}: {some(gone)} are said to be deleted, and they are there")


def _after(fault: dict[str, Any], requests: int) -> dict[str, Any]:
    return {**fault, "after": requests // 2}
