"""The sweep: what is due and nobody does is hinted at again, by the database's clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from src.db.client import Mongo
from src.db.due_jobs import DueJobs
from src.db.leases import Leases
from src.db.places import Bounds, Place, Places
from src.services.due_work import MOST_AT_ONCE, DueWork, due_slices
from src.services.queue import Hint, Work


class Post:
    """Takes hints to nobody."""

    def __init__(self) -> None:
        self.sent: list[Hint] = []

    async def send(self, hint: Hint) -> None:
        self.sent.append(hint)

    async def state(self) -> str:
        return "ok"


class Drawer:
    """Due work of one kind, and what was asked for."""

    def __init__(self, work: Work, count: int) -> None:
        self.hints = [Hint(work, "acme", f"{work}{at}", is_called=True) for at in range(count)]
        self.asked: list[tuple[datetime, int]] = []

    async def __call__(self, moment: datetime, limit: int) -> Sequence[Hint]:
        self.asked.append((moment, limit))
        return self.hints[:limit]


async def test_all_that_is_due_is_hinted_at_again(mongo: Mongo) -> None:
    post, slices, deliveries = Post(), Drawer(Work.SLICE, 3), Drawer(Work.DELIVERY, 2)
    sources = {Work.SLICE: slices, Work.DELIVERY: deliveries}
    due = DueWork(sources, post, lambda: Leases(mongo.database))
    assert await due.sweep() == 5
    assert post.sent == [*slices.hints, *deliveries.hints]
    clock = await Leases(mongo.database).now()
    ((of_slices, _),), ((of_deliveries, _),) = slices.asked, deliveries.asked
    assert clock - timedelta(seconds=3) < of_slices <= clock
    # A fresh delivery has a hint of its own on the way, and is over before a sweep is.
    assert of_slices - of_deliveries == timedelta(seconds=5)


async def test_where_there_is_room_again_only_that_kind_is_called_and_not_all_of_it(
    mongo: Mongo,
) -> None:
    post, slices, events = Post(), Drawer(Work.SLICE, 100), Drawer(Work.EVENT, 1)
    due = DueWork({Work.SLICE: slices, Work.EVENT: events}, post, lambda: Leases(mongo.database))
    await due.call(Work.SLICE)
    assert 0 < len(post.sent) < 20
    assert post.sent == slices.hints[: len(post.sent)]
    assert events.asked == []


@pytest.mark.parametrize(
    ("bounds", "taken", "of_the_crowd", "expected"),
    [
        (Bounds(4, 9, 2), 2, None, ["late"]),
        (Bounds(4, 2, 9), 2, "crowd", ["late"]),
        # One more of the crowd finds room, and the others do not stand before who comes later.
        (Bounds(4, 9, 2), 1, None, ["crowd0", "late"]),
        (Bounds(4, 2, 9), 1, "crowd", ["crowd0", "late"]),
        (Bounds(2, 9, 9), 2, None, []),
    ],
    ids=["connector", "tenant", "connector_but_one", "tenant_but_one", "in_all"],
)
async def test_a_crowd_at_its_bound_keeps_no_other_waiting(
    mongo: Mongo,
    bounds: Bounds,
    taken: int,
    of_the_crowd: str | None,
    expected: list[str],
) -> None:
    """Three hundred jobs of one connector, or of one tenant, have waited longer than one other."""
    places = Places(lambda: mongo.database, bounds)
    for at in range(taken):
        busy = Place("a process", f"busy{at}", of_the_crowd or f"busy{at}", "github")
        assert await places.take(busy, is_called=False)
    moment = await Leases(mongo.database).now()
    names = [*(f"crowd{at}" for at in range(300)), "late"]
    await mongo.database["jobs"].insert_many(
        [
            {
                "_id": name,
                "tenantId": (of_the_crowd or name) if name != "late" else "globex",
                "connectionId": name,
                "connectorId": "github" if name != "late" else "jira",
                "stream": "issues",
                "live": True,
                "dueAt": moment - timedelta(seconds=600 - at),
                "lease": None,
            }
            for at, name in enumerate(names)
        ]
    )
    find = due_slices(DueJobs(lambda: mongo.database), places, bounds)
    assert [hint.id for hint in await find(moment, 200)] == expected


async def test_many_tenants_at_their_bound_keep_no_other_waiting(mongo: Mongo) -> None:
    """More than are looked at together."""
    bounds = Bounds(in_all=999, per_tenant=1, per_connector=999)
    places = Places(lambda: mongo.database, bounds)
    tenants = [f"crowd{at}" for at in range(MOST_AT_ONCE)]
    for tenant in tenants:
        assert await places.take(Place("a process", tenant, tenant, "github"), is_called=False)
    moment = await Leases(mongo.database).now()
    job = {"connectorId": "github", "stream": "issues", "live": True, "lease": None}
    await mongo.database["jobs"].insert_many(
        [
            {
                **job,
                "_id": f"job_of_{tenant}",
                "tenantId": tenant,
                "connectionId": tenant,
                "dueAt": moment - timedelta(seconds=600 - at),
            }
            for at, tenant in enumerate([*tenants, "globex"])
        ]
    )
    find = due_slices(DueJobs(lambda: mongo.database), places, bounds)
    assert [hint.id for hint in await find(moment, 200)] == ["job_of_globex"]
