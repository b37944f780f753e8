"""PostgreSQL out of CONNECTOR_PATHS in sandbox mode: the imitation, and nobody of the world."""

from typing import Any

import pytest

from src.connectors.registry import ConnectorLoadError
from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.runs import records, run
from tests.conftest import GitHub, Service, StartService
from tests.examples.salesforce import EXAMPLES
from tests.secrecy import SECRETS

PUBLIC = "http://localhost:8000"
PASSWORD = "sandbox-postgresql-reader"
C = "/api/connectors/postgresql"
CONFIG = {"host": "db.example.com", "database": "shop", "user": "reader"}


@pytest.fixture
async def sandbox(start: StartService, github: GitHub) -> Service:
    SECRETS.note(PASSWORD)
    service = await start(
        sandbox=True, public_url=PUBLIC, connectors={}, connector_paths=[EXAMPLES]
    )
    github.network.add("localhost", service.app)
    return service


async def connect(service: Service, password: str = PASSWORD, **config: Any) -> Any:
    body = {"apiKey": password, "config": {**CONFIG, **config}}
    return await service.client.post(f"{C}/connect/callback", json=body)


async def test_a_database_is_browsed_and_synchronized(sandbox: Service, github: GitHub) -> None:
    client = sandbox.client
    shown = data_of(await client.get(C))
    assert shown["category"] == "example"
    assert set(shown["capabilities"]) == {"containers", "items", "resources", "sync"}

    connection = data_of(await connect(sandbox), 201)["connectionId"]
    query = {"connectionId": connection}
    below: dict[str, Any] = {}
    for place in ("database:shop", "schema:shop:public"):
        below = {**query, "parentId": place}
        assert items_of(await client.get(f"{C}/containers", params=below))
    table = {**query, "containerId": "table:shop:public:orders"}
    found = items_of(await client.get(f"{C}/items", params={**table, "q": "order 12"}))
    assert [one["fields"]["columns"]["total"] for one in found] == ["12.50"]

    await run(client, "postgresql", connection, containerIds=["table:shop:public:orders"])
    assert len(await records(client, connection)) == 12
    assert {one.url.host for one in github.network.requests} == {"localhost"}


async def test_wrong_input_is_named(sandbox: Service) -> None:
    error_of(await connect(sandbox, "wrong"), 422, "provider_rejected")
    assert wrong_fields(await connect(sandbox, host="reader:word@db")) == ["config.host"]
    assert wrong_fields(await connect(sandbox, certificates="none")) == ["config.certificates"]
    assert wrong_fields(await connect(sandbox, port="5432")) == ["config.port"]
    body = {"apiKey": PASSWORD, "config": {"host": "db.example.com"}}
    answer = await sandbox.client.post(f"{C}/connect/callback", json=body)
    assert set(wrong_fields(answer)) == {"config.database", "config.user"}


@pytest.mark.parametrize(
    ("connector", "address", "such"),
    [
        ("postgresql", "https://db.example.com", "tcp://host:port"),
        ("github", "tcp://github.example.com:443", "https://host"),
    ],
)
async def test_an_address_of_another_protocol_refuses_the_start(
    start: StartService, connector: str, address: str, such: str
) -> None:
    said = f"CONNECTORS__{connector.upper()}__API_URL must be an address such as {such}"
    with pytest.raises(ConnectorLoadError, match=said):
        await start(connector_paths=[EXAMPLES], connectors={connector: {"api_url": address}})
