"""What somebody does in a project's database while its rows are read."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from src.connectors.webhooks import Wish
from src.sandbox.supabase.records import Project
from src.sandbox.supabase.seed.world import LAB, SHOP
from src.testing import Hand, StreamSample


def _row(project: Project, table: str, **row: Any) -> dict[str, Any]:
    return {"project": project.ref, "schema": "public", "table": table, "row": row}


def _now() -> str:
    return datetime.now(UTC).isoformat()


async def add_note(hand: Hand) -> str:
    """Nobody says when it was changed, as most tables have it until a row is."""
    await hand.switch("PUT", "/rows", _row(SHOP, "notes", id=900, title="New", done=False))
    return "row:public:notes:id:900"


async def change_note(hand: Hand) -> str:
    changed = _row(SHOP, "notes", id=3, title="Changed", updated_at=_now())
    await hand.switch("PUT", "/rows", changed)
    return "row:public:notes:id:3"


async def hook_up(hand: Hand, wish: Wish) -> None:
    """Make a trigger in the dashboard: it calls with each row of the table that changes."""
    schema, _, table = (wish.container_id or "").removeprefix("table:@:").partition(":")
    headers = {"X-Webhook-Secret": wish.secret.get_secret_value()}
    place = {"project": SHOP.ref, "schema": schema, "table": table}
    url = wish.url.get_secret_value()
    await hand.switch("PUT", "/triggers", {**place, "url": url, "headers": headers})


async def put_sample(number: int, hand: Hand) -> str:
    await hand.switch("PUT", "/rows", _row(LAB, "samples", id=number, name=f"now {number}"))
    return f"row:public:samples:id:{number}"


async def delete(project: Project, hand: Hand, record_id: str) -> None:
    _, _, table, _, number = record_id.split(":")
    await hand.switch("DELETE", "/rows", _row(project, table, id=int(number)))


NOTES = StreamSample(
    container_ids=("table:@:public:notes",),
    add=add_note,
    change=change_note,
    delete=partial(delete, SHOP),
    gone="table:@:public:nothing",
)
SAMPLES = StreamSample(
    container_ids=("table:@:public:samples",),
    add=partial(put_sample, 900),
    change=partial(put_sample, 4),
    delete=partial(delete, LAB),
    gone="table:@:public:nothing",
    # Nothing says when a row was changed: after a look that is refused all of them are read.
    requests=6,
)
