"""Limits of OAuth apps: one sum over tenants and processes, with a reserve."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from src.connectors.app_limits import READING, AppLimit, AppWindow, ToldUsage
from src.connectors.registry import LoadedConnector
from src.core.errors import RateLimited, ServiceUnavailable
from src.db.client import Mongo
from src.db.platform import AppPoints
from src.models.connection import AppLevel, GrantedTo
from src.models.rate_limit import RateLimit
from src.services.app_budgets import AppBudget, AppBudgets
from tests.testing.shelf.connector import ShelfConnector

LIMIT = AppLimit(points_per_hour=10, reserve=4, cost=2, costs={"GET /dear": 5})
HALF_PAST = datetime(2026, 11, 21, 12, 30, tzinfo=UTC).timestamp()
APP = GrantedTo(level=AppLevel.PLATFORM, client_id="app", token_origin="https://x.example")
OTHER = APP.model_copy(update={"client_id": "other"})


class Clock:
    def __init__(self) -> None:
        self.now = HALF_PAST

    def __call__(self) -> float:
        return self.now


class Away(AppPoints):
    async def add(self, spent: object) -> None:  # noqa: ARG002  none is taken
        raise ServiceUnavailable("away")


def registry(limit: AppLimit | None = LIMIT) -> dict[str, LoadedConnector]:
    manifest = ShelfConnector.manifest.model_copy(update={"app_limit": limit})
    kind = type("Limited", (ShelfConnector,), {"manifest": manifest})
    return {"shelf": LoadedConnector(kind, b"")}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def process(mongo: Mongo, clock: Clock) -> Callable[[], AppBudgets]:
    def make() -> AppBudgets:
        return AppBudgets(registry(), AppPoints(lambda: mongo.database), clock=clock)

    return make


def of(budgets: AppBudgets, app: GrantedTo = APP, *, background: bool = False) -> AppBudget:
    found = budgets.of("shelf", app, background=background)
    assert found is not None
    return found


def spend(budget: AppBudget, *endpoints: str) -> None:
    for endpoint in endpoints:
        budget.spend(endpoint)


def test_background_work_stops_at_the_reserve_and_people_go_on(
    process: Callable[[], AppBudgets],
) -> None:
    budgets = process()
    people, work = of(budgets), of(budgets, background=True)
    spend(work, "GET /a", "GET /b", "GET /c")
    with pytest.raises(RateLimited):
        work.spend("GET /d")
    assert (work.wait(), people.wait()) == (1800, 0)
    spend(people, "GET /e", "GET /f")
    with pytest.raises(RateLimited) as caught:
        people.spend("GET /g")
    assert caught.value.retry_after == 1800
    assert caught.value.details["by"] == "provider"


def test_dear_requests_cost_more(process: Callable[[], AppBudgets]) -> None:
    budget = of(process())
    spend(budget, "GET /dear", "GET /a")
    with pytest.raises(RateLimited):
        budget.spend("GET /dear")
    spend(budget, "GET /a")


def test_each_app_has_its_own(process: Callable[[], AppBudgets]) -> None:
    budgets = process()
    spend(of(budgets), "GET /dear", "GET /dear")
    spend(of(budgets, OTHER), "GET /dear")


async def test_an_app_is_counted_over_processes(process: Callable[[], AppBudgets]) -> None:
    one, two = process(), process()
    spend(of(one), "GET /dear")
    spend(of(two), "GET /a")
    await one.flush()
    await two.flush()
    await one.flush()
    for budgets in (one, two):
        with pytest.raises(RateLimited):
            of(budgets).spend("GET /dear")
    spend(of(one), "GET /a")


async def test_the_hour_turns_and_is_forgotten(
    process: Callable[[], AppBudgets], clock: Clock
) -> None:
    budgets = process()
    spend(of(budgets), "GET /dear", "GET /dear")
    clock.now += 1800
    spend(of(budgets), "GET /dear", "GET /dear")
    await budgets.flush()
    await budgets.flush()
    assert budgets.known == 1
    clock.now -= 1
    assert of(process()).wait() == 0
    await budgets.flush()
    late = process()
    assert of(late).wait() == 0
    await late.flush()
    assert of(late).wait() == 1


async def test_nothing_is_lost_while_the_database_is_away(mongo: Mongo, clock: Clock) -> None:
    away = AppBudgets(registry(), Away(lambda: mongo.database), clock=clock)
    spend(of(away), "GET /dear", "GET /dear")
    with pytest.raises(ServiceUnavailable):
        await away.flush()
    assert of(away).wait() == 1800
    with pytest.raises(ServiceUnavailable):
        await away.flush()


def test_keys_imports_and_connectors_without_a_limit_are_free(
    mongo: Mongo, process: Callable[[], AppBudgets]
) -> None:
    assert process().of("shelf", None) is None
    assert process().of("gone", APP) is None
    free = AppBudgets(registry(None), AppPoints(lambda: mongo.database))
    assert free.of("shelf", APP) is None


def test_a_reserve_that_leaves_nothing_is_refused() -> None:
    for wrong in ({"points_per_hour": 10, "reserve": 10}, {"windows": ()}):
        with pytest.raises(ValueError, match="app_limit"):
            AppLimit.model_validate(wrong)


READS = AppWindow(seconds=900, points=3, reserve=1, methods=READING)
ALL = AppWindow(seconds=900, points=5)
DAY = AppWindow(seconds=86_400, points=8)


def told(headers: Mapping[str, str]) -> list[ToldUsage]:
    windows = {"reads": READS, "all": ALL, "day": DAY}
    found = {windows[name]: text.split("/") for name, text in headers.items()}
    return [ToldUsage(window, int(used), int(most)) for window, (used, most) in found.items()]


WINDOWS = AppLimit(windows=(READS, ALL, DAY), told=told)


@pytest.fixture
def windows(mongo: Mongo, clock: Clock) -> Callable[[], AppBudgets]:
    def make() -> AppBudgets:
        return AppBudgets(registry(WINDOWS), AppPoints(lambda: mongo.database), clock=clock)

    return make


def refused_for(budget: AppBudget, endpoint: str) -> float | None:
    with pytest.raises(RateLimited) as caught:
        budget.spend(endpoint)
    return caught.value.retry_after


def test_windows_hold_side_by_side_each_for_its_requests(
    windows: Callable[[], AppBudgets], clock: Clock
) -> None:
    clock.now += 60
    budget = of(windows())
    spend(budget, "GET /a", "GET /a", "GET /a")
    assert refused_for(budget, "GET /a") == 840
    spend(budget, "POST /a", "PUT /a")
    assert refused_for(budget, "POST /a") == 840
    clock.now += 840
    spend(budget, "GET /a", "POST /a", "POST /a")
    # The day is used up: that outlasts the quarter of an hour.
    assert refused_for(budget, "GET /a") == (11 * 60 + 15) * 60


def test_what_was_refused_is_not_counted(windows: Callable[[], AppBudgets]) -> None:
    budget = of(windows())
    spend(budget, "GET /a", "GET /a", "GET /a")
    for _ in range(5):
        refused_for(budget, "GET /a")
    spend(budget, "POST /a", "POST /a")


def test_each_window_has_its_own_reserve(windows: Callable[[], AppBudgets]) -> None:
    budgets = windows()
    work, people = of(budgets, background=True), of(budgets)
    spend(work, "GET /a", "GET /a")
    refused_for(work, "GET /a")
    spend(work, "POST /a")
    spend(people, "GET /a")
    assert (work.wait(), people.wait()) == (0, 0)


def test_the_provider_knows_better(windows: Callable[[], AppBudgets], clock: Clock) -> None:
    """Another program uses the same app, and the app has been given more than the usual."""
    budget = of(windows())
    asked = budget.spend("GET /a")
    budget.hear({"reads": "3/3", "all": "3/5"}, asked)
    refused_for(budget, "GET /a")
    # Less than we know of is what is still under way.
    budget.hear({"reads": "1/3"}, asked)
    refused_for(budget, "GET /a")
    budget.hear({"reads": "3/6"}, asked)
    spend(budget, "GET /a")
    clock.now += 900
    # An answer that comes late speaks of the span in which it was asked.
    budget.hear({"reads": "6/6", "all": "5/5"}, asked)
    spend(budget, "GET /a")


def test_the_tightest_window_is_shown(windows: Callable[[], AppBudgets]) -> None:
    budget = of(windows())
    quarter, midnight = int(HALF_PAST) + 900, int(HALF_PAST) + 41_400
    assert budget.rate_limit == RateLimit(limit=3, remaining=3, reset=quarter)
    budget.hear({"day": "3990/4000"}, budget.spend("GET /a"))
    assert budget.rate_limit == RateLimit(limit=3, remaining=2, reset=quarter)
    budget.hear({"day": "3999/4000"}, budget.spend("POST /a"))
    assert budget.rate_limit == RateLimit(limit=4000, remaining=1, reset=midnight)
    budget.hear({"day": "4001/4000"}, budget.spend("POST /a"))
    assert budget.rate_limit == RateLimit(limit=4000, remaining=0, reset=midnight)


def test_a_limit_of_which_nothing_is_told_is_not_shown(process: Callable[[], AppBudgets]) -> None:
    assert of(process()).rate_limit is None


async def test_what_was_told_to_one_process_holds_for_all(
    windows: Callable[[], AppBudgets],
) -> None:
    one, two = windows(), windows()
    first = of(one)
    asked = first.spend("GET /a")
    await one.flush()
    first.hear({"reads": "1/20", "all": "1/20", "day": "1/20"}, asked)
    await one.flush()
    second = of(two)
    second.spend("GET /a")
    await two.flush()
    spend(second, *["GET /a"] * 18)
    refused_for(second, "GET /a")
    await two.flush()
    await one.flush()
    refused_for(first, "GET /a")


async def test_past_spans_are_forgotten_each_at_its_end(
    windows: Callable[[], AppBudgets], clock: Clock
) -> None:
    budgets = windows()
    spend(of(budgets), "GET /a")
    await budgets.flush()
    assert budgets.known == 3
    clock.now += 900
    await budgets.flush()
    assert budgets.known == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"windows": (ALL, ALL)},
        {"points_per_hour": 9, "windows": (AppWindow(seconds=3600, points=1),)},
    ],
)
def test_windows_that_cannot_be_told_apart_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="each of another length"):
        AppLimit.model_validate(wrong)


def test_a_window_must_fit_into_the_day() -> None:
    with pytest.raises(ValueError, match="whole number"):
        AppWindow(seconds=7_000, points=1)
