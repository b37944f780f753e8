"""The whole service with the example dropped in: two tenants, a job, and a host that is private."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.api.runs import records, run
from tests.conftest import Service, StartService
from tests.postgres.cluster import READER, READER_PASSWORD, ROOT, Cluster

POSTGRESQL = "/api/connectors/postgresql"


def config(cluster: Cluster, **more: Any) -> dict[str, Any]:
    return {
        "host": "localhost",
        "port": cluster.port,
        "database": "shop",
        "user": READER,
        "certificates": cluster.authority,
        **more,
    }


@pytest.fixture
async def service(start: StartService) -> Service:
    return await start(connector_paths=[ROOT / "examples"], allow_private_provider_hosts=True)


async def connect(
    service: Service, wanted: Mapping[str, Any], password: str = READER_PASSWORD, **how: Any
) -> Any:
    body = {"apiKey": password, "config": wanted}
    return await service.client.post(f"{POSTGRESQL}/connect/callback", json=body, **how)


async def test_two_tenants_and_a_password_that_is_nowhere(
    service: Service, cluster: Cluster
) -> None:
    wanted = config(cluster, host="127.0.0.1")
    answer = await connect(service, wanted)
    assert answer.status_code == 201, answer.text
    ours = answer.json()["data"]["connectionId"]
    params = {"connectionId": ours, "containerId": "table:shop:public:customers", "limit": 2}
    page = await service.client.get(f"{POSTGRESQL}/items", params=params)
    assert [item["title"] for item in page.json()["data"]["items"]] == ["Meadow 1", "Harbour 2"]
    cursor = page.json()["data"]["nextCursor"]
    page = await service.client.get(f"{POSTGRESQL}/items", params={**params, "cursor": cursor})
    assert [item["title"] for item in page.json()["data"]["items"]] == ["Meadow 3", "Harbour 4"]

    await run(service.client, "postgresql", ours, containerIds=["table:shop:public:odd"])
    kept = await records(service.client, ours)
    assert len(kept) == 6

    other = {"headers": {"X-Tenant-Id": "globex"}}
    assert (await connect(service, wanted, **other)).status_code == 201
    strange = await service.client.get(f"{POSTGRESQL}/items", params=params, **other)
    assert strange.status_code == 404

    record = await service.client.get(f"/api/connections/{ours}")
    assert READER_PASSWORD not in record.text
    assert record.json()["data"]["config"]["host"] == "127.0.0.1"


async def test_a_wrong_password_and_a_wrong_database(service: Service, cluster: Cluster) -> None:
    refused = await connect(service, config(cluster, host="127.0.0.1"), "wrong-password")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "provider_rejected")
    absent = await connect(service, config(cluster, host="127.0.0.1", database="absent"))
    assert (absent.status_code, absent.json()["error"]["code"]) == (404, "not_found")


async def test_a_private_host_is_refused_before_anything_is_sent(
    start: StartService, cluster: Cluster
) -> None:
    service = await start(connector_paths=[ROOT / "examples"])
    for host in ("127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1"):
        before = cluster.visitors
        answer = await connect(service, config(cluster, host=host))
        assert answer.status_code == 502, answer.text
        assert answer.json()["error"]["message"] == "The provider's address is not allowed."
        assert cluster.visitors == before
