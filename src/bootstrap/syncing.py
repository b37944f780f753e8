"""What keeps copies: records, the jobs that bring them, and the schedules of jobs."""

from __future__ import annotations

from dataclasses import dataclass

from src.bootstrap.access import Access
from src.bootstrap.foundation import Foundation
from src.db.disconnected import DisconnectedConnections
from src.db.due_schedules import DueSchedules
from src.services.events import Events
from src.services.job_making import JobMaker
from src.services.job_retries import Retries
from src.services.jobs import Jobs
from src.services.record_reading import RecordReading
from src.services.record_retention import RecordRetention
from src.services.records import Records
from src.services.schedules import Schedules
from src.services.sync.holding import Pace
from src.services.sync.slices import Engine, Sync
from src.services.sync_states import SyncStates
from src.services.watches import Watches


@dataclass(frozen=True, slots=True, kw_only=True)
class Syncing:
    """Jobs as callers see them, what works on them, and what comes of it."""

    records: Records
    reading: RecordReading
    retention: RecordRetention
    engine: Sync
    states: SyncStates
    jobs: Jobs
    retries: Retries
    watches: Watches
    schedules: Schedules


def build_syncing(base: Foundation, access: Access, events: Events) -> Syncing:
    """Build it; ``events`` are told to tenants as records change."""
    settings, store = base.settings, base.store
    scope_of, manager, audit = store.scope_of, base.manager, base.audit
    calls, connections = access.calls, access.connections
    kept_days = settings.records_deleted_retention_days
    records = Records(scope_of, events, deleted_retention_days=kept_days)
    maker = JobMaker(scope_of, manager, calls, base.queue)
    jobs = Jobs(scope_of, connections, maker, audit)
    return Syncing(
        records=records,
        reading=RecordReading(
            scope_of, manager, connections, base.cursors, deleted_retention_days=kept_days
        ),
        retention=RecordRetention(
            DisconnectedConnections(store.database),
            scope_of,
            store.clock,
            days=settings.records_retention_days,
        ),
        engine=Sync(
            Engine(scope_of, calls, records, events, base.queue),
            Pace(settings.jobs_slice_seconds, settings.jobs_lease_seconds),
        ),
        states=SyncStates(scope_of, manager, connections, audit),
        jobs=jobs,
        retries=Retries(scope_of, jobs, maker),
        watches=Watches(jobs),
        schedules=Schedules(
            scope_of,
            manager,
            connections,
            maker=maker,
            jobs=jobs,
            audit=audit,
            due=DueSchedules(store.database),
            clock=store.clock,
        ),
    )
