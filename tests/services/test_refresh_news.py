"""What tenants are told of refreshes: a dead grant once, and that a failing connection is well."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from src.core.errors import ReauthorizationRequired
from src.core.outbound import Outbound
from src.db.client import Mongo
from src.models.connection import FAILURES_UNTIL_FAILING, ConnectionStatus
from src.models.event import EventType
from tests.db.told import endpoint
from tests.fakes.renewals import Desk
from tests.services.refreshing import Script, desk

__all__ = ["desk"]


@pytest.fixture(autouse=True)
async def listens(desk: Desk) -> None:
    await desk.scope.endpoints.add(endpoint(events=tuple(EventType)))


async def told(mongo: Mongo) -> list[tuple[str, Any]]:
    found = await mongo.database["events"].find({}).to_list(None)
    return [(one["type"], json.loads(one["body"])["data"]) for one in found]


async def test_a_dead_grant_is_told_once(desk: Desk, mongo: Mongo) -> None:
    connection = await desk.connect(user_id="ada")
    desk.clients.outbound = Outbound(
        Script(httpx.Response(200, json={"error": "bad_refresh_token"}))
    )
    results = await asyncio.gather(
        *(desk.use(connection, desk.process()) for _ in range(4)), return_exceptions=True
    )
    assert {type(result) for result in results} == {ReauthorizationRequired}
    ((kind, data),) = await told(mongo)
    assert kind == "connection.reauth_required"
    assert (data["connectionId"], data["userId"]) == (connection.id, "ada")
    assert data["status"] == "reauth_required"
    assert data["error"]["code"] == "reauthorization_required"


async def test_a_refresh_that_succeeds_at_last_is_told(desk: Desk, mongo: Mongo) -> None:
    failing = await desk.connect(refresh_failures=FAILURES_UNTIL_FAILING)
    well = await desk.connect(refresh_failures=FAILURES_UNTIL_FAILING - 1)
    also_calls = await desk.connect(
        refresh_failures=FAILURES_UNTIL_FAILING, failures=FAILURES_UNTIL_FAILING
    )
    for one in (failing, well, also_calls):
        await desk.use(one)
    ((kind, data),) = await told(mongo)
    assert (kind, data["connectionId"]) == ("connection.recovered", failing.id)


async def test_a_connection_that_comes_back_to_life_is_told(desk: Desk, mongo: Mongo) -> None:
    waiting = await desk.connect(status=ConnectionStatus.EXPIRED)
    await desk.use(waiting)
    assert (await desk.record(waiting)).status is ConnectionStatus.CONNECTED
    ((kind, data),) = await told(mongo)
    assert (kind, data["isNew"]) == ("connection.connected", False)
