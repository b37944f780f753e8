"""What must not make a run lose anything: deletions, changes and trouble while it goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from src.connectors.manifest import Stream
from src.connectors.syncing import SyncQuery
from src.core.errors import AppError
from src.testing.bench import Bench, captured_logs, expect
from src.testing.runs import need_records, some
from src.testing.streams import Run, StreamSample, hand, query_of, run, whole_run, written

_MOST_CUTS = 6


def cuts(pages: int) -> list[int]:
    """After how many pages to break off: each, or some evenly spread."""
    step = max(1, -(-pages // _MOST_CUTS))
    return [*range(1, pages, step), pages]


async def check_moving(
    open_bench: Callable[[], Bench], stream: Stream, sample: StreamSample
) -> None:
    """A run during which a record is deleted, once before each of its requests."""
    bench = open_bench()
    whole = need_records(stream, await whole_run(bench, query_of(stream, sample)))
    doomed = sample.doomed or whole.ids[0]
    for number in cuts(len(bench.wires.requests)):
        moving = open_bench()
        moving.wires.meanwhile(number, _deletion(moving, sample, doomed))
        done = await whole_run(moving, query_of(stream, sample))
        lost = set(whole.ids) - {doomed} - set(done.ids)
        expect(
            not lost,
            f"{stream.name}: {some(lost)} are lost when {doomed} is deleted before request"
            f" {number}: page by a key, or look again at pages that have been read"
            " (connectors.rest.ahead)",
        )


def _deletion(bench: Bench, sample: StreamSample, doomed: str) -> Callable[[], Awaitable[None]]:
    async def deed() -> None:
        if sample.delete is not None:
            await sample.delete(hand(bench), doomed)

    return deed


async def check_changes(
    bench: Bench, stream: Stream, sample: StreamSample, *, during: bool
) -> None:
    """What is added and changed is in the next incremental run, as a full run gives it."""
    touched: set[str] = set()

    async def deed() -> None:
        for act in (sample.add, sample.change):
            if act is not None:
                touched.add(await act(hand(bench)))

    if during:
        bench.wires.meanwhile(2, deed)
    full = await whole_run(bench, query_of(stream, sample))
    bench.wires.forget()
    if not touched:
        await deed()
    later = await whole_run(bench, query_of(stream, sample, full.checkpoint))
    when = "while the full run went on" if during else "after the full run"
    expect(
        touched <= set(later.ids),
        f"{stream.name}: {some(touched - set(later.ids))}, added or changed {when}, are not in the"
        " next incremental run",
    )
    full_again = await whole_run(bench, query_of(stream, sample))
    lost = touched - set(full_again.ids)
    expect(
        not lost,
        f"{stream.name}: {some(lost)}, added or changed {when}, are in no full run: it may end"
        " before the last page, or leave a container out",
    )
    for record_id in touched:
        expect(
            written(later.records[record_id]) == written(full_again.records[record_id]),
            f"{stream.name}: {record_id} differs between an incremental and a full run:\n"
            f"{written(later.records[record_id]).decode()}\n"
            f"{written(full_again.records[record_id]).decode()}",
        )


async def _struck(bench: Bench, query: SyncQuery, fault: dict[str, object]) -> Run:
    await bench.fault(**fault)
    with captured_logs() as logs:
        done = await run(bench, query)
    await bench.fault()
    for secret in bench.secrets():
        expect(
            secret not in f"{done.error!r}{logs}",
            f"{query.stream}: the error or the log of a run holds the credential",
        )
    return done


async def check_trouble(
    bench: Bench, whole: Run, query: SyncQuery, fault: dict[str, object], error: type[AppError]
) -> None:
    """A fault comes out as its error, and whoever goes on later gets the rest."""
    struck = await _struck(bench, query, fault)
    expect(
        isinstance(struck.error, error),
        f"{query.stream}: {fault['kind']} became {struck.error!r}, it must become"
        f" {error.__name__}: let the error pass",
    )
    rest = await whole_run(bench, struck.before(len(struck.pages), query))
    lost = set(whole.ids) - set(struck.ids) - set(rest.ids)
    expect(
        not lost,
        f"{query.stream}: {some(lost)} are lost to who goes on after {fault['kind']}",
    )
