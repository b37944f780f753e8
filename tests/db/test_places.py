"""Places to work in: bounds over all processes, and who gets one where there are too few."""

import asyncio

import pytest

from src.db.client import Mongo
from src.db.places import Bounds, Place, Places


def place(job: str, tenant: str = "acme", connector: str = "github", owner: str = "one") -> Place:
    return Place(owner, job, tenant, connector)


def places_of(mongo: Mongo, in_all: int = 9, tenant: int = 9, connector: int = 9) -> Places:
    return Places(lambda: mongo.database, Bounds(in_all, tenant, connector))


@pytest.mark.parametrize(
    ("bounds", "others"),
    [
        ((2, 9, 9), place("c", "globex", "jira")),
        ((9, 2, 9), place("c", "acme", "jira")),
        ((9, 9, 2), place("c", "globex", "github")),
    ],
    ids=["in_all", "per_tenant", "per_connector"],
)
async def test_each_bound_holds_and_a_place_given_back_is_another_s(
    mongo: Mongo, bounds: tuple[int, int, int], others: Place
) -> None:
    places = places_of(mongo, *bounds)
    assert await places.take(place("a"), is_called=False)
    assert await places.take(place("b", owner="two"), is_called=False)
    assert not await places.take(others, is_called=False)
    assert await places.free(place("a"))
    assert await places.take(others, is_called=True)


async def test_a_bound_of_one_tenant_is_no_bound_of_another(mongo: Mongo) -> None:
    places = places_of(mongo, tenant=1)
    assert await places.take(place("a"), is_called=False)
    assert await places.take(place("b", "globex"), is_called=False)


async def test_after_somebody_was_turned_away_only_who_is_called_gets_a_place(
    mongo: Mongo,
) -> None:
    places = places_of(mongo, in_all=1)
    assert await places.take(place("a"), is_called=False)
    assert not await places.take(place("b", "globex"), is_called=False)
    await places.free(place("a"))
    assert not await places.take(place("a"), is_called=False)
    assert await places.take(place("b", "globex"), is_called=True)


async def test_a_job_has_one_place_and_asking_twice_makes_it_no_crowd(mongo: Mongo) -> None:
    places = places_of(mongo)
    assert await places.take(place("a"), is_called=False)
    assert not await places.take(place("a", owner="two"), is_called=False)
    assert not await places.free(place("a"))


async def test_the_place_of_a_dead_process_is_free_after_a_while(mongo: Mongo) -> None:
    places = places_of(mongo, in_all=2)
    assert await places.take(place("a", owner="dead"), is_called=False)
    assert await places.take(place("b", owner="alive"), is_called=False)
    document = await mongo.database["job_places"].find_one({})
    assert document is not None
    # Time passes for both, and one of them renews.
    past = [{**one, "until": one["until"].replace(year=2001)} for one in document["taken"]]
    await mongo.database["job_places"].update_one({}, {"$set": {"taken": past}})
    await places.renew("alive")
    assert await places.take(place("c"), is_called=True)
    assert not await places.take(place("d"), is_called=True)


async def test_the_places_that_are_left_are_counted(mongo: Mongo) -> None:
    places = places_of(mongo, in_all=2)
    assert await places.vacant() == 2
    await places.take(place("a"), is_called=False)
    assert await places.vacant() == 1
    await places.take(place("b"), is_called=False)
    assert await places.vacant() == 0
    await places_of(mongo, in_all=1).free(place("a"))
    assert await places_of(mongo, in_all=1).vacant() == 0
    assert await places.vacant() == 1


async def test_a_crowd_that_comes_at_once_gets_no_more_than_there_is(mongo: Mongo) -> None:
    places = places_of(mongo, in_all=3)
    taken = await asyncio.gather(
        *(places.take(place(f"job{at}"), is_called=True) for at in range(12))
    )
    assert taken.count(True) == 3


async def test_a_tenant_that_is_called_like_an_expression_is_counted(mongo: Mongo) -> None:
    places = places_of(mongo, tenant=1)
    assert await places.take(place("a", "$owner"), is_called=False)
    assert not await places.take(place("b", "$owner"), is_called=True)
    assert await places.take(place("c", "$$NOW"), is_called=True)
