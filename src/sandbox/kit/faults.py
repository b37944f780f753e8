"""Faults that can be switched on, and the book that decides which call they strike."""

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection

    from src.sandbox.kit.store import SandboxStore

_Count = Annotated[int, msgspec.Meta(ge=0)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=86_400)]
_SERVER_ERROR = 500


class FaultKind(StrEnum):
    """The ways in which a provider can let its caller down."""

    RATE_LIMITED = "rate_limited"
    SECONDARY_LIMIT = "secondary_limit"
    PRIMARY_LIMIT = "primary_limit"
    SERVER_ERROR = "server_error"
    SLOW = "slow"
    CUT = "cut"
    NOT_JSON = "not_json"
    TRUNCATED_JSON = "truncated_json"
    WRONG_TYPE = "wrong_type"
    HUGE = "huge"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    REPEATED_PAGE = "repeated_page"
    REDIRECT_OUTSIDE = "redirect_outside"
    LOST_REPLY = "lost_reply"
    """What was asked for is done, and nothing of the answer arrives."""
    LATE_REPLY = "late_reply"
    """What was asked for is done at once, and the answer comes after ``delay``."""
    HTML_ERROR = "html_error"
    MISLABELLED = "mislabelled"
    """The true answer, called HTML by its content type."""
    CLOCK_SKEW = "clock_skew"
    """The true answer, told by a clock that is ``skew`` seconds ahead, or behind."""
    ENDLESS_PAGES = "endless_pages"
    """Each page leads to another, by a token that nobody has seen before."""
    DOUBLED_DELIVERY = "doubled_delivery"
    HELD_DELIVERY = "held_delivery"
    """Webhooks are kept back until ``POST /_sandbox/deliveries`` lets them go, newest first."""


OF_DELIVERIES = frozenset({FaultKind.DOUBLED_DELIVERY, FaultKind.HELD_DELIVERY})
"""These strike what the provider sends, and ``path`` is that of the address; all others strike
what it is asked."""
OF_REQUESTS = frozenset(FaultKind) - OF_DELIVERIES

_WAITS = frozenset({"retry_after", "retry_after_text", "skew"})
_PARAMETERS: dict[FaultKind, frozenset[str]] = {
    FaultKind.RATE_LIMITED: _WAITS,
    FaultKind.SECONDARY_LIMIT: _WAITS,
    FaultKind.PRIMARY_LIMIT: _WAITS,
    FaultKind.SERVER_ERROR: frozenset({"status"}),
    FaultKind.SLOW: frozenset({"delay"}),
    FaultKind.HUGE: frozenset({"size", "packed"}),
    FaultKind.REDIRECT_OUTSIDE: frozenset({"location"}),
    FaultKind.LATE_REPLY: frozenset({"delay"}),
    FaultKind.HTML_ERROR: frozenset({"status"}),
    FaultKind.CLOCK_SKEW: frozenset({"skew"}),
}
_ALL_PARAMETERS = frozenset[str]().union(*_PARAMETERS.values())


def parameters_of(kind: FaultKind) -> frozenset[str]:
    """What a fault of this kind reads beside path, method, after and times."""
    return _PARAMETERS.get(kind, frozenset())


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One switched-on fault; a parameter that its kind does not read is refused."""

    kind: FaultKind
    path: str = "/"
    """A regular expression, matched from the start of the path: a plain path is a prefix."""
    method: Annotated[str, msgspec.Meta(pattern="^[A-Z]+$")] | None = None
    after: _Count = 0
    """How many matching calls pass first."""
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """How often it strikes; None is until it is switched off."""
    retry_after: _Seconds | None = None
    retry_after_text: Annotated[str, msgspec.Meta(pattern="^[ -~]{1,100}$")] | None = None
    """The header as it stands, however absurd: ``-5``, ``soon``, a date in the past."""
    skew: Annotated[int, msgspec.Meta(ge=-86_400, le=86_400)] | None = None
    """By how many seconds the provider's clock is ahead. A limit then tells its end as a date by
    that clock (0 = by the right one)."""
    delay: Annotated[float, msgspec.Meta(ge=0, le=60)] | None = None
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    size: Annotated[int, msgspec.Meta(ge=1, le=2**30)] | None = None
    packed: bool | None = None
    """Sent as gzip, which makes a thousandth of it."""
    location: Annotated[str, msgspec.Meta(pattern="^https?://[!-~]+$")] | None = None

    def __post_init__(self) -> None:
        """Refuse what would silently never strike, or not as its author believes."""
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"path is not a regular expression: {error}") from error
        for name in sorted(_ALL_PARAMETERS - parameters_of(self.kind)):
            if getattr(self, name) is not None:
                raise ValueError(f"{self.kind.value} has no parameter {name}")
        if self.kind is FaultKind.SERVER_ERROR and (self.status or _SERVER_ERROR) < _SERVER_ERROR:
            raise ValueError("server_error has a status from 500 on")

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a call is one this fault counts."""
        return self.method in {None, method} and re.match(self.path, path) is not None

    def strikes(self, call: int) -> bool:
        """Tell whether the n-th matching call (from 1) is struck."""
        return call > self.after and (self.times is None or call <= self.after + self.times)


class FaultBook:
    """The faults of one provider, shared through the store by every process."""

    def __init__(self, store: "SandboxStore", prefix: str) -> None:
        """Keep to the keys below the prefix."""
        self._store = store
        self._key = f"{prefix}/faults"

    async def faults(self) -> list[Fault]:
        """Return the faults that are switched on, in their order."""
        return (await self._read())[1]

    async def replace(self, faults: list[Fault]) -> None:
        """Switch to another list and forget what the old one has counted."""
        generation, _ = await self._read()
        fresh = await self._store.increment(f"{self._key}/generation", "value")
        await self._store.put(
            self._key, {"generation": fresh, "faults": msgspec.to_builtins(faults)}
        )
        await self._store.delete(self._counts(generation))

    async def strike(
        self, method: str, path: str, *, kinds: "Collection[FaultKind]" = OF_REQUESTS
    ) -> Fault | None:
        """Count a call and return the first fault that strikes it; later ones never see it."""
        generation, faults = await self._read()
        for index, fault in enumerate(faults):
            if fault.kind in kinds and fault.matches(method, path):
                call = await self._store.increment(self._counts(generation), str(index))
                if fault.strikes(call):
                    return fault
        return None

    def _counts(self, generation: int) -> str:
        return f"{self._key}/counts/{generation}"

    async def _read(self) -> tuple[int, list[Fault]]:
        document = await self._store.get(self._key)
        if document is None:
            return 0, []
        return document["generation"], msgspec.convert(document["faults"], list[Fault])
