"""A connector that only synchronizes passes the suite."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from src.testing import ConnectorConformance, Hand, StreamSample
from tests.testing.bookkeeping import TOKEN


async def _write(hand: Hand, entry: str) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    await hand.switch("PUT", f"/entries/{entry}", {"text": "Now", "updated_at": now})
    return entry


async def _add(hand: Hand) -> str:
    return await _write(hand, "1:99")


async def _change(hand: Hand) -> str:
    return await _write(hand, "1:2")


async def _delete(hand: Hand, entry: str) -> None:
    await hand.switch("DELETE", f"/entries/{entry}")


class TestLedger(ConnectorConformance):
    connector_id = "ledger"
    module = "tests.testing.ledger.connector"
    token = TOKEN
    streams: ClassVar[Mapping[str, StreamSample]] = {
        "entries": StreamSample(
            container_ids=("book:1", "book:2"),
            add=_add,
            change=_change,
            delete=_delete,
            gone="book:3",
            requests=2,
        )
    }
