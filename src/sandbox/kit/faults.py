"""Faults that can be switched on, and the book that decides which call they strike."""

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec

if TYPE_CHECKING:
    from src.sandbox.kit.store import SandboxStore

_Count = Annotated[int, msgspec.Meta(ge=0)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=86_400)]


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


_PARAMETERS = {
    FaultKind.RATE_LIMITED: {"retry_after"},
    FaultKind.SECONDARY_LIMIT: {"retry_after"},
    FaultKind.PRIMARY_LIMIT: {"retry_after"},
    FaultKind.SERVER_ERROR: {"status"},
    FaultKind.SLOW: {"delay"},
    FaultKind.HUGE: {"size"},
    FaultKind.REDIRECT_OUTSIDE: {"location"},
}
_ALL_PARAMETERS = {"retry_after", "delay", "status", "size", "location"}


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
    delay: Annotated[float, msgspec.Meta(ge=0, le=60)] | None = None
    status: Annotated[int, msgspec.Meta(ge=500, le=599)] | None = None
    size: Annotated[int, msgspec.Meta(ge=1, le=2**30)] | None = None
    location: Annotated[str, msgspec.Meta(pattern="^https?://[!-~]+$")] | None = None

    def __post_init__(self) -> None:
        """Refuse what would silently never strike, or not as its author believes."""
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"path is not a regular expression: {error}") from error
        for name in sorted(_ALL_PARAMETERS - _PARAMETERS.get(self.kind, set())):
            if getattr(self, name) is not None:
                raise ValueError(f"{self.kind.value} has no parameter {name}")

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

    async def strike(self, method: str, path: str) -> Fault | None:
        """Count a call and return the first fault that strikes it; later ones never see it."""
        generation, faults = await self._read()
        for index, fault in enumerate(faults):
            if fault.matches(method, path):
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
