"""What becomes of webhooks and their deliveries with time and with outages."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from src.db.receivers import Receivers
from src.services.queue import Work
from src.services.webhooks.deliveries import due_deliveries
from src.services.webhooks.following import MOST_ATTEMPTS, Following
from tests.api.answers import data_of, items_of
from tests.api.bells import APP, DROPINS, HOST, ODD, BellsProvider
from tests.api.hooked import Hooked, until
from tests.api.test_webhooks import T1, bells, deliver
from tests.conftest import GitHub, StartService

__all__ = ["bells"]

NOBODY = "redis://127.0.0.1:1/0"
"""A broker that is not there: nobody works but the test."""

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def still(start: StartService, github: GitHub) -> Hooked:
    """The application where nobody works by itself."""
    provider = BellsProvider()
    github.network.add(HOST, provider)
    apps = {"lodge": APP, "club": APP}
    service = await start(connector_paths=[DROPINS], connectors=apps, jobs_broker_url=NOBODY)
    return Hooked(service, provider)


async def tend(bells: Hooked, **later: float) -> None:
    """Keep subscriptions alive, as it is done so much later."""
    moment = datetime.now(UTC) + timedelta(**later)
    container = bells.service.container
    await container.hooks.renewals(container.jobs, lambda: moment).tend()


def following(bells: Hooked) -> Following:
    container = bells.service.container
    return container.hooks.following(container.records, container.jobs)


def expire_in(bells: Hooked, **later: float) -> None:
    end = datetime.now(UTC) + timedelta(**later)
    bells.provider.expires = int(end.timestamp())


async def webhook(bells: Hooked, connection: str) -> dict[str, Any]:
    url = "/api/connectors/chime/webhooks"
    (only,) = items_of(await bells.client.get(url, params={"connectionId": connection}))
    return only


async def the_delivery(bells: Hooked) -> dict[str, Any]:
    found = await bells.service.container.mongo.database["hook_deliveries"].find_one({})
    assert found is not None
    return found


async def make_due(bells: Hooked, **more: Any) -> None:
    """Let the delivery's time have come."""
    delivery = await the_delivery(bells)
    await bells.service.container.mongo.database["hook_deliveries"].update_one(
        {"_id": delivery["_id"]}, {"$set": {"dueAt": LONG_AGO, **more}}
    )


async def test_a_subscription_is_renewed_in_good_time(bells: Hooked) -> None:
    expire_in(bells, hours=1)
    connection = await bells.connect("chime")
    made = await bells.subscribe("chime", connection)
    assert made["expiresAt"] is not None
    first = dict(bells.hook)
    await tend(bells, minutes=45)
    assert bells.provider.count("POST", "/hooks") == 1
    expire_in(bells, hours=9)
    await tend(bells, minutes=50)
    assert bells.provider.count("POST", "/hooks") == 2
    assert bells.hook == first
    renewed = await webhook(bells, connection)
    assert renewed["expiresAt"] > made["expiresAt"]
    assert data_of(await deliver(bells, T1)) == {"news": 1}


async def test_a_bug_in_one_renewal_keeps_back_no_other(bells: Hooked) -> None:
    expire_in(bells, hours=1)
    connections = [await bells.connect("chime", name) for name in ("odd", "even")]
    odd, even = [(await bells.subscribe("chime", one))["id"] for one in connections]
    subscriptions = bells.service.container.mongo.database["webhooks"]
    # The connector misses what another version of it has not kept.
    await subscriptions.update_one({"_id": odd}, {"$set": {"handle": {}}})
    await tend(bells, minutes=50)
    error = (await subscriptions.find_one({"_id": odd}))["lastError"]
    assert error["code"] == "internal_error"
    assert (await subscriptions.find_one({"_id": even}))["lastError"] is None


async def test_what_was_missed_while_a_renewal_failed_is_read(bells: Hooked) -> None:
    expire_in(bells, hours=1)
    connection = await bells.connect("chime")
    await bells.subscribe("chime", connection)
    bells.provider.refuses = 503
    await tend(bells, minutes=50)
    await tend(bells, minutes=51)
    asked = bells.provider.count("POST", "/hooks")
    error = (await webhook(bells, connection))["lastError"]
    assert error["code"] == "provider_error"
    assert await bells.records(connection) == {}
    bells.provider.refuses = None
    await tend(bells, minutes=90)
    assert bells.provider.count("POST", "/hooks") == asked + 1
    assert (await webhook(bells, connection))["lastError"] is None

    async def are_read() -> bool:
        return set(await bells.records(connection)) == {"t1", "t2"}

    await until(are_read)


async def test_what_somebody_died_over_is_forgotten(bells: Hooked) -> None:
    connection = await bells.connect("chime")
    await bells.subscribe("chime", connection)
    pending = {"$set": {"status": "pending", "handle": None, "renewAt": LONG_AGO}}
    await bells.service.container.mongo.database["webhooks"].update_one({}, pending)
    await tend(bells)
    assert await bells.count("webhooks") == 0
    assert await bells.count("hook_receivers") == 0


async def test_a_shared_subscription_without_members_is_ended(bells: Hooked) -> None:
    await bells.subscribe("club", await bells.connect("club"))
    await tend(bells)
    assert bells.provider.hooks
    await bells.service.container.mongo.database["webhooks"].delete_many({"tenantId": "acme"})
    await tend(bells)
    assert bells.provider.hooks == {}


async def test_an_outage_postpones_a_delivery_and_loses_none(still: Hooked) -> None:
    connection = await still.connect("chime")
    webhook_id = (await still.subscribe("chime", connection))["id"]
    still.provider.outage = True
    await deliver(still, T1)
    assert await following(still).handle("acme", webhook_id) == "postponed"
    waiting = await the_delivery(still)
    assert waiting["error"]["code"] == "provider_error"
    assert waiting["dueAt"] is not None
    assert await following(still).handle("acme", webhook_id) == "not_due"
    still.provider.outage = False
    await make_due(still)
    assert await following(still).handle("globex", webhook_id) == "not_due"
    assert await following(still).handle("acme", webhook_id) == "done"
    assert set(await still.records(connection)) == {"t1"}


@pytest.mark.parametrize("decision", ["confirm", "cancel"])
async def test_news_of_a_stream_whose_run_is_held_waits_for_a_decision(
    still: Hooked, decision: str
) -> None:
    connection = await still.connect("chime")
    webhook_id = (await still.subscribe("chime", connection))["id"]
    body = {"connectionId": connection, "streams": ["things"]}
    asked = await still.client.post("/api/connectors/chime/jobs", json=body)
    (held,) = data_of(asked, 202)["jobs"]
    await still.service.container.mongo.database["jobs"].update_one(
        {"_id": held["jobId"]}, {"$set": {"status": "held", "startedAt": LONG_AGO, "dueAt": None}}
    )
    await deliver(still, {"things": [None]})
    assert await following(still).handle("acme", webhook_id) == "waiting"
    due_at = (await the_delivery(still))["dueAt"].replace(tzinfo=UTC)
    assert due_at > datetime.now(UTC) + timedelta(minutes=5)
    assert await following(still).handle("acme", webhook_id) == "not_due"

    data_of(await still.client.post(f"/api/jobs/{held['jobId']}/{decision}"))

    # The confirmed run goes on, and may have missed the news; a cancelled one makes room.
    word = {"confirm": "waiting", "cancel": "done"}[decision]
    assert await following(still).handle("acme", webhook_id) == word


async def test_what_several_deliveries_name_is_fetched_once(still: Hooked) -> None:
    connection = await still.connect("chime")
    webhook_id = (await still.subscribe("chime", connection))["id"]
    for number in range(6):
        await deliver(still, {"things": ["t1", f"gone{number % 2}"]}, f"d{number}")
    still.provider.asked.clear()
    assert await following(still).handle("acme", webhook_id) == "done"
    asked = [path for _, path in still.provider.asked]
    assert sorted(asked) == ["/things/gone0", "/things/gone1", "/things/t1"]
    stored = await still.records(connection)
    assert [name for name, one in stored.items() if one["data"] is not None] == ["t1"]
    assert await still.count("hook_deliveries", dueAt=None) == 6


async def test_a_bug_in_one_keeps_back_no_other(still: Hooked) -> None:
    connection = await still.connect("chime")
    webhook_id = (await still.subscribe("chime", connection))["id"]
    # The connector knows no such stream, and says so in its own way.
    await deliver(still, {"things": ["t2"], "event": "other"}, "odd")
    await deliver(still, T1, "even")
    assert await following(still).handle("acme", webhook_id) == "postponed"
    assert set(await still.records(connection)) == {"t1"}
    assert await still.count("hook_deliveries", dueAt=None) == 1
    assert await still.count("hook_deliveries", **{"error.code": "internal_error"}) == 1


async def test_what_cannot_be_stored_keeps_back_no_other_and_is_given_up(still: Hooked) -> None:
    connection = await still.connect("chime")
    webhook_id = (await still.subscribe("chime", connection))["id"]
    still.provider.things["t2"] = ODD
    for name in ("t1", "t2", "gone"):
        await deliver(still, {"things": [name]}, name)
    assert await following(still).handle("acme", webhook_id) == "postponed"
    assert set(await still.records(connection)) == {"t1"}
    assert await still.count("hook_deliveries", dueAt=None) == 2
    await still.service.container.mongo.database["hook_deliveries"].update_one(
        {"dueAt": {"$ne": None}}, {"$set": {"dueAt": LONG_AGO, "attempts": MOST_ATTEMPTS - 1}}
    )
    assert await following(still).handle("acme", webhook_id) == "failed"
    assert await still.count("hook_deliveries", dueAt=None) == 3


async def test_a_ticket_that_does_not_open_keeps_back_no_other(still: Hooked) -> None:
    connection = await still.connect("chime")
    webhook_id = (await still.subscribe("chime", connection))["id"]
    await deliver(still, {"things": ["t2"]}, "sealed")
    # Another process may have the key that it was sealed with.
    await make_due(still, sealed=b"by another key")
    await deliver(still, T1, "open")
    assert await following(still).handle("acme", webhook_id) == "postponed"
    assert set(await still.records(connection)) == {"t1"}
    waiting = await still.service.container.mongo.database["hook_deliveries"].find_one(
        {"dueAt": {"$ne": None}}
    )
    assert waiting is not None
    assert waiting["error"]["code"] == "internal_error"
    await still.service.container.mongo.database["hook_deliveries"].update_one(
        {"_id": waiting["_id"]}, {"$set": {"dueAt": LONG_AGO, "attempts": MOST_ATTEMPTS - 1}}
    )
    assert await following(still).handle("acme", webhook_id) == "failed"


async def test_what_processes_die_over_again_and_again_is_given_up(still: Hooked) -> None:
    """Who dies writes nothing down: that it was taken is all that is known."""
    webhook_id = (await still.subscribe("chime", await still.connect("chime")))["id"]
    await deliver(still, T1)
    await make_due(still, attempts=MOST_ATTEMPTS)
    assert await following(still).handle("acme", webhook_id) == "failed"
    assert still.provider.count("GET", "/things/t1") == 0
    assert (await the_delivery(still))["dueAt"] is None


async def test_what_fails_for_good_is_given_up(still: Hooked) -> None:
    webhook_id = (await still.subscribe("chime", await still.connect("chime")))["id"]
    still.provider.outage = True
    await deliver(still, T1)
    await make_due(still, attempts=MOST_ATTEMPTS - 2)
    assert await following(still).handle("acme", webhook_id) == "postponed"
    await make_due(still)
    assert await following(still).handle("acme", webhook_id) == "failed"
    assert (await the_delivery(still))["dueAt"] is None


async def test_a_refused_credential_ends_the_delivery_and_asks_the_user(still: Hooked) -> None:
    connection = await still.connect("chime")
    webhook_id = (await still.subscribe("chime", connection))["id"]
    still.provider.dead.add("ada-token-0123456789")
    await deliver(still, T1)
    assert await following(still).handle("acme", webhook_id) == "failed"
    assert (await the_delivery(still))["error"]["code"] == "reauthorization_required"
    answer = await still.client.get(f"/api/connections/{connection}")
    assert data_of(answer)["status"] == "reauth_required"


async def test_a_delivery_is_carried_out_by_one(still: Hooked) -> None:
    webhook_id = (await still.subscribe("chime", await still.connect("chime")))["id"]
    await deliver(still, T1)
    works = (following(still).handle("acme", webhook_id) for _ in range(5))
    assert sorted(await asyncio.gather(*works)) == ["done", *["not_due"] * 4]
    assert still.provider.count("GET", "/things/t1") == 1


async def test_a_delivery_of_an_ended_webhook_is_of_no_interest(still: Hooked) -> None:
    connection = await still.connect("chime")
    webhook_id = (await still.subscribe("chime", connection))["id"]
    await deliver(still, T1)
    data_of(await still.end("chime", connection, webhook_id))
    assert await following(still).handle("acme", webhook_id) == "done"
    assert still.provider.count("GET", "/things/t1") == 0


async def test_what_nobody_has_heard_of_is_found_by_the_sweep(still: Hooked) -> None:
    """The hint is lost here; the sweep of the next process that works finds what was kept."""
    connection = await still.connect("chime")
    await still.subscribe("chime", connection)
    await deliver(still, T1)
    await make_due(still)
    receivers = Receivers(lambda: still.service.container.mongo.database)
    (hint,) = await due_deliveries(receivers)(datetime.now(UTC), 10)
    assert hint.work is Work.DELIVERY
    assert await following(still).handle(hint.tenant_id, hint.id) == "done"
    assert set(await still.records(connection)) == {"t1"}


@pytest.mark.parametrize("outage", [True, False])
async def test_an_end_that_the_provider_does_not_hear_is_an_end(
    bells: Hooked, outage: bool
) -> None:
    connection = await bells.connect("chime")
    made = await bells.subscribe("chime", connection)
    bells.provider.outage = outage
    removed = data_of(await bells.end("chime", connection, made["id"]))["removedAtProvider"]
    assert removed == ("failed" if outage else "yes")
    assert await bells.count("webhooks") == 0
