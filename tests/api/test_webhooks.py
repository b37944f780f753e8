"""Webhooks of providers: set up, delivered, followed, ended."""

import json
from typing import Any

import pytest

from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.bells import (
    APP,
    DELIVERY_ID,
    DROPINS,
    HOST,
    BellsProvider,
    path_of,
    ring,
    signed,
)
from tests.api.hooked import Hooked
from tests.conftest import GitHub, StartService

T1: dict[str, Any] = {"things": ["t1"]}


@pytest.fixture
async def bells(start: StartService, github: GitHub) -> Hooked:
    provider = BellsProvider()
    github.network.add(HOST, provider)
    service = await start(connector_paths=[DROPINS], connectors={"lodge": APP, "club": APP})
    return Hooked(service, provider)


async def deliver(bells: Hooked, told: dict[str, Any], name: str = "d1", **more: str) -> Any:
    """A good delivery of ``chime``."""
    body = json.dumps(told).encode()
    proof = {"X-Bell-Signature": signed(bells.hook["secret"], body), DELIVERY_ID: name}
    return await bells.client.post(
        path_of(bells.hook["url"]), content=body, headers={**proof, **more}
    )


async def test_a_delivery_becomes_a_record_that_was_fetched(bells: Hooked) -> None:
    connection = await bells.connect("chime")
    made = await bells.subscribe("chime", connection)
    assert made["events"] == ["thing", "other"]
    assert made["status"] == "active"
    assert made["setup"] is None
    assert data_of(await deliver(bells, {"things": ["t1", "t1", "gone"]})) == {"news": 1}
    await bells.handled(1)
    assert "One" in (await bells.records(connection))["t1"]["data"]
    assert bells.provider.count("GET", "/things/t1") == 1
    assert bells.provider.count("GET", "/things/gone") == 1


async def test_a_delivery_that_comes_again_is_known(bells: Hooked) -> None:
    connection = await bells.connect("chime")
    await bells.subscribe("chime", connection)
    for news in (1, 0, 0):
        assert data_of(await deliver(bells, T1, "same")) == {"news": news}
    assert data_of(await deliver(bells, T1, "another")) == {"news": 1}
    await bells.handled(2)
    assert bells.provider.count("GET", "/things/t1") == 2


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Bell-Signature", "v1=" + "0" * 64),
        ("X-Bell-Signature", "v1=zz"),
        ("X-Bell-Signature", "v1="),
        ("X-Bell-Signature", ""),
        ("X-Bell-Other", "v1="),
    ],
)
async def test_a_delivery_without_its_proof_is_refused(
    bells: Hooked, header: str, value: str
) -> None:
    connection = await bells.connect("chime")
    await bells.subscribe("chime", connection)
    url = bells.hook["url"]
    error_of(await ring(bells.client, url, T1, **{header: value}), 401, "unauthorized")
    assert await bells.count("hook_deliveries") == 0


async def test_a_signature_is_of_this_body_and_comes_once(bells: Hooked) -> None:
    await bells.subscribe("chime", await bells.connect("chime"))
    good = signed(bells.hook["secret"], b"{}")
    answer = await ring(bells.client, bells.hook["url"], T1, **{"X-Bell-Signature": good})
    error_of(answer, 401, "unauthorized")
    twice = [("X-Bell-Signature", good), ("X-Bell-Signature", good)]
    path = path_of(bells.hook["url"])
    error_of(await bells.client.post(path, content=b"{}", headers=twice), 401, "unauthorized")
    assert await bells.count("hook_deliveries") == 0


async def test_an_address_that_is_not_quite_ours_is_not_found(bells: Hooked) -> None:
    made = await bells.subscribe("chime", await bells.connect("chime"))
    path = path_of(bells.hook["url"])
    whole = f"/api/hooks/{made['id']}"
    others = [
        f"{path}x",
        f"{whole}/{made['id']}",
        path.replace("whk_", "whe_"),
        "/api/hooks/whk_0123456789abcdef01234567/none",
        f"{whole}/%00",
        whole,
    ]
    for other in others:
        error_of(await bells.client.post(other, content=b"{}"), 404, "not_found")
    error_of(await bells.client.get(path), 404, "not_found")
    error_of(await bells.client.put(path), 405, "method_not_allowed")
    error_of(
        await bells.client.post(path, content=b"x" * (25 * 2**20 + 1)), 413, "payload_too_large"
    )


async def test_a_large_delivery_is_taken(bells: Hooked) -> None:
    await bells.subscribe("chime", await bells.connect("chime"))
    assert data_of(await deliver(bells, {**T1, "pad": "x" * (2 * 2**20)})) == {"news": 1}


async def test_what_is_not_of_the_documented_form_is_refused(bells: Hooked) -> None:
    await bells.subscribe("chime", await bells.connect("chime"))
    error_of(await deliver(bells, {"things": 1}), 400, "bad_request")
    assert await bells.count("hook_deliveries") == 0


async def test_a_webhook_is_for_its_events_and_its_container(bells: Hooked) -> None:
    connection = await bells.connect("chime")
    await bells.subscribe("chime", connection, events=["thing"], containerId="box")
    assert bells.hook["events"] == ["thing"]
    assert bells.hook["container"] == "box"
    for news, told in [
        (0, {"things": ["t1"], "event": "other"}),
        (0, {"things": ["t1"], "box": "elsewhere"}),
        (1, {"things": ["t1"], "box": "box"}),
        (1, {"things": ["t2"]}),
    ]:
        assert data_of(await deliver(bells, told, f"n{told}")) == {"news": news}


async def test_a_deleted_webhook_is_deaf_and_gone_at_the_provider(bells: Hooked) -> None:
    connection = await bells.connect("chime")
    made = await bells.subscribe("chime", connection)
    path = path_of(bells.hook["url"])
    removed = data_of(await bells.end("chime", connection, made["id"]))
    assert removed == {"webhookId": made["id"], "removedAtProvider": "yes"}
    assert bells.provider.hooks == {}
    error_of(await bells.client.post(path, content=b"{}"), 404, "not_found")
    error_of(await bells.end("chime", connection, made["id"]), 404, "not_found")
    assert await bells.count("hook_receivers") == 0


async def test_a_disconnected_connection_has_no_webhook_left(bells: Hooked) -> None:
    connection = await bells.connect("chime")
    await bells.subscribe("chime", connection)
    data_of(await bells.client.delete(f"/api/connections/{connection}"))
    assert bells.provider.hooks == {}
    assert await bells.count("webhooks") == 0


async def test_another_tenant_sees_and_ends_no_webhook(bells: Hooked) -> None:
    connection = await bells.connect("chime")
    made = await bells.subscribe("chime", connection)
    theirs = await bells.connect("chime", "bob", "globex")
    globex = {"X-Tenant-Id": "globex"}
    url = "/api/connectors/chime/webhooks"
    listed = await bells.client.get(url, params={"connectionId": connection}, headers=globex)
    error_of(listed, 404, "not_found")
    for named in (connection, theirs):
        error_of(await bells.end("chime", named, made["id"], "globex"), 404, "not_found")
    body = {"connectionId": connection}
    error_of(await bells.client.post(url, json=body, headers=globex), 404, "not_found")
    mine = await bells.client.get(url, params={"connectionId": connection})
    assert [one["id"] for one in items_of(mine)] == [made["id"]]
    assert bells.provider.hooks


async def test_one_user_sets_none_up_for_a_shared_connection(bells: Hooked) -> None:
    connection = await bells.connect("chime")
    made = await bells.subscribe("chime", connection)
    ada = {"X-User-Id": "ada"}
    url = "/api/connectors/chime/webhooks"
    body = {"connectionId": connection, "containerId": "box"}
    error_of(await bells.client.post(url, json=body, headers=ada), 403, "forbidden")
    named = {"connectionId": connection, "webhookId": made["id"]}
    error_of(await bells.client.delete(url, params=named, headers=ada), 403, "forbidden")
    assert len(bells.provider.hooks) == 1


async def test_each_webhook_and_its_end_are_in_the_audit_log(bells: Hooked) -> None:
    connection = await bells.connect("chime")
    made = await bells.subscribe("chime", connection)
    data_of(await bells.end("chime", connection, made["id"]))
    for action in ("webhook.created", "webhook.deleted"):
        answer = await bells.client.get("/api/audit-logs", params={"action": action})
        assert [entry["target"] for entry in items_of(answer)] == [made["id"]]


async def test_what_a_webhook_must_say(bells: Hooked) -> None:
    url = "/api/connectors/{}/webhooks"
    chime = {"connectionId": await bells.connect("chime")}
    mill = {"connectionId": await bells.connect("mill")}
    club = {"connectionId": await bells.connect("club"), "containerId": "box"}
    unknown = await bells.client.post(url.format("chime"), json={**chime, "events": ["bang"]})
    assert wrong_fields(unknown) == ["events"]
    assert wrong_fields(await bells.client.post(url.format("mill"), json=mill)) == ["containerId"]
    assert wrong_fields(await bells.client.post(url.format("club"), json=club)) == ["containerId"]
    first = await bells.subscribe("chime", chime["connectionId"])
    error = error_of(await bells.client.post(url.format("chime"), json=chime), 409, "conflict")
    assert error["details"] == {"webhookId": first["id"]}
    github = {"connectionId": chime["connectionId"]}
    error_of(
        await bells.client.post(url.format("confluence"), json=github),
        422,
        "unsupported_capability",
    )


async def test_a_refusal_of_the_provider_tells_no_secret_and_leaves_nothing(
    bells: Hooked,
) -> None:
    connection = await bells.connect("chime")
    await bells.subscribe("chime", connection)
    bells.provider.refuses = 422
    body = {"connectionId": connection, "containerId": "box"}
    answer = await bells.client.post("/api/connectors/chime/webhooks", json=body)
    error = error_of(answer, 422, "provider_rejected")
    assert error["details"]["message"].endswith("/*** with ***")
    assert await bells.count("webhooks") == 1
    assert await bells.count("hook_receivers") == 1


async def test_nothing_of_an_address_is_at_rest_in_the_clear(bells: Hooked) -> None:
    await bells.subscribe("chime", await bells.connect("chime"))
    await deliver(bells, T1)
    last, secret = bells.hook["url"].rpartition("/")[2], bells.hook["secret"]
    database = bells.service.container.mongo.database
    for name in await database.list_collection_names():
        async for document in database[name].find({}):
            assert last not in repr(document)
            assert secret not in repr(document)


async def test_what_a_person_sets_up_is_shown_once(bells: Hooked) -> None:
    connection = await bells.connect("mill")
    body = {"connectionId": connection, "containerId": "box"}
    named = {"Idempotency-Key": "mill-1"}
    url = "/api/connectors/mill/webhooks"
    answer = await bells.client.post(url, json=body, headers=named)
    assert answer.headers["Cache-Control"] == "no-store"
    setup = data_of(answer, 201)["setup"]
    assert setup["header"] == "X-Bell-Secret"
    assert setup["instructions"]
    again = data_of(await bells.client.post(url, json=body, headers=named), 201)
    assert again["secretShown"] is False
    assert "setup" not in again
    listed = await bells.client.get(url, params={"connectionId": connection})
    assert setup["secret"] not in listed.text
    error_of(await ring(bells.client, setup["url"], T1), 401, "unauthorized")
    wrong = {"X-Bell-Secret": setup["secret"][:-1]}
    error_of(await ring(bells.client, setup["url"], T1, **wrong), 401, "unauthorized")
    right = {"X-Bell-Secret": setup["secret"]}
    assert data_of(await ring(bells.client, setup["url"], T1, **right)) == {"news": 1}
    await bells.handled(1)
    assert set(await bells.records(connection)) == {"t1"}
    removed = data_of(await bells.end("mill", connection, data_of(answer, 201)["id"]))
    assert removed["removedAtProvider"] == "by_hand"
