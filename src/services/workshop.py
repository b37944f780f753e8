"""Carrying out what hints say, within the bounds of this process and of all together.

Nothing here is the truth: a hint that is dropped, because there is no room or because this process
ends, comes again with the sweep.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from src.core.config import Settings
from src.core.errors import ServiceUnavailable
from src.core.logging import begin_log_context, get_logger
from src.services.queue import Hint, Work

Handler = Callable[[str, str], Awaitable[object]]
"""Does one piece of work, by tenant and id; what it answers is told as the outcome."""

DELIVERIES_AT_ONCE = 20
EVENTS_AT_ONCE = 20
MOST_WAITING = 500

log = get_logger(__name__)


class Door(Protocol):
    """Bounds that hold over all processes."""

    async def enter(self, hint: Hint) -> bool:
        """Let work in; False when there is no room."""

    async def leave(self, hint: Hint) -> bool:
        """Let work out; say whether other work waits before the door."""


class Observer(Protocol):
    """Whoever counts what is done."""

    def count_work(self, work: str, outcome: str, seconds: float) -> None:
        """A piece of work is done."""

    def set_working(self, work: str, count: int) -> None:
        """So many pieces are being done."""


@dataclass(slots=True)
class Lane:
    """How much of one kind of work goes on in this process at once, and how much may wait."""

    at_once: int
    most_waiting: int = 0
    door: Door | None = None
    room: asyncio.Semaphore = field(init=False)
    waiting: int = field(default=0, init=False)
    working: int = field(default=0, init=False)
    has_turned_away: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Open it."""
        self.room = asyncio.Semaphore(self.at_once)

    @property
    def holds(self) -> int:
        """How many hints it keeps at most, worked on and waiting."""
        return self.at_once + self.most_waiting

    @property
    def is_full(self) -> bool:
        """Whether one more would have to be turned away."""
        return self.room.locked() and self.waiting >= self.most_waiting


def lanes(settings: Settings, door: Door | None = None) -> dict[Work, Lane]:
    """The bounds of one process; slices stand before a door, too."""
    return {
        Work.SLICE: Lane(settings.jobs_per_process, door=door),
        # Short, and mostly waiting for others' servers.
        Work.DELIVERY: Lane(DELIVERIES_AT_ONCE, MOST_WAITING),
        Work.EVENT: Lane(EVENTS_AT_ONCE, MOST_WAITING),
    }


def most_in_hand(settings: Settings) -> int:
    """How many hints one process keeps when every lane is full; one more is turned away at once.

    Whoever hands hints over must have places for more than these. Or one kind of work, waiting for
    its turn in all of them, would keep the others out.
    """
    return sum(lane.holds for lane in lanes(settings).values())


class Workshop:
    """Does work of all kinds in one process."""

    def __init__(
        self,
        handlers: Mapping[Work, Handler],
        lanes_of: Mapping[Work, Lane],
        *,
        call: Callable[[Work], Awaitable[None]],
        observer: Observer,
    ) -> None:
        """Take what it works with.

        Args:
            handlers: Who does which kind of work.
            lanes_of: The bounds of each kind.
            call: Sends the hints of those that have waited longest, when there is room again.
            observer: Counts.
        """
        self._handlers = handlers
        self._lanes = lanes_of
        self._call = call
        self._observer = observer
        self._in_hand: dict[tuple[Work, str], Hint | None] = {}
        self.stopping = asyncio.Event()
        """Set when this process is about to end: whoever works hands over."""

    async def do(self, hint: Hint) -> None:
        """Carry out what a hint says, or leave it to the sweep; raises nothing.

        A hint that comes while its work is in hand stands for one more look afterwards.
        """
        key = hint.work, hint.id
        if key in self._in_hand:
            self._in_hand[key] = hint
            return
        begin_log_context(work=hint.work.value, tenant=hint.tenant_id)
        todo: Hint | None = hint
        while todo is not None and not self.stopping.is_set():
            self._in_hand[key] = None
            try:
                has_called_others = await self._guarded(todo)
            finally:
                todo = self._in_hand.pop(key)
            if has_called_others and todo is not None and not todo.is_called:
                # It stands behind those who wait; its turn comes by the same call or the sweep.
                return

    async def _guarded(self, hint: Hint) -> bool:
        """Do the work, and call others if they wait; what fails comes again with the sweep."""
        lane = self._lanes[hint.work]
        try:
            if await self._in_lane(hint, lane) and lane.has_turned_away:
                lane.has_turned_away = False
                await self._call(hint.work)
                return True
        except ServiceUnavailable:
            log.warning("hint.missed", id=hint.id)
        except Exception as error:
            # A bug must not end the process that others' work goes on in.
            log.exception("hint.failed", id=hint.id, error=type(error).__name__)
        return False

    async def _in_lane(self, hint: Hint, lane: Lane) -> bool:
        """Do the work when there is room; False when there is none."""
        if lane.is_full:
            lane.has_turned_away = True
            return False
        lane.waiting += 1
        try:
            await lane.room.acquire()
        finally:
            lane.waiting -= 1
        try:
            return not self.stopping.is_set() and await self._through_door(hint, lane)
        finally:
            lane.room.release()

    async def _through_door(self, hint: Hint, lane: Lane) -> bool:
        if lane.door is None:
            await self._work(hint, lane)
            return True
        if not await lane.door.enter(hint):
            return False
        try:
            await self._work(hint, lane)
        finally:
            if await lane.door.leave(hint):
                lane.has_turned_away = True
        return True

    async def _work(self, hint: Hint, lane: Lane) -> None:
        began, outcome = time.perf_counter(), "failed"
        self._now_working(hint.work, lane, 1)
        try:
            outcome = str(await self._handlers[hint.work](hint.tenant_id, hint.id) or "done")
        finally:
            self._now_working(hint.work, lane, -1)
            seconds = time.perf_counter() - began
            self._observer.count_work(hint.work.value, outcome, seconds)

    def _now_working(self, work: Work, lane: Lane, change: int) -> None:
        lane.working += change
        self._observer.set_working(work.value, lane.working)
