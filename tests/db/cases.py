"""One use of every method of every repository of a tenant, as its owner would make it.

The tests of isolation, query plans and outages walk this table; a new method needs a line here.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from functools import cached_property
from typing import Any, get_type_hints

from src.db.repositories.api_keys import ANYBODY, KeyOwner
from src.db.repositories.audit_logs import AuditFilter
from src.db.repositories.connections import EVERYBODY, ConnectionFilter, Visibility
from src.db.repositories.events import DeliveryFilter
from src.db.repositories.jobs import JobFilter
from src.db.repositories.record_values import RecordChanges, StreamPlace
from src.db.repositories.sync_states import FinishedRun, Reached
from src.db.tenant import TenantScope
from src.models.connection import ConnectionStatus
from src.models.event import DeliveryStatus, EventType
from src.models.job import JobStatus
from src.models.record_head import RecordHead
from src.models.refresh import Trouble, TroubleKind
from tests.db.heard import AWAY, hook_delivery, webhook
from tests.db.records import (
    NOON,
    OCTOCAT,
    api_key,
    block,
    connected,
    entry,
    failure,
    first_request,
    head,
    job,
    minutes,
    record_change,
    schedule,
    token,
    user,
)
from tests.db.told import TRIED, delivery, endpoint, event

Act = Callable[[TenantScope], Awaitable[Any]]

OWN = connected(id="con_0000000000000000000000aa", reserved=True, alias="Work")

OWN_KEY = api_key(id="key_0000000000000000000000aa", user_id="ada")
OWN_USER = user(id="usr_0000000000000000000000aa")

OWN_ENDPOINT = endpoint(id="whe_0000000000000000000000aa")
OWN_EVENT = event(id="evt_0000000000000000000000aa")
OWN_DELIVERY = delivery(id="dlv_0000000000000000000000aa")

WRITTEN = entry(id="aud_0000000000000000000000aa")
SEALED = entry(id="aud_0000000000000000000000bb")
OWN_WEBHOOK = webhook(id="whk_0000000000000000000000aa", connection_id=OWN.id)
OWN_HEARD = hook_delivery(
    id="dlv_0000000000000000000000bb", webhook_id=OWN_WEBHOOK.id, waits_for="job_0"
)

OWN_JOB = job(id="job_0000000000000000000000aa", connection_id=OWN.id, user_id="ada")
HELD_JOB = job(
    id="job_0000000000000000000000bb",
    connection_id=OWN.id,
    stream="comments",
    status=JobStatus.HELD,
)
RUN_JOB = job(id="job_0000000000000000000000cc", connection_id=OWN.id, stream="runs", fence=1)
PLACE = StreamPlace(OWN.id, "issues")
HEAD = RecordHead(connection_id=OWN.id, stream="issues", seq=1, live=1, now=NOON)
OWN_FAILURE = failure(OWN_JOB.id, connection_id=OWN.id, stream="issues")
OWN_SCHEDULE = schedule(id="sch_0000000000000000000000aa", connection_id=OWN.id, user_id="ada")
RUN = FinishedRun(at=NOON, status="succeeded", counts={"added": 1})
REACHED = Reached(checkpoint={"n": 2}, container_ids=None, seen_version=1)

TROUBLE = Trouble(kind=TroubleKind.OUTAGE, message="away", generation=0, version=1)

CASES: dict[str, Act] = {
    "connections.add": lambda scope: scope.connections.add(
        connected(tenant_id=scope.tenant_id, reserved=True)
    ),
    "connections.get": lambda scope: scope.connections.get(OWN.id),
    "connections.get_fresh": lambda scope: scope.connections.get_fresh(OWN.id),
    "connections.list": lambda scope: scope.connections.list(
        ConnectionFilter(), EVERYBODY, limit=10
    ),
    "connections.find_account": lambda scope: scope.connections.find_account(
        "github", None, OCTOCAT.id
    ),
    "connections.find_reserved": lambda scope: scope.connections.find_reserved("github", None),
    "connections.update": lambda scope: scope.connections.update(OWN.id, {"alias": "Mine"}),
    "connections.move": lambda scope: scope.connections.move(
        OWN.id, ConnectionStatus.DISCONNECTED, {}
    ),
    "connections.count_failure": lambda scope: scope.connections.count_failure(
        OWN.id, {"code": "provider_error", "message": "away", "at": NOON}
    ),
    "connections.note_success": lambda scope: scope.connections.note_success(OWN.id, NOON),
    "tokens.put": lambda scope: scope.tokens.put(token(OWN.id, sealed=b"new")),
    "tokens.get": lambda scope: scope.tokens.get(OWN.id),
    "tokens.get_fresh": lambda scope: scope.tokens.get_fresh(OWN.id),
    "tokens.renew": lambda scope: scope.tokens.renew(token(OWN.id, sealed=b"new"), token(OWN.id)),
    "tokens.postpone": lambda scope: scope.tokens.postpone(token(OWN.id), NOON),
    "refresh_leases.acquire": lambda scope: scope.refresh_leases.acquire(OWN.id, "other", 30),
    "refresh_leases.note_sent": lambda scope: scope.refresh_leases.note_sent(
        OWN.id, "holder", token(OWN.id), 30
    ),
    "refresh_leases.finish": lambda scope: scope.refresh_leases.finish(OWN.id, "holder"),
    "refresh_leases.leave": lambda scope: scope.refresh_leases.leave(
        OWN.id, "holder", TROUBLE, rest_seconds=9, keeps_sent=True
    ),
    "connections.note_refresh_failure": lambda scope: scope.connections.note_refresh_failure(
        OWN.id, {"code": "provider_error", "message": "away", "at": NOON}, 2
    ),
    "tokens.delete": lambda scope: scope.tokens.delete(OWN.id),
    "connector_settings.get": lambda scope: scope.connector_settings.get("github"),
    "connector_settings.get_fresh": lambda scope: scope.connector_settings.get_fresh("github"),
    "connector_settings.list": lambda scope: scope.connector_settings.list(),
    "connector_settings.put": lambda scope: scope.connector_settings.put(
        "github", {"enabled": False}
    ),
    "sync_states.get": lambda scope: scope.sync_states.get(OWN.id, "issues"),
    "sync_states.list": lambda scope: scope.sync_states.list(OWN.id),
    "sync_states.put": lambda scope: scope.sync_states.put(OWN.id, "issues", {"n": 2}, None),
    "sync_states.note_run": lambda scope: scope.sync_states.note_run(
        OWN.id, "issues", RUN, REACHED
    ),
    "jobs.add": lambda scope: scope.jobs.add(
        job(tenant_id=scope.tenant_id, connection_id=OWN.id, stream="pulls")
    ),
    "jobs.get": lambda scope: scope.jobs.get(OWN_JOB.id),
    "jobs.list": lambda scope: scope.jobs.list(JobFilter(), EVERYBODY, limit=10),
    "jobs.find_live": lambda scope: scope.jobs.find_live(OWN.id, "issues"),
    "jobs.list_live": lambda scope: scope.jobs.list_live(OWN.id),
    "jobs.cancel": lambda scope: scope.jobs.cancel(OWN_JOB.id),
    "jobs.confirm": lambda scope: scope.jobs.confirm(HELD_JOB.id),
    "job_failures.put": lambda scope: scope.job_failures.put([failure(OWN_JOB.id, "1:issue:3")]),
    "job_failures.find": lambda scope: scope.job_failures.find(OWN_JOB.id, None, limit=10),
    "job_failures.list": lambda scope: scope.job_failures.list(OWN_JOB.id, limit=10),
    "job_failures.unmended": lambda scope: scope.job_failures.unmended(OWN.id, "issues", limit=10),
    "job_failures.mend": lambda scope: scope.job_failures.mend(
        OWN.id, "issues", {OWN_FAILURE.record_id}
    ),
    "job_failures.mend_all": lambda scope: scope.job_failures.mend_all(
        OWN.id, "issues", but_of="job_0", but=set(), kind=None
    ),
    "schedules.add": lambda scope: scope.schedules.add(schedule(tenant_id=scope.tenant_id)),
    "schedules.get": lambda scope: scope.schedules.get(OWN_SCHEDULE.id),
    "schedules.list": lambda scope: scope.schedules.list(None, EVERYBODY, limit=10),
    "schedules.advance": lambda scope: scope.schedules.advance(OWN_SCHEDULE, minutes(60)),
    "schedules.delete": lambda scope: scope.schedules.delete(OWN_SCHEDULE.id),
    "schedules.delete_of": lambda scope: scope.schedules.delete_of(OWN.id),
    "sync_states.forget": lambda scope: scope.sync_states.forget(OWN.id),
    "job_runs.acquire": lambda scope: scope.job_runs.acquire(OWN_JOB.id, "holder", 30),
    "job_runs.renew": lambda scope: scope.job_runs.renew(RUN_JOB, 30),
    "job_runs.advance": lambda scope: scope.job_runs.advance(
        RUN_JOB, RUN_JOB.model_copy(update={"position": "2"}), 30
    ),
    "job_runs.release": lambda scope: scope.job_runs.release(
        RUN_JOB, due_in=9, attempts=1, error=None
    ),
    "job_runs.hold": lambda scope: scope.job_runs.hold(RUN_JOB),
    "job_runs.finish": lambda scope: scope.job_runs.finish(RUN_JOB, JobStatus.SUCCEEDED, None),
    "records.heads": lambda scope: scope.records.heads(OWN.id),
    "records.lock": lambda scope: scope.records.lock(PLACE),
    "records.lock_alone": lambda scope: scope.records.lock_alone(PLACE, 1, 1),
    "records.add_all": lambda scope: scope.records.add_all(PLACE, HEAD, [record_change("9")]),
    "records.known": lambda scope: scope.records.known(PLACE, ["1"]),
    "records.apply": lambda scope: scope.records.apply(
        PLACE, HEAD, RecordChanges(changed=[record_change("2")], met=["1"], live=1)
    ),
    "records.list": lambda scope: scope.records.list(PLACE, 0, limit=10, includes_deleted=False),
    "records.get": lambda scope: scope.records.get(PLACE, "1"),
    "records.first_after": lambda scope: scope.records.first_after(PLACE, 0),
    "records.unmet": lambda scope: scope.records.unmet(
        PLACE, 1, (0, 10), only_in=None, but_in=["2"]
    ),
    "records.drop": lambda scope: scope.records.drop(PLACE, limit=10),
    "audit_logs.append": lambda scope: scope.audit_logs.append(entry(tenant_id=scope.tenant_id)),
    "audit_chain.head": lambda scope: scope.audit_chain.head(),
    "audit_chain.put_head": lambda scope: scope.audit_chain.put_head(
        head(scope.tenant_id, number=2), head(scope.tenant_id)
    ),
    "audit_chain.add_block": lambda scope: scope.audit_chain.add_block(
        block(scope.tenant_id, number=2)
    ),
    "audit_chain.list_blocks": lambda scope: scope.audit_chain.list_blocks(0, limit=10),
    "audit_chain.drop_block": lambda scope: scope.audit_chain.drop_block(block(scope.tenant_id)),
    "audit_chain.list_unsealed": lambda scope: scope.audit_chain.list_unsealed(limit=10),
    "audit_chain.mark_sealed": lambda scope: scope.audit_chain.mark_sealed([WRITTEN.id]),
    "audit_chain.list_entries": lambda scope: scope.audit_chain.list_entries([WRITTEN.id]),
    "audit_chain.list_sealed_ids": lambda scope: scope.audit_chain.list_sealed_ids("", limit=10),
    "audit_logs.list": lambda scope: scope.audit_logs.list(AuditFilter(), limit=10),
    "api_keys.add": lambda scope: scope.api_keys.add(api_key(tenant_id=scope.tenant_id)),
    "api_keys.list": lambda scope: scope.api_keys.list(ANYBODY, limit=10),
    "api_keys.find_active": lambda scope: scope.api_keys.find_active("ada"),
    "api_keys.revoke": lambda scope: scope.api_keys.revoke(OWN_KEY.id, ANYBODY),
    "api_keys.note_use": lambda scope: scope.api_keys.note_use(OWN_KEY.id, minutes(1)),
    "users.get": lambda scope: scope.users.get(OWN_USER.user_id),
    "users.get_fresh": lambda scope: scope.users.get_fresh(OWN_USER.user_id),
    "users.find_email": lambda scope: scope.users.find_email("ADA@example.com"),
    "users.add": lambda scope: scope.users.add(
        user(tenant_id=scope.tenant_id, user_id="bob", email="bob@example.com")
    ),
    "users.update": lambda scope: scope.users.update(OWN_USER, {"email": "new@example.com"}),
    "users.link": lambda scope: scope.users.link(OWN_USER, "gh-ada"),
    "idempotency.claim": lambda scope: scope.idempotency.claim(
        first_request(scope.tenant_id, turn="second"), NOON
    ),
    "idempotency.finish": lambda scope: scope.idempotency.finish(first_request(), "sealed"),
    "idempotency.give_up": lambda scope: scope.idempotency.give_up(first_request()),
    "endpoints.add": lambda scope: scope.endpoints.add(endpoint(tenant_id=scope.tenant_id)),
    "endpoints.get": lambda scope: scope.endpoints.get(OWN_ENDPOINT.id),
    "endpoints.list": lambda scope: scope.endpoints.list(limit=10),
    "endpoints.find_for": lambda scope: scope.endpoints.find_for(EventType.CONNECTION_CONNECTED),
    "endpoints.update": lambda scope: scope.endpoints.update(OWN_ENDPOINT.id, {"enabled": False}),
    "endpoints.note_health": lambda scope: scope.endpoints.note_health(
        OWN_ENDPOINT.id, {"failures": 2}
    ),
    "endpoints.rotate": lambda scope: scope.endpoints.rotate(OWN_ENDPOINT, b"new", minutes(1)),
    "endpoints.delete": lambda scope: scope.endpoints.delete(OWN_ENDPOINT.id),
    "events.add": lambda scope: scope.events.add(event()),
    "events.get": lambda scope: scope.events.get(OWN_EVENT.id),
    "events.add_delivery": lambda scope: scope.events.add_delivery(delivery()),
    "events.list_deliveries": lambda scope: scope.events.list_deliveries(
        OWN_ENDPOINT.id, DeliveryFilter(), limit=10
    ),
    "events.list_due": lambda scope: scope.events.list_due(OWN_ENDPOINT.id, minutes(1), limit=10),
    "events.note_attempt": lambda scope: scope.events.note_attempt(
        OWN_DELIVERY, TRIED, status=DeliveryStatus.PENDING, due_at=minutes(1)
    ),
    "events.put_off": lambda scope: scope.events.put_off(OWN_ENDPOINT.id, minutes(1)),
    "events.give_up": lambda scope: scope.events.give_up(OWN_ENDPOINT.id, minutes(1)),
    "events.replay": lambda scope: scope.events.replay(
        OWN_ENDPOINT.id, DeliveryFilter(delivery_id=OWN_DELIVERY.id), minutes(1), limit=1
    ),
    "events.drop_deliveries": lambda scope: scope.events.drop_deliveries(OWN_ENDPOINT.id),
    "events.drop_delivery": lambda scope: scope.events.drop_delivery(OWN_DELIVERY.id),
    "webhooks.add": lambda scope: scope.webhooks.add(
        webhook(tenant_id=scope.tenant_id, container_id="repo:2")
    ),
    "webhooks.get": lambda scope: scope.webhooks.get(OWN_WEBHOOK.id),
    "webhooks.find": lambda scope: scope.webhooks.find(OWN.id, None),
    "webhooks.list": lambda scope: scope.webhooks.list(OWN.id),
    "webhooks.update": lambda scope: scope.webhooks.update(OWN_WEBHOOK.id, {"failures": 2}),
    "webhooks.remove": lambda scope: scope.webhooks.remove(OWN_WEBHOOK.id),
    "hook_deliveries.add": lambda scope: scope.hook_deliveries.add(
        hook_delivery(tenant_id=scope.tenant_id)
    ),
    "hook_deliveries.take": lambda scope: scope.hook_deliveries.take(OWN_WEBHOOK.id, 30, limit=10),
    "hook_deliveries.postpone": lambda scope: scope.hook_deliveries.postpone(OWN_HEARD, 9, AWAY),
    "hook_deliveries.wake": lambda scope: scope.hook_deliveries.wake([OWN_WEBHOOK.id], "job_0"),
    "hook_deliveries.release": lambda scope: scope.hook_deliveries.release([OWN_HEARD.id], 9),
    "hook_deliveries.finish": lambda scope: scope.hook_deliveries.finish([OWN_HEARD.id], AWAY),
}

NARROWED: dict[str, Act] = {
    "connections.get of a user": lambda scope: scope.connections.get(
        OWN.id, Visibility(user_id="user-1")
    ),
    "connections.list narrowed": lambda scope: scope.connections.list(
        ConnectionFilter(
            connector_id="github", status=ConnectionStatus.CONNECTED, user_id="user-1", q="work"
        ),
        Visibility(user_id="user-1"),
        limit=10,
        after=(minutes(1), "con_"),
    ),
    "sync_states.put expected": lambda scope: scope.sync_states.put(OWN.id, "issues", {}, 1),
    "sync_states.put first": lambda scope: scope.sync_states.put(OWN.id, "pulls", {}, 0),
    "jobs.get of a user": lambda scope: scope.jobs.get(OWN_JOB.id, Visibility(user_id="ada")),
    "jobs.list narrowed": lambda scope: scope.jobs.list(
        JobFilter(connection_id=OWN.id, stream="issues", status=JobStatus.QUEUED),
        Visibility(user_id="ada"),
        limit=10,
        after=(minutes(1), "job_"),
    ),
    "job_failures.find of records": lambda scope: scope.job_failures.find(
        OWN_JOB.id, {OWN_FAILURE.record_id}, limit=10
    ),
    "job_failures.list further": lambda scope: scope.job_failures.list(
        OWN_JOB.id, limit=10, after=(minutes(1), "job_")
    ),
    "schedules.list narrowed": lambda scope: scope.schedules.list(
        OWN.id, Visibility(user_id="ada"), limit=10, after=(minutes(1), "sch_")
    ),
    "api_keys.list of a user": lambda scope: scope.api_keys.list(
        KeyOwner(user_id="ada"), limit=10, after=(minutes(1), "key_")
    ),
    "api_keys.list of a maker": lambda scope: scope.api_keys.list(
        KeyOwner(maker="platform"), limit=10, after=(minutes(1), "key_")
    ),
    "api_keys.revoke of a user": lambda scope: scope.api_keys.revoke(
        OWN_KEY.id, KeyOwner(user_id="ada")
    ),
    "endpoints.list on": lambda scope: scope.endpoints.list(limit=10, after=(minutes(1), "whe_")),
    "events.list_deliveries narrowed": lambda scope: scope.events.list_deliveries(
        OWN_ENDPOINT.id,
        DeliveryFilter(
            status=DeliveryStatus.PENDING,
            type=EventType.CONNECTION_CONNECTED,
            since=minutes(-1),
            until=minutes(1),
        ),
        limit=10,
        after=(minutes(1), "dlv_"),
    ),
    "idempotency.claim over": lambda scope: scope.idempotency.claim(
        first_request(scope.tenant_id, turn="second"), minutes(6)
    ),
    "audit_logs.list narrowed": lambda scope: scope.audit_logs.list(
        AuditFilter(actor="open", target="con_1", since=minutes(-1), until=minutes(1)),
        limit=10,
        after=(minutes(1), "aud_"),
    ),
}
"""More ways to ask, for those who care about queries."""


async def settle(scope: TenantScope) -> None:
    """Give a tenant one of everything, and warm what its process holds."""
    await scope.connections.add(OWN)
    await scope.tokens.put(token(OWN.id))
    await scope.refresh_leases.acquire(OWN.id, "holder", 30)
    await scope.connector_settings.put("github", {"enabled": True, "clientId": "own-app"})
    await scope.sync_states.put(OWN.id, "issues", {"n": 1}, None)
    for each_job in (OWN_JOB, HELD_JOB):
        await scope.jobs.add(each_job)
    await scope.jobs.add(RUN_JOB.model_copy(update={"fence": 0}))
    await scope.job_runs.acquire(RUN_JOB.id, "holder", 30)
    first = await scope.records.lock(PLACE)
    await scope.records.apply(PLACE, first, RecordChanges(changed=[record_change("1")], live=1))
    await scope.job_failures.put([OWN_FAILURE])
    await scope.schedules.add(OWN_SCHEDULE)
    for each in (WRITTEN, SEALED):
        await scope.audit_logs.append(each)
    await scope.audit_chain.mark_sealed([SEALED.id])
    await scope.audit_chain.add_block(block(scope.tenant_id))
    await scope.audit_chain.put_head(head(scope.tenant_id), None)
    await scope.api_keys.add(OWN_KEY)
    await scope.users.add(OWN_USER)
    await scope.users.get(OWN_USER.user_id)
    await scope.idempotency.claim(first_request(scope.tenant_id), NOON)
    await scope.endpoints.add(OWN_ENDPOINT)
    await scope.events.add(OWN_EVENT)
    await scope.events.add_delivery(OWN_DELIVERY)
    await scope.webhooks.add(OWN_WEBHOOK.model_copy(update={"tenant_id": scope.tenant_id}))
    await scope.hook_deliveries.add(OWN_HEARD.model_copy(update={"tenant_id": scope.tenant_id}))
    await scope.connections.get(OWN.id)
    await scope.tokens.get(OWN.id)
    await scope.connector_settings.get("github")


def methods() -> Iterator[str]:
    """Every public method of every repository of a scope."""
    for name, found in vars(TenantScope).items():
        if isinstance(found, cached_property):
            repository = get_type_hints(found.func)["return"]
            for method, _ in inspect.getmembers(repository, inspect.isfunction):
                if not method.startswith("_"):
                    yield f"{name}.{method}"
