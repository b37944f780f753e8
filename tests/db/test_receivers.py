"""What is looked for past a tenant's scope: due work, members and addresses without any."""

from datetime import timedelta

from src.db.client import Mongo
from src.db.receivers import Receivers
from src.db.tenant import TenantScope
from tests.db.heard import hook_delivery, webhook
from tests.db.records import NOON, minutes

BUSY = "whk_0000000000000000000000aa"
QUIET = "whk_0000000000000000000000bb"


async def test_a_webhook_with_very_many_deliveries_hides_no_other(mongo: Mongo) -> None:
    acme, globex = (TenantScope(mongo.database, name) for name in ("acme", "globex"))
    for number in range(30):
        due = NOON + timedelta(seconds=number)
        await acme.hook_deliveries.add(hook_delivery(webhook_id=BUSY, due_at=due))
    await globex.hook_deliveries.add(
        hook_delivery(tenant_id="globex", webhook_id=QUIET, due_at=minutes(2))
    )
    await acme.hook_deliveries.add(hook_delivery(webhook_id="whk_later", due_at=minutes(9)))
    receivers = Receivers(lambda: mongo.database)
    found = await receivers.with_due_deliveries(minutes(5), 2)
    assert found == [("acme", BUSY), ("globex", QUIET)]


async def test_all_members_with_a_key_are_found_and_no_others(mongo: Mongo) -> None:
    receivers = Receivers(lambda: mongo.database)
    wanted = set()
    for number in range(1003):
        tenant = f"tenant-{number % 3}"
        keys = ("ada", "eve") if number % 2 else ("bob",)
        one = webhook(
            tenant_id=tenant, receiver_id=BUSY, keys=keys, connection_id=f"con_{number:024x}"
        )
        await TenantScope(mongo.database, tenant).webhooks.add(one)
        wanted |= {one.id} if number % 2 else set()
    other = webhook(receiver_id=QUIET, keys=("ada",))
    await TenantScope(mongo.database, "acme").webhooks.add(other)
    found = await receivers.members(BUSY, ["ada", "eve", "nobody"])
    assert {one.id for one in found} == wanted
    assert len(found) == len(wanted)
