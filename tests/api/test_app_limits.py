"""A limit that belongs to an OAuth app holds for all its tenants, and for nobody else."""

import httpx
import pytest

from src.connectors.base import BrowsesContainers
from src.core.errors import RateLimited
from src.models.principal import Caller, Principal, Via
from src.models.query import ContainerQuery
from tests.api.answers import error_of, items_of
from tests.api.desk import Desk

CONTAINERS = "/api/connectors/desk/containers"


async def browse(desk: Desk, tenant: str, connection_id: str) -> httpx.Response:
    query = {"connectionId": connection_id}
    return await desk.client.get(CONTAINERS, params=query, headers={"X-Tenant-Id": tenant})


async def test_the_tenants_of_an_app_share_its_limit_and_keys_are_exempt(desk: Desk) -> None:
    ours, theirs = await desk.grant("acme"), await desk.grant("globex")
    by_key = await desk.connect()
    for _ in range(3):
        items_of(await browse(desk, "acme", ours))
        items_of(await browse(desk, "globex", theirs))
    desk.forget()
    for tenant, connection_id in (("acme", ours), ("globex", theirs)):
        refused = await browse(desk, tenant, connection_id)
        assert error_of(refused, 429, "rate_limited")["details"]["by"] == "provider"
        assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert desk.asked() == []
    items_of(await browse(desk, "acme", by_key))


async def test_work_in_the_background_leaves_the_reserve_to_callers(desk: Desk) -> None:
    connection_id = await desk.grant("acme")
    container = desk.service.container
    caller = Caller(Principal("acme", Via.OPEN, frozenset()), request_id="req-1", ip=None)
    connection = await container.connections.get(caller, connection_id)
    worker = container.calls.attach(connection, background=True).connector
    assert isinstance(worker, BrowsesContainers)
    for _ in range(5):
        await worker.containers(ContainerQuery())
    with pytest.raises(RateLimited):
        await worker.containers(ContainerQuery())
    for _ in range(2):
        items_of(await browse(desk, "acme", connection_id))
    error_of(await browse(desk, "acme", connection_id), 429, "rate_limited")


async def test_a_connection_that_its_provider_paused_is_left_alone(desk: Desk) -> None:
    first, second = await desk.connect(), await desk.connect(userId="ada")
    await desk.fault(kind="rate_limited", retry_after=600)
    desk.forget()
    refused = await browse(desk, "acme", first)
    error_of(refused, 429, "rate_limited")
    again = await desk.pick("desk_queue", first)
    error_of(again, 429, "rate_limited")
    assert 590 <= int(again.headers["Retry-After"]) <= 600
    assert len(desk.asked("/queues")) == 1
    await browse(desk, "acme", second)
    assert len(desk.asked("/queues")) == 2
