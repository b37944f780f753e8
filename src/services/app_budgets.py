"""Limits that belong to an OAuth app: counted over all its tenants, and over all processes.

Counted as requests to us are (``usage``): in this process, and summed with the others each second,
so that no call waits for the database and a limit may be passed by what others do within it. A
limit may have several windows of the clock in UTC, which hold side by side; where a provider tells
how much of a window is used up, and of how many, that corrects what is counted here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from src.connectors.app_limits import AppLimit, AppWindow
from src.connectors.registry import LoadedConnector
from src.core.errors import RateLimited
from src.db.platform import AppPoints, AppSpan, SpentPoints
from src.models.connection import GrantedTo
from src.models.rate_limit import RateLimit

_KEPT = timedelta(days=2)
_REFRESH = "POST token"
"""What a refresh counts as, which is no request of a connector's."""
_SPANS = {3_600: "this hour", 86_400: "today (UTC)"}


_Key = tuple[str, str, str, float]
"""Connector, client id, window, begin: a span, without the time that its making takes."""


@dataclass(slots=True)
class _Tally:
    """What one app has spent of one span, and what of that the others do not know yet."""

    span: AppSpan
    ends: float
    count: int = 0
    unsent: int = 0
    told: int | None = None
    """The provider's own word for how many there are."""
    is_told_unsent: bool = False


class AppBudgets:
    """What OAuth apps may still spend within the present spans of their limits."""

    def __init__(
        self,
        registry: Mapping[str, LoadedConnector],
        store: AppPoints,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._registry = registry
        self._store = store
        self._clock = clock
        self._tallies: dict[_Key, _Tally] = {}

    @property
    def known(self) -> int:
        """How many spans of apps are in memory."""
        return len(self._tallies)

    @property
    def now(self) -> float:
        """The present moment, in Unix seconds."""
        return self._clock()

    def of(
        self, connector_id: str, granted_to: GrantedTo | None, *, background: bool = False
    ) -> AppBudget | None:
        """The budget of the app that a grant was given to; None when no limit holds.

        A key, and a token that was imported, belong to no app that we know.
        """
        loaded = self._registry.get(connector_id)
        limit = loaded.manifest.app_limit if loaded else None
        if limit is None or granted_to is None:
            return None
        return AppBudget(self, connector_id, granted_to.client_id, limit, background)

    def left(self, budget: AppBudget, window: AppWindow, moment: float) -> int:
        """Points of the span at a moment that nobody has spent; below 0 if too many were."""
        return self.points(budget, window, moment) - self._tally(budget, window, moment).count

    def points(self, budget: AppBudget, window: AppWindow, moment: float) -> int:
        """All points of the span at a moment, as the provider has told or the manifest says."""
        told = self._tally(budget, window, moment).told
        return window.points if told is None else told

    def spend(self, budget: AppBudget, window: AppWindow, moment: float, points: int) -> None:
        """Count so many points."""
        tally = self._tally(budget, window, moment)
        tally.count += points
        tally.unsent += points

    def correct(
        self, budget: AppBudget, window: AppWindow, moment: float, *, used: int, points: int
    ) -> None:
        """Believe the provider: more may be used up than we know of, and there may be other points.

        What we count above the provider is under way to it.
        """
        tally = self._tally(budget, window, moment)
        tally.count = max(tally.count, used)
        if tally.told != points:
            tally.told = points
            tally.is_told_unsent = True

    async def flush(self) -> None:
        """Tell the others what was spent here, and learn what was spent there.

        Raises:
            ServiceUnavailable: The database is away; nothing is lost, the next time tells it all.
        """
        sending = [one for one in self._tallies.values() if one.unsent or one.is_told_unsent]
        spent = [
            SpentPoints(one.span, one.unsent, one.span.begins + _KEPT, one.told) for one in sending
        ]
        if sending:
            for tally, sent in zip(sending, spent, strict=True):
                tally.unsent -= sent.points
                tally.is_told_unsent = False
            try:
                await self._store.add(spent)
            except BaseException:
                for tally, sent in zip(sending, spent, strict=True):
                    tally.unsent += sent.points
                    tally.is_told_unsent = sent.limit is not None
                raise
        await self._learn()

    async def _learn(self) -> None:
        moment = self._clock()
        for key, tally in list(self._tallies.items()):
            is_past = not tally.span.begins.timestamp() <= moment < tally.ends
            if is_past and not (tally.unsent or tally.is_told_unsent):
                del self._tallies[key]
        if not self._tallies:
            return
        present = {tally.span: tally for tally in self._tallies.values()}
        for span, known in (await self._store.sums(list(present))).items():
            tally = present[span]
            tally.count = max(tally.count, known.points + tally.unsent)
            if known.limit is not None and not tally.is_told_unsent:
                tally.told = known.limit

    def _tally(self, budget: AppBudget, window: AppWindow, moment: float) -> _Tally:
        begins = moment - moment % window.seconds
        key = (budget.connector_id, budget.client_id, window.name, begins)
        found = self._tallies.get(key)
        if found is None:
            span = AppSpan(*key[:3], datetime.fromtimestamp(begins, UTC))
            found = self._tallies[key] = _Tally(span, begins + window.seconds)
        return found


@dataclass(frozen=True, slots=True)
class AppBudget:
    """What one app may still spend, on one kind of work."""

    budgets: AppBudgets
    connector_id: str
    client_id: str
    limit: AppLimit
    background: bool

    @property
    def rate_limit(self) -> RateLimit | None:
        """The window of which the least is left; None where the provider tells of none."""
        if self.limit.told is None:
            return None
        moment = self.budgets.now
        left = {one: self.budgets.left(self, one, moment) for one in self.limit.all_windows}
        window = min(left, key=lambda one: (left[one], -one.seconds))
        return RateLimit(
            limit=self.budgets.points(self, window, moment),
            remaining=max(left[window], 0),
            reset=int(moment + _until_next(window, moment)),
        )

    def wait(self) -> float:
        """Seconds until there is room for one more refresh; 0 = now."""
        moment = self.budgets.now
        closed = self._closed(_REFRESH, self.limit.cost, moment)
        return max((_until_next(window, moment) for window in closed), default=0.0)

    def spend(self, endpoint: str) -> float:
        """Count one request; the moment, for ``hear``.

        Raises:
            RateLimited: There is no room for it before another span begins.
        """
        points = self.limit.costs.get(endpoint, self.limit.cost)
        moment = self.budgets.now
        if closed := self._closed(endpoint, points, moment):
            longest = max(closed, key=lambda window: _until_next(window, moment))
            raise RateLimited(
                f"The provider's limit for this OAuth app is used up for {_span(longest)}.",
                details={"by": "provider", "reason": "app_limit"},
                retry_after=_until_next(longest, moment),
            )
        for window in self.limit.all_windows:
            if window.counts(endpoint):
                self.budgets.spend(self, window, moment, points)
        return moment

    def hear(self, headers: Mapping[str, str], spent_at: float) -> None:
        """Learn from the headers of an answer how much is used up.

        Args:
            headers: Of the answer.
            spent_at: When its request was counted: the answer may come in the next span.
        """
        if self.limit.told is None:
            return
        for one in self.limit.told(headers):
            self.budgets.correct(self, one.window, spent_at, used=one.used, points=one.points)

    def _closed(self, endpoint: str, points: int, moment: float) -> list[AppWindow]:
        """The windows that have no room for a request."""
        return [
            window
            for window in self.limit.all_windows
            if window.counts(endpoint)
            and self.budgets.left(self, window, moment) - self._reserved(window) < points
        ]

    def _reserved(self, window: AppWindow) -> int:
        return window.reserve if self.background else 0


def _until_next(window: AppWindow, moment: float) -> float:
    return window.seconds - moment % window.seconds


def _span(window: AppWindow) -> str:
    return _SPANS.get(window.seconds, f"these {window.seconds // 60} minutes")
