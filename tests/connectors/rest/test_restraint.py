"""What a provider said not to ask is not asked; what is counted here is not overdrawn."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
import msgspec
import pytest

from src.connectors.rest.client import Dialect
from src.connectors.rest.errors import Refusal, Verdict
from src.connectors.rest.restraint import LONGEST_HOLD, Holds, Restraint
from src.core.errors import LimitOf, RateLimited
from src.core.outbound import Response
from src.models.rate_limit import RateLimit
from tests.connectors.rest.conftest import DIALECT, Call

OWNER = "con_1"
THING = httpx.Response(200, json={"id": 7})


class Thing(msgspec.Struct):
    id: int


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Purse:
    points: int
    spent: list[str] = field(default_factory=list)
    heard: list[tuple[str, float]] = field(default_factory=list)

    @property
    def rate_limit(self) -> RateLimit:
        return RateLimit(limit=None, remaining=self.points, reset=None)

    def spend(self, endpoint: str) -> float:
        if not self.points:
            raise RateLimited("empty", details={"by": "provider"}, retry_after=60)
        self.points -= 1
        self.spent.append(endpoint)
        return float(len(self.spent))

    def hear(self, headers: Mapping[str, str], spent_at: float) -> None:
        self.heard.append((headers["x-used"], spent_at))


def limited(wait: float) -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": str(wait)}, json={"message": "slowly"})


def telling(limit_of: LimitOf) -> Dialect:
    def classify(response: Response) -> Refusal | None:
        is_limited = response.status == 429
        return Refusal(Verdict.LIMITED, limit_of=limit_of) if is_limited else None

    return Dialect(path_patterns=DIALECT.path_patterns, classify=classify)


async def refused(client: object, path: str = "/things/{name}") -> RateLimited:
    with pytest.raises(RateLimited) as caught:
        await client.get(path, Thing, name="a")  # type: ignore[attr-defined]
    return caught.value


async def test_a_paused_connection_is_not_asked_until_the_limit_is_over(over: Call) -> None:
    clock = Clock()
    restraint = Restraint(Holds(clock), OWNER)
    dialect = telling(LimitOf.CONNECTION)
    client, provider = over(limited(90), THING, restraint=restraint, dialect=dialect)
    first = await refused(client)
    clock.now += 30
    again = await refused(client.below("/below"), "/others/{name}")
    assert (first.retry_after, again.retry_after) == (90, 60)
    assert (again.message, again.details) == (first.message, first.details)
    assert len(provider.requests) == 1
    clock.now += 60
    assert await client.get("/things/{name}", Thing, name="a") == Thing(7)


async def test_a_paused_endpoint_leaves_the_others_free(over: Call) -> None:
    restraint = Restraint(Holds(Clock()), OWNER)
    dialect = telling(LimitOf.ENDPOINT)
    client, provider = over(limited(90), THING, restraint=restraint, dialect=dialect)
    await refused(client)
    await refused(client)
    assert await client.get("/others/{name}", Thing, name="a") == Thing(7)
    assert await client.write("PUT", "/things/{name}", Thing, name="a") == Thing(7)
    assert len(provider.requests) == 3


async def test_another_connection_is_free(over: Call) -> None:
    holds = Holds(Clock())
    dialect = telling(LimitOf.CONNECTION)
    client, _ = over(limited(90), restraint=Restraint(holds, OWNER), dialect=dialect)
    await refused(client)
    other, _ = over(THING, restraint=Restraint(holds, "con_2"), dialect=dialect)
    assert await other.get("/things/{name}", Thing, name="a") == Thing(7)
    nobody, _ = over(THING, restraint=Restraint(holds), dialect=dialect)
    assert await nobody.get("/things/{name}", Thing, name="a") == Thing(7)


@pytest.mark.parametrize(
    ("wait", "limit_of"), [(9.9, LimitOf.CONNECTION), (90, LimitOf.REQUEST)], ids=["short", "one"]
)
async def test_what_is_short_or_about_one_request_is_not_kept(
    over: Call, wait: float, limit_of: LimitOf
) -> None:
    holds = Holds(Clock())
    client, provider = over(
        limited(wait), restraint=Restraint(holds, OWNER), dialect=telling(limit_of)
    )
    await refused(client)
    assert holds.known == 0
    before = len(provider.requests)
    await refused(client)
    assert len(provider.requests) > before


async def test_nobody_waits_for_longer_than_an_hour(over: Call) -> None:
    clock = Clock()
    restraint = Restraint(Holds(clock), OWNER)
    dialect = telling(LimitOf.CONNECTION)
    client, provider = over(limited(86_000), THING, restraint=restraint, dialect=dialect)
    await refused(client)
    clock.now += LONGEST_HOLD - 1
    await refused(client)
    assert len(provider.requests) == 1
    clock.now += 1
    await client.get("/things/{name}", Thing, name="a")


def test_what_is_kept_holds_no_answer_and_no_credential_of_the_call() -> None:
    holds = Holds(Clock())
    error = RateLimited("x", retry_after=90, limit_of=LimitOf.CONNECTION)
    seen = weakref.ref(error)
    holds.note(OWNER, "GET /x", error)
    del error
    assert seen() is None


def test_what_is_kept_is_bounded() -> None:
    holds = Holds(Clock())
    error = RateLimited("x", retry_after=90, limit_of=LimitOf.CONNECTION)
    for number in range(10_001):
        holds.note(f"con_{number}", "GET /x", error)
    assert holds.known == 10_000
    holds.check("con_0", "GET /x")
    with pytest.raises(RateLimited):
        holds.check("con_10000", "GET /x")


async def test_each_request_is_counted_and_none_is_sent_without_room(over: Call) -> None:
    purse = Purse(3)
    outage = httpx.Response(503, headers={"X-Used": "1"})
    second, third = (httpx.Response(200, json={"id": 7}, headers={"X-Used": n}) for n in "23")
    client, provider = over(outage, second, third, restraint=Restraint(budget=purse))
    await client.get("/things/{name}", Thing, name="a")
    await client.write("POST", "/things", Thing)
    assert purse.spent == ["GET /things/{name}", "GET /things/{name}", "POST /things"]
    # Each answer is told, a refusal, too, with when its request was counted.
    assert purse.heard == [("1", 1.0), ("2", 2.0), ("3", 3.0)]
    assert client.rate_limit == purse.rate_limit
    error = await refused(client)
    assert error.retry_after == 60
    assert len(provider.requests) == 3
