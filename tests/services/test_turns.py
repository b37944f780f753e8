"""Work that one process at a time does for all."""

from src.db.client import Mongo
from src.db.leases import Leases
from src.services.turns import Turns


class Chore:
    def __init__(self) -> None:
        self.done = 0

    async def __call__(self) -> None:
        self.done += 1


def turns(mongo: Mongo) -> Turns:
    return Turns(lambda: Leases(mongo.database))


async def test_one_process_does_it_and_keeps_doing_it(mongo: Mongo) -> None:
    one, other = Chore(), Chore()
    in_one, in_other = (turns(mongo).only_one("sweep", chore) for chore in (one, other))
    for _ in range(3):
        await in_one()
        await in_other()
    assert (one.done, other.done) == (3, 0)


async def test_another_begins_once_the_first_gives_up(mongo: Mongo) -> None:
    first, chore = turns(mongo), Chore()
    await first.only_one("sweep", Chore())()
    await first.give_up()
    await turns(mongo).only_one("sweep", chore)()
    assert chore.done == 1


async def test_another_begins_once_the_first_has_not_come_back_in_time(mongo: Mongo) -> None:
    chore = Chore()
    await turns(mongo).only_one("sweep", Chore(), seconds=0.0)()
    await turns(mongo).only_one("sweep", chore)()
    assert chore.done == 1


async def test_turns_of_different_names_are_apart(mongo: Mongo) -> None:
    chore = Chore()
    await turns(mongo).only_one("sweep", Chore())()
    await turns(mongo).only_one("schedules", chore)()
    assert chore.done == 1
