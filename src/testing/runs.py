"""What holds for each run of a stream, whatever happened meanwhile."""

from __future__ import annotations

import json
import re

from src.connectors.manifest import Stream, UpdatedSince
from src.connectors.syncing import SyncQuery, Unit
from src.models.ids import PROVIDER_ID_PATTERN
from src.models.record import RecordKind
from src.models.unified import Comment, Container, Item
from src.testing.bench import Bench, expect, refuse
from src.testing.streams import Run, written

_ID = re.compile(PROVIDER_ID_PATTERN)
_KINDS: dict[RecordKind, type] = {
    RecordKind.CONTAINER: Container,
    RecordKind.ITEM: Item,
    RecordKind.COMMENT: Comment,
}
_LONGEST_POSITION = 65_536


def check_records(stream: Stream, done: Run, *, parts_are_feeds: bool) -> None:
    """There are some, none twice, each with an id of ours and of the kind the manifest says."""
    expect(done.ids, f"{stream.name}: the run gives no record: name containers that hold some")
    twice = {one for one in done.ids if done.ids.count(one) > 1}
    expect(not twice, f"{stream.name}: {some(twice)} come twice, and nothing has changed")
    for page in done.pages:
        for record in page.records:
            _check_record(stream, record, None if parts_are_feeds else page.container_id)


def _check_record(stream: Stream, record: Unit, part: str | None) -> None:
    kind = _KINDS[stream.kind]
    expect(_ID.fullmatch(record.id), f"{stream.name}: id {record.id!r} is outside our pattern")
    expect(
        isinstance(record, kind),
        f"{stream.name}: {record.id} is a {type(record).__name__}, the manifest says {kind}",
    )
    if isinstance(record, Item) and part is not None:
        expect(
            record.container_id == part,
            f"{stream.name}: {record.id} is in {record.container_id}, its page says {part}",
        )
    if isinstance(record, Item | Comment | Container):
        raw = json.loads(written(record)).get("raw")
        expect(raw is None, f"{stream.name}: {record.id} carries `raw`: leave it out")


def check_positions(stream: Stream, done: Run, bench: Bench) -> None:
    """They can be kept: short, without an address or a secret; and the plan is told once."""
    plans = [page.plan for page in done.pages if page.plan is not None]
    expect(len(plans) <= 1, f"{stream.name}: tell the plan once")
    for page in done.pages:
        position = page.position or ""
        expect(
            "://" not in position and bench.wires.host not in position,
            f"{stream.name}: a position holds an address: {position[:200]}",
        )
        expect(
            not any(secret in position for secret in bench.secrets()),
            f"{stream.name}: a position holds the credential",
        )
        expect(
            len(position) <= _LONGEST_POSITION,
            f"{stream.name}: a position has {len(position)} characters: keep them below"
            f" {_LONGEST_POSITION}",
        )


def check_checkpoint(stream: Stream, query: SyncQuery, done: Run) -> None:
    """An incremental stream tells one that can be kept, and that leaves no gap behind the run."""
    if not stream.incremental:
        return
    told = done.checkpoint
    if not isinstance(told, stream.checkpoint):
        refuse(
            f"{stream.name} is incremental: its last page must tell a {stream.checkpoint.__name__}"
        )
    # Times are kept in milliseconds.
    kept = told.model_dump_json(by_alias=True)
    expect(
        stream.checkpoint.model_validate(json.loads(kept)).model_dump_json(by_alias=True) == kept,
        f"{stream.name}: the checkpoint is another one after it was kept as JSON",
    )
    if isinstance(told, UpdatedSince):
        expect(
            told.updated_since <= query.started_at,
            f"{stream.name}: the checkpoint is later than the beginning of the run: what changes"
            " meanwhile would be lost",
        )
        before = query.checkpoint
        expect(
            not isinstance(before, UpdatedSince) or before.updated_since <= told.updated_since,
            f"{stream.name}: the checkpoint goes backwards",
        )


def some(ids: set[str]) -> str:
    """A few of these ids, for a sentence."""
    return f"{len(ids)} records ({', '.join(sorted(ids)[:3])})"


def need_records(stream: Stream, done: Run) -> Run:
    """A run that gives something; of one that does not nothing can be looked at."""
    expect(
        done.ids,
        f"{stream.name}: a full run gives no record. Look at its path and at what becomes of its"
        " rows, or name containers that hold some in its StreamSample",
    )
    return done
