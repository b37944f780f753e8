"""Own limits and usage: counted in this process, summed with the others each second.

No request waits for the database here. What one process has counted since the last sum is unknown
to the others for a second at most, so that a limit may be passed by what they serve within it.
Windows are those of the clock: a minute, an hour, a month in UTC.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from src.db.usage_store import Added, Span, UsageStore
from src.models.base import to_milliseconds
from src.models.principal import Principal, Quota, Via
from src.services.audit import ScopeOf

_IDLE_SECONDS = 120.0
_KEPT = timedelta(days=1)
_NO_QUOTA = Quota()
_USED_PRECISION_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for a caller; None is no limit."""

    per_minute: int | None
    per_hour: int | None
    per_month: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with the limit that is nearest."""

    limit: int
    remaining: int
    reset: int
    """When the window ends, Unix seconds."""

    is_over: bool = False
    wait: float = 0.0
    """Seconds until then."""


@dataclass(frozen=True, slots=True)
class Used:
    """How much a caller has called, and what it may."""

    this_hour: int
    this_month: int
    limits: Limits


@dataclass(slots=True)
class _Window:
    """One window of one subject: how often, and how much of that the others do not know yet."""

    name: str = ""
    ends_at: float = 0.0
    count: int = 0
    unsent: int = 0


@dataclass(slots=True)
class _Tally:
    """One subject of one tenant."""

    tenant_id: str
    subject: str
    minute: _Window = field(default_factory=_Window)
    hour: _Window = field(default_factory=_Window)
    month: _Window = field(default_factory=_Window)
    touched_at: float = 0.0
    is_limited: bool = False

    def windows(self) -> tuple[_Window, _Window, _Window]:
        """All of them."""
        return self.minute, self.hour, self.month

    def span(self, window: _Window) -> Span:
        """What a window is called in the database."""
        return Span(self.tenant_id, self.subject, window.name)


class Usage:
    """Counts calls and says when it is enough."""

    def __init__(
        self,
        store: UsageStore,
        scope_of: ScopeOf,
        *,
        per_minute: int = 0,
        per_hour: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Count from now on; 0 is no limit."""
        self._store = store
        self._scope_of = scope_of
        self._per_minute = per_minute or None
        self._per_hour = per_hour or None
        self._clock = clock
        self._tallies: dict[tuple[str, str], _Tally] = {}
        self._late: dict[Span, Added] = {}
        self._keys_seen: dict[str, float] = {}
        self._keys_used: dict[tuple[str, str], datetime] = {}

    @property
    def known(self) -> int:
        """How many subjects are in memory."""
        return len(self._tallies)

    def take(self, principal: Principal) -> Standing | None:
        """Count a request, unless it is over a limit. None: no limit holds for this caller."""
        moment = self._clock()
        own = self._tally(principal.tenant_id, _caller_of(principal), moment)
        named = _user_of(principal)
        user = None if named is None else self._tally(principal.tenant_id, named, moment)
        counted = (own,) if user is None else (own, user)
        standing = _nearest(self._bounds(own, user or own, principal.quota), moment)
        for tally in counted:
            tally.is_limited = standing is not None
        if standing is not None and standing.is_over:
            return standing
        for tally in counted:
            for window in tally.windows():
                window.count += 1
                window.unsent += 1
        if principal.key_id is not None:
            self._note_key(principal.tenant_id, principal.key_id, moment)
        return standing

    async def of(self, principal: Principal) -> Used:
        """What the caller has used: the user's, if it is one."""
        moment = self._clock()
        subject = _user_of(principal) or _caller_of(principal)
        tally = self._tally(principal.tenant_id, subject, moment)
        spans = [tally.span(window) for window in (tally.hour, tally.month)]
        sums = await self._store.sums(spans)
        quota = principal.quota or _NO_QUOTA
        return Used(
            this_hour=sums[spans[0]] + tally.hour.unsent,
            this_month=sums[spans[1]] + tally.month.unsent,
            limits=Limits(
                self._per_minute, _least(self._per_hour, quota.per_hour), quota.per_month
            ),
        )

    async def flush(self) -> None:
        """Tell the others what was counted here, and learn what was counted there.

        Raises:
            ServiceUnavailable: The database is away; nothing is lost, the next time tells it all.
        """
        await self._send()
        await self._learn()
        self._forget_idle()
        while self._keys_used:
            (tenant_id, key_id), at = next(iter(self._keys_used.items()))
            await self._scope_of(tenant_id).api_keys.note_use(key_id, at)
            self._keys_used.pop((tenant_id, key_id), None)

    def _bounds(
        self, own: _Tally, user: _Tally, quota: Quota | None
    ) -> Iterator[tuple[int, _Window]]:
        quota = quota or _NO_QUOTA
        for limit, window in (
            (self._per_minute, own.minute),
            (self._per_hour, own.hour),
            (quota.per_hour, user.hour),
            (quota.per_month, user.month),
        ):
            if limit is not None:
                yield limit, window

    def _tally(self, tenant_id: str, subject: str, moment: float) -> _Tally:
        tally = self._tallies.get((tenant_id, subject))
        if tally is None:
            tally = self._tallies[tenant_id, subject] = _Tally(tenant_id, subject)
        tally.touched_at = moment
        if moment >= tally.minute.ends_at:
            self._turn(tally, moment)
        return tally

    def _turn(self, tally: _Tally, moment: float) -> None:
        """Begin the windows anew that are over; what was not told of them yet is kept."""
        for name, (title, ends_at) in _present(moment).items():
            window: _Window = getattr(tally, name)
            if window.name == title:
                continue
            if window.unsent and window in self._kept(tally):
                self._postpone(tally, window)
            setattr(tally, name, _Window(title, ends_at))

    async def _send(self) -> None:
        for tally in self._tallies.values():
            for window in self._kept(tally):
                if window.unsent:
                    self._postpone(tally, window)
        sending, self._late = self._late, {}
        if not sending:
            return
        try:
            await self._store.add(sending)
        except BaseException:
            for span, added in sending.items():
                self._late[span] = _sum(added, self._late.get(span))
            raise

    async def _learn(self) -> None:
        """Take over the sums of all processes for whoever was here within the last minutes."""
        windows = {
            tally.span(window): window
            for tally in self._tallies.values()
            if tally.is_limited
            for window in self._kept(tally)
        }
        if not windows:
            return
        for span, total in (await self._store.sums(list(windows))).items():
            window = windows[span]
            window.count = max(window.count, total + window.unsent)

    def _kept(self, tally: _Tally) -> tuple[_Window, ...]:
        """The windows that are summed over all processes."""
        return tally.windows() if self._per_minute else (tally.hour, tally.month)

    def _postpone(self, tally: _Tally, window: _Window) -> None:
        """Set aside what a window has counted, to be sent."""
        span = tally.span(window)
        added = Added(window.unsent, datetime.fromtimestamp(window.ends_at, UTC) + _KEPT)
        self._late[span] = _sum(added, self._late.get(span))
        window.unsent = 0

    def _forget_idle(self) -> None:
        oldest = self._clock() - _IDLE_SECONDS
        for key, tally in list(self._tallies.items()):
            if tally.touched_at < oldest and not any(each.unsent for each in self._kept(tally)):
                del self._tallies[key]
        for key_id, seen in list(self._keys_seen.items()):
            if seen < oldest:
                del self._keys_seen[key_id]

    def _note_key(self, tenant_id: str, key_id: str, moment: float) -> None:
        if moment - self._keys_seen.get(key_id, 0.0) < _USED_PRECISION_SECONDS:
            return
        self._keys_seen[key_id] = moment
        self._keys_used[tenant_id, key_id] = to_milliseconds(datetime.fromtimestamp(moment, UTC))


def _caller_of(principal: Principal) -> str:
    """The subject whose calls the platform limits: a key, or what stands in for one."""
    match principal.via:
        case Via.API_KEY:
            return f"key:{principal.key_id}"
        case Via.JWT | Via.SESSION:
            return f"{principal.via.value}:{principal.user_id}"
        case via:
            return via.value


def _user_of(principal: Principal) -> str | None:
    return None if principal.user_id is None else f"user:{principal.user_id}"


def _nearest(bounds: Iterator[tuple[int, _Window]], moment: float) -> Standing | None:
    """The limit that is reached first, if there is one."""
    nearest: tuple[int, int, _Window] | None = None
    for limit, window in bounds:
        remaining = limit - window.count - 1
        if nearest is None or remaining < nearest[0]:
            nearest = remaining, limit, window
    if nearest is None:
        return None
    remaining, limit, window = nearest
    wait = window.ends_at - moment
    return Standing(limit, max(0, remaining), int(window.ends_at), remaining < 0, wait)


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _sum(added: Added, more: Added | None) -> Added:
    return added if more is None else Added(added.count + more.count, added.expires_at)


def _present(moment: float) -> dict[str, tuple[str, float]]:
    """The windows of this moment: what each is called, and when it ends."""
    at = datetime.fromtimestamp(moment, UTC).replace(second=0, microsecond=0)
    hour = at.replace(minute=0)
    month = hour.replace(day=1, hour=0)
    next_month = (month + timedelta(days=32)).replace(day=1)
    return {
        "minute": (f"{at:%Y-%m-%dT%H:%M}", (at + timedelta(minutes=1)).timestamp()),
        "hour": (f"{hour:%Y-%m-%dT%H}", (hour + timedelta(hours=1)).timestamp()),
        "month": (f"{month:%Y-%m}", next_month.timestamp()),
    }
