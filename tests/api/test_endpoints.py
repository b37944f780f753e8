"""Webhook endpoints over HTTP: kept by tenants, told of what happens, replayed."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from standardwebhooks import Webhook

from src.db.client import Mongo
from src.models.event import EventType
from tests.api.answers import data_of, error_of, items_of
from tests.api.callers import LOCKED, bearer, make_key
from tests.api.hooked import until
from tests.conftest import GitHub, Service, StartService, connect

ENDPOINTS = "/api/webhook-endpoints"
URL = "https://host.test/hooks"
NO_ENDPOINT = "whe_0123456789abcdef01234567"


class Receiver:
    """A tenant's server, which checks what it gets with the library."""

    def __init__(self, github: GitHub) -> None:
        self.got: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.secret = ""
        self.status = 200
        self.arrived = asyncio.Event()
        app = FastAPI()
        app.post("/hooks")(self.take)
        github.network.add("host.test", app)

    async def take(self, request: Request) -> Response:
        told = Webhook(self.secret).verify(await request.body(), dict(request.headers))
        if self.status == 200:
            self.got.append(told)
            self.ids.append(request.headers["webhook-id"])
        self.arrived.set()
        return Response(status_code=self.status)

    async def wait(self, count: int) -> None:
        async def is_there() -> bool:
            return len(self.got) >= count

        await until(is_there)


@pytest.fixture
def receiver(github: GitHub) -> Receiver:
    return Receiver(github)


async def open_endpoint(
    client: httpx.AsyncClient, receiver: Receiver | None = None, *events: str, **body: Any
) -> str:
    """A new endpoint's id; the receiver learns its secret."""
    wanted = list(events) or [kind.value for kind in EventType]
    answer = await client.post(ENDPOINTS, json={"url": URL, "events": wanted, **body})
    made = data_of(answer, 201)
    if receiver is not None:
        receiver.secret = made["secret"]
    endpoint_id: str = made["id"]
    return endpoint_id


async def test_an_endpoint_lives(client: httpx.AsyncClient) -> None:
    body = {"url": URL, "events": ["sync.failed", "job.held"], "description": "Ours"}
    answer = await client.post(ENDPOINTS, json=body)
    made = data_of(answer, 201)
    assert answer.headers["cache-control"] == "no-store"
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made["events"] == ["sync.failed", "job.held"]
    path = f"{ENDPOINTS}/{made['id']}"
    assert data_of(await client.get(path)) == made
    assert items_of(await client.get(ENDPOINTS)) == [made]
    changed = data_of(await client.patch(path, json={"enabled": False, "events": ["job.held"]}))
    assert (changed["enabled"], changed["stoppedBy"]) == (False, "caller")
    assert changed["events"] == ["job.held"]
    assert changed["url"] == URL
    assert data_of(await client.patch(path, json={"description": None}))["description"] is None
    back = data_of(await client.patch(path, json={"enabled": True}))
    assert (back["enabled"], back["stoppedBy"]) == (True, None)
    assert data_of(await client.delete(path)) == {"endpointId": made["id"]}
    error_of(await client.get(path), 404, "not_found")
    error_of(await client.delete(path), 404, "not_found")
    log = await client.get("/api/audit-logs")
    actions = [entry["action"] for entry in items_of(log)]
    assert actions == [
        "endpoint.deleted",
        *["endpoint.updated"] * 3,
        "endpoint.created",
    ]
    assert secret not in log.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://host.test/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://2130706433/"}, "url"),
        ({"url": "https://[fd00::1]/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": "https://me:secret-word@host.test/"}, "url"),
        ({"url": "https://host.test:99999/"}, "url"),
        ({"url": "https://host.test/#part"}, "url"),
        ({"url": "nonsense"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["no.such"]}, "events.0"),
        ({"events": ["job.held", "job.held"]}, "events"),
        ({"secret": "mine"}, "secret"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_no_endpoint_can_be(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await client.post(ENDPOINTS, json={"url": URL, "events": ["job.held"], **body})
    error = error_of(answer, 422, "validation_error")
    assert [each["field"] for each in error["details"]["errors"]] == [field]
    made = await open_endpoint(client)
    if set(body) == {"url"}:
        error_of(await client.patch(f"{ENDPOINTS}/{made}", json=body), 422, "validation_error")


async def test_private_addresses_where_the_operator_allows_them(
    start: StartService, receiver: Receiver, github: GitHub
) -> None:
    service = await start(allow_private_webhook_hosts=True)
    github.network.alias("127.0.0.1", "host.test")
    body = {"url": "http://127.0.0.1:9999/hooks", "events": ["connection.connected"]}
    receiver.secret = data_of(await service.client.post(ENDPOINTS, json=body), 201)["secret"]
    await connect(service.client)
    await receiver.wait(1)


async def test_the_secret_is_shown_once(client: httpx.AsyncClient) -> None:
    body = {"url": URL, "events": ["job.held"]}
    named = {"Idempotency-Key": "once"}
    first = data_of(await client.post(ENDPOINTS, json=body, headers=named), 201)
    again = data_of(await client.post(ENDPOINTS, json=body, headers=named), 201)
    assert again["id"] == first["id"]
    assert "secret" not in again
    assert again["secretShown"] is False
    rotated = data_of(await client.post(f"{ENDPOINTS}/{first['id']}/rotate-secret"), 201)
    assert rotated["secret"] != first["secret"]
    shown = await client.get(f"{ENDPOINTS}/{first['id']}")
    assert data_of(shown)["formerSecretUntil"] is not None
    assert rotated["secret"] not in shown.text


async def test_a_secret_that_somebody_may_still_check_by_is_not_taken_away(
    client: httpx.AsyncClient, mongo: Mongo
) -> None:
    endpoint_id = await open_endpoint(client)
    path = f"{ENDPOINTS}/{endpoint_id}"
    until = data_of(await client.post(f"{path}/rotate-secret"), 201)["formerSecretUntil"]
    stored = await mongo.database["webhook_endpoints"].find_one({"_id": endpoint_id})
    error = error_of(await client.post(f"{path}/rotate-secret"), 409, "conflict")
    assert error["details"] == {"endpointId": endpoint_id, "formerSecretUntil": until}
    assert until in error["message"]
    assert await mongo.database["webhook_endpoints"].find_one({"_id": endpoint_id}) == stored
    ended = {"$set": {"formerUntil": datetime(2026, 1, 1, tzinfo=UTC)}}
    await mongo.database["webhook_endpoints"].update_one({"_id": endpoint_id}, ended)
    data_of(await client.post(f"{path}/rotate-secret"), 201)


async def test_a_tenant_sees_and_changes_only_its_own(client: httpx.AsyncClient) -> None:
    theirs = await open_endpoint(client)
    globex = {"X-Tenant-Id": "globex"}
    path = f"{ENDPOINTS}/{theirs}"
    assert items_of(await client.get(ENDPOINTS, headers=globex)) == []
    for method, tail, body in (
        ("GET", "", None),
        ("PATCH", "", {"enabled": False}),
        ("DELETE", "", None),
        ("POST", "/rotate-secret", None),
        ("GET", "/deliveries", None),
        ("POST", "/replay", {"deliveryId": "dlv_0123456789abcdef01234567"}),
    ):
        answer = await client.request(method, path + tail, json=body, headers=globex)
        error_of(answer, 404, "not_found")
    assert data_of(await client.get(path))["enabled"] is True


async def test_one_user_has_no_endpoints(start: StartService) -> None:
    service = await start(**LOCKED)
    client = service.client
    body = {"url": URL, "events": ["job.held"]}
    tenants = await make_key(client, permissions=["webhooks:write"])
    users = await make_key(client, permissions=["webhooks:write"], userId="ada")
    nobodys = await make_key(client, permissions=["jobs:write"])
    made = data_of(await client.post(ENDPOINTS, json=body, headers=bearer(tenants)), 201)
    acting = {**bearer(tenants), "X-User-Id": "ada"}
    for headers in (bearer(users), bearer(nobodys), acting):
        error_of(await client.get(ENDPOINTS, headers=headers), 403, "forbidden")
        error_of(await client.post(ENDPOINTS, json=body, headers=headers), 403, "forbidden")
        path = f"{ENDPOINTS}/{made['id']}"
        error_of(await client.get(path, headers=headers), 403, "forbidden")


async def test_a_tenant_is_told_of_its_connections(
    client: httpx.AsyncClient, receiver: Receiver, github: GitHub
) -> None:
    endpoint_id = await open_endpoint(client, receiver)
    connection_id = await connect(client, userId="ada")
    await receiver.wait(1)
    await github.fault({"kind": "unauthorized"})
    query = {"connectionId": connection_id}
    await client.get("/api/connectors/github/containers", params=query)
    await receiver.wait(2)
    await github.fault()
    await connect(client, userId="ada", connectionId=connection_id)
    await receiver.wait(3)
    await client.delete(f"/api/connections/{connection_id}")
    await client.delete(f"/api/connections/{connection_id}")
    await receiver.wait(4)
    told = items_of(await client.get(f"{ENDPOINTS}/{endpoint_id}/deliveries"))
    assert len(told) == 4
    kinds = [told["type"].removeprefix("connection.") for told in receiver.got]
    assert kinds == ["connected", "reauth_required", "connected", "disconnected"]
    for told in receiver.got:
        assert told["data"]["connectionId"] == connection_id
        assert told["data"]["connectorId"] == "github"
        assert told["data"]["userId"] == "ada"
    assert [told["data"].get("isNew") for told in receiver.got] == [True, None, False, None]
    assert receiver.got[1]["data"]["error"]["code"] == "reauthorization_required"


async def test_a_tenant_is_told_once_that_all_goes_well_again(
    client: httpx.AsyncClient, receiver: Receiver, github: GitHub
) -> None:
    await open_endpoint(client, receiver, "connection.recovered")
    connection_id = await connect(client)
    query = {"connectionId": connection_id}
    away = {"kind": "server_error", "status": 503}
    for is_away in (True, True, False, True, True, True, False):
        await github.fault(*([away] if is_away else []))
        # At once, as those do who have all read that it was failing.
        path = "/api/connectors/github/containers"
        count = 1 if is_away else 3
        await asyncio.gather(*(client.get(path, params=query) for _ in range(count)))
    await receiver.wait(1)
    assert receiver.got[0]["type"] == "connection.recovered"
    (delivery,) = items_of(await client.get(f"{ENDPOINTS}/{(await only(client))['id']}/deliveries"))
    assert delivery["status"] == "delivered"


async def only(client: httpx.AsyncClient) -> dict[str, Any]:
    (endpoint,) = items_of(await client.get(ENDPOINTS))
    return endpoint


async def test_another_tenants_connection_is_not_told(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    await open_endpoint(client, receiver)
    answer = await client.post(
        "/api/connectors/github/connect/callback",
        json={"apiKey": "ghp_sandbox_octocat"},
        headers={"X-Tenant-Id": "globex"},
    )
    assert answer.status_code == 201
    await connect(client)
    await receiver.wait(1)
    assert len(receiver.got) == 1


async def test_what_was_told_can_be_listed_and_told_again(
    service: Service, receiver: Receiver
) -> None:
    client = service.client
    endpoint_id = await open_endpoint(client, receiver, "connection.connected")
    path = f"{ENDPOINTS}/{endpoint_id}"
    receiver.status = 500
    connection_id = await connect(client)
    await receiver.arrived.wait()

    async def is_noted() -> bool:
        (delivery,) = items_of(await client.get(f"{path}/deliveries"))
        return len(delivery["attempts"]) == 1

    await until(is_noted)
    (delivery,) = items_of(await client.get(f"{path}/deliveries"))
    assert delivery["status"] == "pending"
    assert delivery["nextAttemptAt"] is not None
    assert delivery["attempts"][0]["status"] == 500
    assert delivery["attempts"][0]["error"] == "refused"
    receiver.status = 200
    replayed = await client.post(f"{path}/replay", json={"deliveryId": delivery["id"]})
    assert data_of(replayed, 202) == {"replayed": 1}
    await receiver.wait(1)
    assert receiver.ids == [delivery["eventId"]]
    assert receiver.got[0]["data"]["connectionId"] == connection_id
    day = {"from": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
    data_of(await client.post(f"{path}/replay", json=day), 202)
    await receiver.wait(2)
    assert receiver.ids == [delivery["eventId"]] * 2
    nothing = await client.post(f"{path}/replay", json={**day, "status": "dead"})
    assert data_of(nothing, 202) == {"replayed": 0}
    assert items_of(await client.get(f"{path}/deliveries", params={"status": "dead"})) == []


async def test_what_was_missed_while_it_was_off_can_be_told(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    endpoint_id = await open_endpoint(client, receiver, "connection.connected", enabled=False)
    path = f"{ENDPOINTS}/{endpoint_id}"
    await connect(client)
    (missed,) = items_of(await client.get(f"{path}/deliveries", params={"status": "dead"}))
    assert missed["attempts"] == []
    replay = {"deliveryId": missed["id"]}
    error_of(await client.post(f"{path}/replay", json=replay), 409, "conflict")
    await client.patch(path, json={"enabled": True})
    data_of(await client.post(f"{path}/replay", json=replay), 202)
    await receiver.wait(1)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"from": "2026-01-01T00:00:00Z"},
        {"deliveryId": "dlv_0123456789abcdef01234567", "to": "2026-01-01T00:00:00Z"},
        {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
        {"deliveryId": "evt_0123456789abcdef01234567"},
    ],
    ids=["nothing", "half", "both", "backwards", "no delivery"],
)
async def test_what_cannot_be_replayed(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    endpoint_id = await open_endpoint(client)
    answer = await client.post(f"{ENDPOINTS}/{endpoint_id}/replay", json=body)
    error_of(answer, 422, "validation_error")


async def test_a_delivery_of_another_endpoint_is_not_replayed(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    first = await open_endpoint(client, receiver, "connection.connected", enabled=False)
    second = await open_endpoint(client, None, "job.held")
    await connect(client)
    (delivery,) = items_of(await client.get(f"{ENDPOINTS}/{first}/deliveries"))
    answer = await client.post(f"{ENDPOINTS}/{second}/replay", json={"deliveryId": delivery["id"]})
    error_of(answer, 404, "not_found")


async def test_endpoints_are_paged_and_limited(client: httpx.AsyncClient) -> None:
    made = [await open_endpoint(client) for _ in range(50)]
    error_of(
        await client.post(ENDPOINTS, json={"url": URL, "events": ["job.held"]}), 409, "conflict"
    )
    first = data_of(await client.get(ENDPOINTS, params={"limit": 30}))
    query = {"limit": 30, "cursor": first["nextCursor"]}
    rest = items_of(await client.get(ENDPOINTS, params=query))
    assert [each["id"] for each in [*first["items"], *rest]] == made[::-1]


@pytest.mark.parametrize("endpoint_id", [NO_ENDPOINT, "whe_1", "con_1"])
async def test_an_unknown_endpoint(client: httpx.AsyncClient, endpoint_id: str) -> None:
    error_of(await client.get(f"{ENDPOINTS}/{endpoint_id}"), 404, "not_found")


async def test_the_body_is_the_same_json_at_each_attempt(
    client: httpx.AsyncClient, receiver: Receiver, github: GitHub
) -> None:
    await open_endpoint(client, receiver, "connection.connected")
    await connect(client)
    await receiver.wait(1)
    (sent,) = [one for one in github.network.requests if one.url.host == "host.test"]
    told = json.loads(sent.content)
    assert set(told) == {"type", "timestamp", "data"}
    assert sent.headers["user-agent"] == "connector-platform"


async def test_a_tenant_is_told_of_runs_and_of_what_they_changed(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    await open_endpoint(client, receiver, "sync.completed", "record.changed", "sync.failed")
    connection_id = await connect(client)
    body = {"connectionId": connection_id, "type": "sync", "streams": ["issues"]}
    (job,) = data_of(await client.post("/api/connectors/github/jobs", json=body), 202)["jobs"]

    async def is_told() -> bool:
        return any(told["type"] == "sync.completed" for told in receiver.got)

    await until(is_told)
    await receiver.wait(2)
    kinds = [told["type"] for told in receiver.got]
    assert set(kinds) == {"sync.completed", "record.changed"}
    for told in receiver.got:
        assert told["data"]["connectionId"] == connection_id
        assert told["data"]["stream"] == "issues"
    (over,) = [told["data"] for told in receiver.got if told["type"] == "sync.completed"]
    changed = [told["data"] for told in receiver.got if told["type"] == "record.changed"]
    assert over["jobId"] == job["jobId"]
    assert sum(one["added"] for one in changed) == over["counts"]["added"] > 0
