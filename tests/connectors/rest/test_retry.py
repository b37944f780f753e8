"""What is tried again, how often, and how long the waits are."""

import asyncio

import pytest

from src.connectors.rest.retry import Retrier, RetryPolicy
from src.core.errors import (
    AppError,
    CredentialRefused,
    InsufficientScope,
    ProviderConflict,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    UnreadableAnswer,
)
from tests.fakes.clock import Sleeps


class Attempts:
    """A call that fails with these errors, one each time, and then succeeds."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.count = 0

    async def __call__(self) -> str:
        self.count += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def down() -> AppError:
    return ProviderUnavailable("down")


def limited(retry_after: float | None) -> AppError:
    return RateLimited("slowly", retry_after=retry_after)


@pytest.mark.parametrize(
    ("error", "get", "post"),
    [
        (down(), 3, 1),
        (ProviderTimeout("slow"), 3, 1),
        (limited(0.5), 3, 3),
        (CredentialRefused("who?"), 1, 1),
        (InsufficientScope("more", ["x"]), 1, 1),
        (ProviderForbidden("no"), 1, 1),
        (ProviderNotFound("gone"), 1, 1),
        (ProviderConflict("other"), 1, 1),
        (ProviderRejected("wrong"), 1, 1),
        (UnreadableAnswer("what?"), 1, 1),
        (ValueError("ours"), 1, 1),
        (asyncio.CancelledError(), 1, 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
async def test_what_is_tried_again(
    error: BaseException, get: int, post: int, sleeps: Sleeps
) -> None:
    for repeatable, expected in ((True, get), (False, post)):
        attempts = Attempts(*[error] * 5)
        with pytest.raises(type(error)) as caught:
            await Retrier(sleep=sleeps).run(attempts, repeatable=repeatable)
        assert caught.value is error
        assert attempts.count == expected


async def test_success_after_failures_is_a_success(sleeps: Sleeps) -> None:
    attempts = Attempts(down(), limited(2))
    assert await Retrier(sleep=sleeps).run(attempts, repeatable=True) == "done"
    assert attempts.count == 3
    assert sleeps.seconds[1] == 2


async def test_success_at_once_waits_for_nothing(sleeps: Sleeps) -> None:
    assert await Retrier(sleep=sleeps).run(Attempts(), repeatable=True) == "done"
    assert sleeps.seconds == []


async def test_the_attempts_are_counted(sleeps: Sleeps) -> None:
    policy = RetryPolicy(attempts=5, first_wait=0, budget=1)
    attempts = Attempts(*[down() for _ in range(9)])
    with pytest.raises(ProviderUnavailable):
        await Retrier(policy, sleep=sleeps).run(attempts, repeatable=True)
    assert attempts.count == 5
    assert len(sleeps.seconds) == 4


async def test_waits_double_with_full_jitter_up_to_the_longest(sleeps: Sleeps) -> None:
    policy = RetryPolicy(attempts=6, first_wait=0.5, longest_wait=2, budget=1e9)
    for _ in range(50):
        with pytest.raises(ProviderUnavailable):
            await Retrier(policy, sleep=sleeps).run(
                Attempts(*[down() for _ in range(9)]), repeatable=True
            )
    bounds = [0.5, 1, 2, 2, 2]
    for position, bound in enumerate(bounds):
        waits = sleeps.seconds[position :: len(bounds)]
        assert all(0 <= wait <= bound for wait in waits)
        assert max(waits) > bound / 2
        assert min(waits) < bound / 2


@pytest.mark.parametrize("kind", [RateLimited, ProviderUnavailable, ProviderTimeout])
async def test_retry_after_is_obeyed(kind: type[AppError], sleeps: Sleeps) -> None:
    attempts = Attempts(kind("later", retry_after=3), kind("later", retry_after=4))
    assert await Retrier(sleep=sleeps).run(attempts, repeatable=True) == "done"
    assert sleeps.seconds == [3, 4]


async def test_a_wait_of_nothing_is_obeyed_too(sleeps: Sleeps) -> None:
    assert await Retrier(sleep=sleeps).run(Attempts(limited(0)), repeatable=True) == "done"
    assert sleeps.seconds == [0]


@pytest.mark.parametrize(
    ("waits", "slept"), [([10.5], []), ([4, 4, 4], [4, 4]), ([6, 6], [6]), ([9.9], [9.9])]
)
async def test_a_wait_over_the_budget_is_not_begun(
    waits: list[float], slept: list[float], sleeps: Sleeps
) -> None:
    attempts = Attempts(*map(limited, waits), *map(limited, [99]))
    with pytest.raises(RateLimited):
        await Retrier(RetryPolicy(attempts=9), sleep=sleeps).run(attempts, repeatable=True)
    assert sleeps.seconds == slept


async def test_a_cancelled_wait_ends_at_once() -> None:
    waiting = asyncio.Event()

    async def sleep(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    attempts = Attempts(down())
    task = asyncio.create_task(Retrier(sleep=sleep).run(attempts, repeatable=True))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert attempts.count == 1
