"""What goes on beside the requests, gathered: kinds of work, where to find it, and chores."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from src.core.config import Settings
from src.core.errors import ServiceUnavailable
from src.db.client import Mongo
from src.db.due_jobs import DueJobs
from src.db.leases import Leases
from src.db.places import Places
from src.services.admission import Admission, bounds
from src.services.audit import ScopeOf
from src.services.due_work import SWEEP_SECONDS, DueSource, DueWork, due_slices
from src.services.queue import JobQueue, Work
from src.services.ticking import Ticker
from src.services.turns import LEASE_SECONDS, Turns
from src.services.workshop import Handler, Observer, Workshop, lanes


class Bench:
    """Where services lay down what is to be done by the processes that work."""

    def __init__(
        self,
        settings: Settings,
        mongo: Mongo,
        scope_of: ScopeOf,
        queue: JobQueue,
        observer: Observer,
    ) -> None:
        # A dead process's places are free when its jobs are.
        seconds = settings.jobs_lease_seconds
        most = bounds(settings)
        places = Places(lambda: mongo.database, most, seconds)
        self._handlers: dict[Work, Handler] = {}
        self._sources: dict[Work, DueSource] = {
            Work.SLICE: due_slices(DueJobs(lambda: mongo.database), places, most)
        }
        due_work = DueWork(self._sources, queue, lambda: Leases(mongo.database))
        admission = Admission(scope_of, places)
        self.workshop = Workshop(
            self._handlers, lanes(settings, admission), call=due_work.call, observer=observer
        )
        self._turns = Turns(lambda: Leases(mongo.database))
        self.chores: list[Ticker] = [Ticker("places", admission.renew, seconds / 4)]
        """What is done again and again."""
        self.again("due_work", due_work.sweep, SWEEP_SECONDS, missed_after=3 * SWEEP_SECONDS)

    def does(self, work: Work, handler: Handler, source: DueSource | None = None) -> None:
        """Have a kind of work done, and found again by the sweep when its hint was lost."""
        self._handlers[work] = handler
        if source is not None:
            self._sources[work] = source

    def again(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        seconds: float,
        *,
        missed_after: float = LEASE_SECONDS,
    ) -> None:
        """Have something done each so many seconds, by one process at a time.

        When that process has died, another begins after ``missed_after`` seconds.
        """
        lease = max(missed_after, 2 * seconds)
        in_turn = self._turns.only_one(name, work, seconds=lease)
        self.chores.append(Ticker(name, in_turn, seconds))

    async def close(self) -> None:
        """Let others begin with what was this process's turn."""
        # Where the database is away they wait for the leases to end.
        with suppress(ServiceUnavailable):
            await self._turns.give_up()
