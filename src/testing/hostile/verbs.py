"""Troubles that strike every verb: what it may answer, and how much it may ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from src.core.errors import (
    AppError,
    InsufficientScope,
    ProviderUnavailable,
    RateLimited,
    SkipThis,
    TryLater,
    UnreadableAnswer,
    Wait,
)
from src.core.waits import LONGEST_WAIT_SECONDS
from src.models.unified import Page
from src.testing.bench import Bench, expect
from src.testing.faults import Verb, verbs
from src.testing.hostile.trials import Ledger

if TYPE_CHECKING:
    from src.testing.conformance import ConnectorConformance

_ATTEMPTS = 3
"""As often may a request be made that brings nothing; and one more question may be asked, by a
connector that knows where a refusal has its reason."""
_WAIT = 90
_HOUR = 3_600
_BOMB = 32 * 2**20
_MOST_TAKEN = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordeal:
    """A fault, and what may come of it."""

    rule: str
    scenario: str
    fault: dict[str, Any]
    errors: tuple[type[AppError], ...]
    may_answer: bool = False
    """With what it answers without the fault."""
    upon: tuple[str, ...] = ()
    """Only these verbs; none = every one."""
    waits: tuple[float, float] | None = None
    """How long the error may ask to wait."""


def ordeals(host: str) -> tuple[Ordeal, ...]:
    """All of them, for a provider at this host."""
    return (*_waits(), *_storms(), *_nonsense(), *_redirects(host))


def _waits() -> Iterator[Ordeal]:
    absurd = ("99999999999999999999", "-5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT")
    for text in absurd:
        yield Ordeal(
            rule="bounded-waits",
            scenario=f"Retry-After: {text}",
            fault={"kind": "rate_limited", "retry_after_text": text},
            errors=(RateLimited,),
            waits=(0, LONGEST_WAIT_SECONDS),
        )
    for name, skew in (("right", 0), ("an hour ahead", _HOUR), ("an hour behind", -_HOUR)):
        yield Ordeal(
            rule="bounded-waits",
            scenario=f"Retry-After: a date, clock {name}",
            fault={"kind": "rate_limited", "retry_after": _WAIT, "skew": skew},
            errors=(RateLimited,),
            waits=(_WAIT / 2, _WAIT * 2),
        )


def _storms() -> Iterator[Ordeal]:
    yield Ordeal(
        rule="patient-storms",
        scenario="429 twice",
        fault={"kind": "rate_limited", "retry_after": 1, "times": 2},
        errors=(RateLimited,),
        may_answer=True,
    )
    yield Ordeal(
        rule="patient-storms",
        scenario="429 for ever",
        fault={"kind": "rate_limited", "retry_after": 1},
        errors=(RateLimited,),
    )


def _nonsense() -> Iterator[Ordeal]:
    refused = (SkipThis, Wait, TryLater, UnreadableAnswer, InsufficientScope)
    for status, errors in ((502, (ProviderUnavailable,)), (429, (RateLimited,)), (403, refused)):
        yield Ordeal(
            rule="named-nonsense",
            scenario=f"HTML with {status}",
            fault={"kind": "html_error", "status": status},
            errors=errors,
        )
    yield Ordeal(
        rule="named-nonsense",
        scenario="wrong content type",
        fault={"kind": "mislabelled"},
        errors=(UnreadableAnswer,),
        may_answer=True,
    )
    yield Ordeal(
        rule="bounded-answers",
        scenario="packed bomb",
        fault={"kind": "huge", "size": _BOMB, "packed": True},
        errors=(UnreadableAnswer,),
        # Unpacking takes its time, and all go through one door.
        upon=("identify", "containers", "items", "item", "comments"),
    )


def _redirects(host: str) -> Iterator[Ordeal]:
    places = {
        "another port": f"http://{host}:8080/",
        "a user name": f"http://{host}@outside.example/",
        "in a circle": f"http://{host}/round",
    }
    for name, location in places.items():
        yield Ordeal(
            rule="no-strangers",
            scenario=f"redirect: {name}",
            fault={"kind": "redirect_outside", "location": location},
            errors=(UnreadableAnswer,),
        )


@dataclass(frozen=True, slots=True)
class _Calm:
    """What a verb does when nothing is wrong."""

    requests: int
    amount: int | None
    """How much it answers, where that can be counted."""


async def check_verbs(suite: type[ConnectorConformance], ledger: Ledger) -> None:
    """Every ordeal upon every verb."""
    one = suite()
    calm: dict[str, _Calm] = {}
    bench = one.open_bench()
    for name, verb in verbs(bench.connector(), one.landmarks()).items():
        bench.wires.forget()
        calm[name] = _Calm(0, None)
        async with ledger.trial("named-nonsense", "no fault", name):
            value = await verb()
            calm[name] = _Calm(len(bench.wires.requests), _amount(value))
    for ordeal in ordeals(bench.wires.host):
        bench = one.open_bench()
        for name, verb in verbs(bench.connector(), one.landmarks()).items():
            if ordeal.upon and name not in ordeal.upon:
                continue
            await bench.fault(**ordeal.fault)
            async with ledger.trial(ordeal.rule, ordeal.scenario, name):
                await _check(bench, ordeal, name, verb, calm[name], ledger)


async def _check(
    bench: Bench, ordeal: Ordeal, name: str, verb: Verb, calm: _Calm, ledger: Ledger
) -> None:
    value, error = await ledger.watched(bench, ordeal.scenario, name, verb)
    wanted = " or ".join(kind.__name__ for kind in ordeal.errors)
    if error is None:
        expect(ordeal.may_answer, f"{name} hides it: it must become {wanted}")
        expect(
            _amount(value) == calm.amount,
            f"{name} answers {_amount(value)} entries, without the fault it is {calm.amount}",
        )
    else:
        _check_error(ordeal, name, error, wanted)
    sent = len(bench.wires.requests)
    most = (max(calm.requests, 1) + 1) * _ATTEMPTS
    expect(sent <= most, f"{name} makes {sent} requests, {most} at the most would do")
    strangers = {request.url.netloc.decode() for request in bench.wires.requests}
    strangers -= {bench.wires.host}
    expect(not strangers, f"{name} calls {', '.join(sorted(strangers))}")
    taken = max((body.taken for body in bench.wires.bodies), default=0)
    expect(
        ordeal.rule != "bounded-answers" or taken <= _MOST_TAKEN,
        f"{name} reads {taken} bytes of a packed answer, {_MOST_TAKEN} at the most are enough",
    )


def _check_error(ordeal: Ordeal, name: str, error: Exception, wanted: str) -> None:
    expect(
        isinstance(error, ordeal.errors),
        f"{name}: it became {type(error).__name__} ({error}), it must become {wanted}",
    )
    if ordeal.waits is not None and isinstance(error, AppError):
        least, most = ordeal.waits
        wait = error.retry_after
        expect(
            wait is not None and least <= wait <= most,
            f"{name} asks to wait for {wait} seconds, it must be between {least:g} and {most:g}",
        )


def _amount(value: object) -> int | None:
    return len(value.items) if isinstance(value, Page) else None
