"""A run of a stream as somebody watches it: pages, records, positions, checkpoint, speed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import msgspec

from src.cli.connector.explaining import Secrets
from src.cli.connector.opening import Ready
from src.cli.operator import say, show_json
from src.connectors.asking import run
from src.connectors.base import Identity
from src.connectors.syncing import SyncPage

_SHOWN = 100


@dataclass(slots=True)
class Tally:
    """How a run has gone so far."""

    pages: int = 0
    records: int = 0
    deleted: int = 0
    unread: list[str] = field(default_factory=list)
    position: str | None = None
    checkpoint: dict[str, Any] | None = None
    ended: str = "at its end"

    def add(self, page: SyncPage) -> None:
        """Count a page."""
        self.pages += 1
        self.records += len(page.records)
        self.deleted += len(page.deleted)
        self.unread += [f"{one.id}: {one.error.code}" for one in page.unread]
        if page.position is not None:
            self.position = page.position
        if page.checkpoint is not None:
            self.checkpoint = page.checkpoint.model_dump(mode="json", by_alias=True)


async def watch(
    ready: Ready,
    known: Identity,
    fields: Mapping[str, Any],
    *,
    limit: int | None,
    as_json: bool,
) -> None:
    """Run a stream to its end, to ``limit`` records, or until it is interrupted; then sum up.

    Raises:
        AppError: Whatever the provider does.
    """
    tally, started = Tally(), time.perf_counter()
    try:
        async with aclosing(run(ready.connector(known), fields)) as pages:
            async for page in pages:
                tally.add(page)
                if not as_json:
                    _show_page(tally, page, ready.secrets)
                if limit is not None and tally.records >= limit:
                    tally.ended = f"at --limit {limit}"
                    break
    except asyncio.CancelledError:
        tally.ended = "because it was interrupted"
        raise
    except Exception:
        tally.ended = "because of an error"
        raise
    finally:
        _sum_up(tally, time.perf_counter() - started, ready.secrets, as_json=as_json)


def _show_page(tally: Tally, page: SyncPage, secrets: Secrets) -> None:
    parts = [f"page {tally.pages}: {len(page.records)} records"]
    parts += [f"{len(page.deleted)} deleted"] if page.deleted else []
    parts += [f"of {page.container_id}"] if page.container_id else []
    parts += [f"plan of {len(page.plan)} parts"] if page.plan is not None else []
    if page.position is not None:
        shown = page.position[:_SHOWN]
        parts.append(f"position {shown}{'…' if shown != page.position else ''}")
    say(secrets.mask(", ".join(parts)))
    for one in page.unread:
        say(secrets.mask(f"  not read: {one.id} ({one.error.code}: {one.error.message})"), "yellow")


def _sum_up(tally: Tally, seconds: float, secrets: Secrets, *, as_json: bool) -> None:
    speed = tally.records / seconds if seconds > 0 else 0.0
    document = {
        "pages": tally.pages,
        "records": tally.records,
        "deleted": tally.deleted,
        "unread": tally.unread,
        "position": tally.position,
        "checkpoint": tally.checkpoint,
        "seconds": round(seconds, 3),
        "recordsPerSecond": round(speed, 1),
        "ended": tally.ended,
    }
    if as_json:
        show_json(secrets.mask_all(document))
        return
    say(
        f"{tally.records} records, {tally.deleted} deleted, {len(tally.unread)} not read, on"
        f" {tally.pages} pages in {seconds:.2f} s ({speed:.0f} records/s); it ended {tally.ended}."
    )
    if tally.checkpoint is not None and tally.ended == Tally().ended:
        document = secrets.mask_all(tally.checkpoint)
        say(f"Next run: --checkpoint '{msgspec.json.encode(document).decode()}'")
    elif tally.position is not None and tally.ended != Tally().ended:
        say(f"Go on: --cursor '{secrets.mask(tally.position)}'")
