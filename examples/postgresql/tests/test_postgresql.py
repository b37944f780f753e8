"""PostgreSQL passes the suite over its imitation; what needs a real server is tests/postgres."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from src.connectors.registry import module_of
from src.testing import ConnectorConformance, Hand, StreamSample

PASSWORD = "sandbox-postgresql-reader"
ORDERS = "table:shop:public:orders"


async def _write(hand: Hand, number: str) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S+00")
    await hand.switch("PUT", f"/rows/orders/{number}", [number, "Late order", "1.00", now])
    return f"row:shop:public:orders:{number}"


async def _add(hand: Hand) -> str:
    return await _write(hand, "99")


async def _change(hand: Hand) -> str:
    return await _write(hand, "2")


async def _delete(hand: Hand, record_id: str) -> None:
    await hand.switch("DELETE", f"/rows/orders/{record_id.rpartition(':')[2]}")


class TestPostgresql(ConnectorConformance):
    connector_id = "postgresql"
    module = module_of(Path(__file__).parents[1])
    token = PASSWORD
    config: ClassVar[Mapping[str, Any]] = {
        "host": "db.example.com",
        "database": "shop",
        "user": "reader",
    }
    container = "table:shop:public:customers"
    parent = "database:shop"
    word = "Meadow"
    attacks = ("Meadow' OR true --", "%", "_", "Meadow%' ESCAPE '!")
    resource_parents: ClassVar[Mapping[str, str]] = {"postgresql_table": "schema:shop:public"}
    requests: ClassVar[Mapping[str, int]] = {"items": 2, "item": 2}
    """The table is looked up before its rows: nothing is asked about that is not there."""
    item = "row:shop:public:customers:7"
    streams: ClassVar[Mapping[str, StreamSample]] = {
        "rows": StreamSample(
            container_ids=(ORDERS, "table:archive:public:closed"),
            add=_add,
            change=_change,
            delete=_delete,
            gone="table:shop:public:absent",
            requests=4,
        )
    }
