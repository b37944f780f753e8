"""Runs of streams over the imitation: what a run gave, and who changes things meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from pydantic import BaseModel

from src.connectors.base import Syncs
from src.connectors.manifest import Stream
from src.connectors.rest.client import RestClient
from src.connectors.syncing import SyncPage, SyncQuery, Unit
from src.connectors.tcp import ImitatedClient
from src.testing.bench import Bench, expect, refuse
from src.testing.wires import Wires

MOST_PAGES = 1_000


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who changes things at the provider: with the same credential, or by its switches."""

    rest: RestClient
    """Signs as the connector does: ``await hand.rest.write("POST", "/things", Thing, json=…)``."""
    wires: Wires

    async def switch(self, method: str, path: str, json: Any = None) -> None:
        """Call a switch of the imitation, below ``/_sandbox``."""
        answer = await self.wires.control(method, path, json)
        expect(answer.is_success, f"The sandbox refuses {method} /_sandbox{path}: {answer.text}")


Deed = Callable[[Hand], Awaitable[str]]
"""Changes something and answers the id of the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSample:
    """What the suite has to know of a stream, to run it and to change it meanwhile."""

    container_ids: tuple[str, ...] | None = None
    """The containers to read; small ones keep the suite fast. None = all of the account's."""
    add: Deed | None = None
    """Adds a record in one of them; incremental streams need it."""
    change: Deed | None = None
    """Changes a record in one of them; incremental streams need it."""
    delete: Callable[[Hand, str], Awaitable[None]] | None = None
    """Deletes a record; streams that find deletions need it."""
    doomed: str | None = None
    """The record that is deleted; None = the first of the run."""
    gone: str | None = None
    """The id of a container that is not there: the run tells of it and goes on."""
    requests: int = 1
    """How many requests an incremental run may take that finds nothing."""
    parts_are_feeds: bool = False
    """The parts of a run are the provider's feeds, and not the containers of its items."""
    fetch_differs: str = ""
    """Why ``fetch`` cannot give a record as a run does, if so."""


@dataclass(slots=True)
class Run:
    """What a run gave."""

    pages: list[SyncPage] = field(default_factory=list)
    error: Exception | None = None

    @property
    def records(self) -> dict[str, Unit]:
        """The records by id, the last of each."""
        return {record.id: record for page in self.pages for record in page.records}

    @property
    def ids(self) -> list[str]:
        """The ids of all records, in the order in which they came."""
        return [record.id for page in self.pages for record in page.records]

    @property
    def deleted(self) -> set[str]:
        """What is gone, as the provider says."""
        return {gone for page in self.pages for gone in page.deleted}

    @property
    def checkpoint(self) -> BaseModel | None:
        """The last one told."""
        told = [page.checkpoint for page in self.pages if page.checkpoint is not None]
        return told[-1] if told else None

    def before(self, count: int, query: SyncQuery) -> SyncQuery:
        """What is left of the run after its first pages, as another process would take it up."""
        for page in self.pages[:count]:
            query = replace(
                query,
                plan=page.plan if page.plan is not None else query.plan,
                position=page.position if page.position is not None else query.position,
            )
        return query


def written(record: Unit) -> bytes:
    """A record as it is stored."""
    return msgspec.json.encode(record)


def query_of(
    stream: Stream, sample: StreamSample, checkpoint: BaseModel | None = None
) -> SyncQuery:
    """A run that begins now."""
    return SyncQuery(
        stream=stream.name,
        started_at=datetime.now(UTC),
        checkpoint=checkpoint,
        container_ids=sample.container_ids,
    )


def syncing(bench: Bench) -> Syncs:
    """A fresh connector, as each slice has one."""
    connector = bench.connector()
    if not isinstance(connector, Syncs):
        refuse("the manifest has streams, and the class does not derive from Syncs")
    return connector


async def run(bench: Bench, query: SyncQuery) -> Run:
    """A run, or what is left of one, to its end or to its error."""
    done = Run()
    try:
        async with aclosing(syncing(bench).sync(query)) as pages:
            async for page in pages:
                done.pages.append(page)
                expect(
                    len(done.pages) < MOST_PAGES,
                    f"{query.stream} does not end within {MOST_PAGES} pages",
                )
    except Exception as error:  # noqa: BLE001  the checks look at whatever it is
        done.error = error
    return done


async def whole_run(bench: Bench, query: SyncQuery) -> Run:
    """A run that must not fail."""
    done = await run(bench, query)
    if done.error is not None:
        raise done.error
    return done


def hand(bench: Bench) -> Hand:
    """Somebody at the provider."""
    connector = bench.connector()
    is_tcp = connector.manifest.transport == "tcp"
    imitated = connector.tcp if is_tcp else None
    rest = imitated.imitation if isinstance(imitated, ImitatedClient) else connector.rest
    return Hand(rest, bench.wires)
