"""Runs of Google's streams over the imitation."""

from contextlib import aclosing

from src.connectors.google import feeds
from src.connectors.google.feeds import FeedReader, FeedTokens
from src.connectors.syncing import SyncQuery
from src.testing import StreamSample
from src.testing.bench import Bench, open_bench
from src.testing.streams import Run, query_of, whole_run

ANN = "ya29.sandbox-ann"


def bench_of(token: str = ANN) -> Bench:
    return open_bench(
        "google", "src.connectors.google.connector", token=token, auth_method="oauth2"
    )


def asked(
    bench: Bench, name: str, before: Run | None = None, containers: tuple[str, ...] | None = None
) -> SyncQuery:
    """A run of a stream: a full one, or what has changed since another."""
    stream = next(one for one in bench.loaded.manifest.streams if one.name == name)
    checkpoint = before.checkpoint if before else None
    return query_of(stream, StreamSample(container_ids=containers), checkpoint)


async def full(bench: Bench, name: str, containers: tuple[str, ...] | None = None) -> Run:
    return await whole_run(bench, asked(bench, name, containers=containers))


async def later(
    bench: Bench, name: str, before: Run, containers: tuple[str, ...] | None = None
) -> Run:
    return await whole_run(bench, asked(bench, name, before, containers))


async def read_by(reader: FeedReader, query: SyncQuery) -> Run:
    """A run by a reader of one's own, with pages as small as one likes."""
    done = Run()
    async with aclosing(feeds.run(query, reader)) as pages:
        async for page in pages:
            done.pages.append(page)
    return done


def tokens(run: Run) -> dict[str, str]:
    told = run.checkpoint
    assert isinstance(told, FeedTokens)
    return told.feeds
