"""Background work keeps to its share of a connection's limit."""

from dataclasses import dataclass, field

import httpx
import msgspec

from src.connectors.rest.pacing import BURST_SECONDS, BackgroundPace, Paces, Pacing
from src.connectors.rest.restraint import Restraint
from tests.connectors.rest.conftest import Call

PACE = BackgroundPace(units_per_minute=60, costs={"GET /things/{name}": 5, "GET /free": 0})


class Thing(msgspec.Struct):
    id: int


@dataclass
class Time:
    """A clock that is moved by sleeping."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def test_requests_come_at_the_pace_after_a_first_burst() -> None:
    time = Time()
    pacing = Pacing(Paces(time), "con_1", PACE, time.sleep)
    for _ in range(100):
        await pacing.pause("GET /things")
    assert time.now - 1000 == 100 - BURST_SECONDS
    time.now += 3600
    time.slept.clear()
    await pacing.pause("GET /things/{name}")
    assert time.slept == []
    await pacing.pause("GET /things/{name}")
    await pacing.pause("GET /free")
    assert time.slept == [5]


async def test_those_of_one_connection_share_its_pace_and_others_have_their_own() -> None:
    time = Time()
    paces = Paces(time)
    one, same, other = (Pacing(paces, owner, PACE, time.sleep) for owner in ("a", "a", "b"))
    await one.pause("GET /things/{name}")
    await other.pause("GET /things/{name}")
    assert time.slept == []
    await same.pause("GET /things/{name}")
    assert time.slept == [5]


async def test_a_client_waits_before_it_asks_by_its_path(over: Call) -> None:
    time = Time()
    restraint = Restraint(pacing=Pacing(Paces(time), "con_1", PACE, time.sleep))
    client, provider = over(httpx.Response(200, json={"id": 7}), restraint=restraint)
    for _ in range(3):
        await client.get("/things/{name}", Thing, name="a")
    assert time.slept == [5, 5]
    assert len(provider.requests) == 3
