"""An event exists exactly if what it tells of does, and only for those who want it."""

import json

import pytest

from src.db.repositories.events import PORTION, DeliveryFilter
from src.models.base import rfc3339
from src.models.event import DeliveryStatus, EventType
from src.services.queue import Hint, Work
from tests.db.records import NOON
from tests.db.test_indexes import plans
from tests.services.endpoints.stage import CONNECTED, Stage, say


async def stored(stage: Stage) -> int:
    counted = await stage.mongo.database["events"].count_documents({})
    return int(counted)


async def test_nothing_is_written_for_a_tenant_that_nobody_listens_for(stage: Stage) -> None:
    await stage.open("a.test", EventType.SYNC_FAILED)
    await stage.open("b.test", tenant="globex")
    await stage.emit()
    assert await stored(stage) == 0
    assert stage.hints.sent == []


async def test_each_endpoint_that_wants_it_gets_the_event(stage: Stage) -> None:
    first, _ = await stage.open("a.test", CONNECTED, EventType.SYNC_FAILED)
    second, _ = await stage.open("b.test")
    stage.servers.says = {"a.test": say(200), "b.test": say(204)}
    await stage.events.emit("acme", CONNECTED, {"connectionId": "con_1", "at": NOON})
    assert {hint.id for hint in stage.hints.sent} == {first.id, second.id}
    assert stage.hints.sent[0] == Hint(Work.EVENT, "acme", stage.hints.sent[0].id)
    await stage.deliver(first)
    await stage.deliver(second)
    one, two = stage.servers.got
    assert one.content == two.content
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert json.loads(one.content) == {
        "type": "connection.connected",
        "timestamp": rfc3339(stage.at),
        "data": {"connectionId": "con_1", "at": "2026-01-02T12:00:00.123Z"},
    }
    assert await stored(stage) == 1


async def test_an_event_goes_with_the_transaction_that_it_tells_of(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    scope = stage.scope_of("acme")

    async def fail() -> None:
        await stage.emit()
        assert stage.hints.sent == []
        raise LookupError

    with pytest.raises(LookupError):
        await scope.together(fail)
    assert await stored(stage) == 0
    assert stage.hints.sent == []
    await scope.together(stage.emit)
    assert await stored(stage) == 1
    assert [hint.id for hint in stage.hints.sent] == [made.id]


async def test_what_an_endpoint_misses_while_it_is_off_is_kept(stage: Stage) -> None:
    made, _ = await stage.open("a.test", enabled=False)
    await stage.emit()
    (missed,) = await stage.look(made)
    assert missed.status is DeliveryStatus.DEAD
    assert await stage.due() == []


async def test_a_lost_hint_is_found_by_the_sweep(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    other, _ = await stage.open("b.test", tenant="globex")
    await stage.emit(1, 2)
    stage.later(seconds=1)
    await stage.emit(tenant="globex")
    assert await stage.due() == [made.id, other.id]


async def test_the_sweep_looks_at_what_is_due_alone(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(200)
    await stage.emit(*range(20))
    await stage.deliver(made)
    await stage.emit()
    (plan,) = await plans(stage.mongo, lambda _: stage.due(), stage.scope_of("acme"))
    assert "dueAt: 1" in plan["planSummary"]
    assert plan["docsExamined"] == 1


async def test_very_many_are_changed_in_portions(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    await stage.emit()
    (one,) = await stage.mongo.database["event_deliveries"].find({}).to_list(None)
    count = 2 * PORTION + 1
    await stage.mongo.database["event_deliveries"].insert_many(
        [{**one, "_id": f"{one['_id']}-{number}"} for number in range(count - 1)]
    )
    events = stage.scope_of("acme").events

    async def at(**where: object) -> int:
        return int(await stage.mongo.database["event_deliveries"].count_documents(where))

    stage.later(minutes=1)
    await events.put_off(made.id, stage.at)
    assert await at(dueAt=stage.at) == count
    await events.give_up(made.id, stage.at)
    assert await at(status="dead") == count
    assert (
        await events.replay(made.id, DeliveryFilter(), stage.at, limit=PORTION + 5) == PORTION + 5
    )
    assert await at(status="pending") == PORTION + 5
    assert await events.replay(made.id, DeliveryFilter(), stage.at, limit=count) == PORTION - 4
    assert await events.drop_deliveries(made.id) == count
