"""The work beside the requests: where it is laid down, and what of it."""

from __future__ import annotations

from src.bootstrap.foundation import Foundation
from src.bootstrap.syncing import Syncing
from src.services.bench import Bench
from src.services.queue import Work
from src.services.record_retention import LOOK_SECONDS
from src.services.schedules import SCHEDULES_SECONDS
from src.services.webhooks.parts import ProviderWebhooks


def set_up_bench(base: Foundation) -> Bench:
    """Where work is laid down."""
    store = base.store
    return Bench(base.settings, store.mongo, store.scope_of, base.queue, base.metrics)


def lay_down(bench: Bench, syncing: Syncing, webhooks: ProviderWebhooks) -> None:
    """Lay down what is to be done; chores start and stop in this order."""
    stop = bench.workshop.stopping
    engine = syncing.engine
    bench.does(Work.SLICE, lambda tenant_id, job_id: engine.run_slice(tenant_id, job_id, stop))
    bench.again("records_retention", syncing.retention.tend, LOOK_SECONDS)
    webhooks.work(bench, syncing.records, syncing.jobs)
    bench.again("schedules", syncing.schedules.run_due, SCHEDULES_SECONDS)
