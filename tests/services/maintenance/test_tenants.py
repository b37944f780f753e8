"""A tenant as a whole: counted, exported without its secrets, erased without a trace."""

import json
from datetime import UTC, datetime

import pytest

from src.db.client import Mongo
from src.db.indexes import INDEXES
from src.db.tenant import TenantScope
from src.models.connection import ConnectionStatus
from src.services.encryption import Encryption
from src.services.maintenance.tenants import Tenants
from tests.conftest import TOKEN, StartService, connect
from tests.db.cases import settle
from tests.db.records import connected
from tests.services.maintenance.conftest import OLD, Vault


@pytest.fixture
async def tenants(mongo: Mongo) -> Tenants:
    """Two tenants with the same of everything."""
    await settle(TenantScope(mongo.database, "acme"))
    for name in INDEXES:
        async for document in mongo.database[name].find({"tenantId": "acme"}):
            twin = {**document, "_id": f"twin of {document['_id']}", "tenantId": "globex"}
            await mongo.database[name].insert_one(twin)
    return Tenants(mongo.database)


async def test_tenants_are_counted(tenants: Tenants) -> None:
    counts = await tenants.counts()
    assert list(counts) == ["acme", "globex"]
    assert counts["acme"]["connections"] == 1
    assert counts["acme"]["audit_logs"] == 2
    assert counts["acme"] == counts["globex"]


async def test_connections_are_counted_by_health(mongo: Mongo) -> None:
    connections = TenantScope(mongo.database, "acme").connections
    for user, failures in (("a", 0), ("b", 0), ("c", 1), ("d", 9)):
        await connections.add(connected(user_id=user, failures=failures))
    await connections.add(connected(user_id="e", status=ConnectionStatus.DISCONNECTED))
    assert await Tenants(mongo.database).health() == [
        {"connectorId": "github", "status": status, "health": health, "count": count}
        for status, health, count in (
            ("connected", "degraded", 1),
            ("connected", "failing", 1),
            ("connected", "ok", 2),
            ("disconnected", "ok", 1),
        )
    ]


async def test_an_export_holds_everything_of_the_tenant_and_nobody_else_s(
    tenants: Tenants, mongo: Mongo
) -> None:
    head, *lines = [json.loads(line) async for line in tenants.export("acme")]
    assert (head["form"], head["tenantId"]) == ("tenant-export/1", "acme")
    counts = (await tenants.counts())["acme"]
    assert len(lines) == sum(counts.values())
    assert {line["collection"] for line in lines} == counts.keys()
    assert {line["document"]["tenantId"] for line in lines} == {"acme"}
    (connection,) = [line["document"] for line in lines if line["collection"] == "connections"]
    assert connection["account"]["name"] == "The Octocat"
    assert connection["createdAt"] == "2026-01-02T12:00:00.123Z"


async def test_an_export_holds_no_secret(vault: Vault, start: StartService) -> None:
    service = await start(encryption_key=OLD)
    await connect(service.client, alias="Mine")
    await service.client.post("/api/auth/api-keys", json={"name": "one"})
    lines = [line async for line in Tenants(vault.mongo.database).export("acme")]
    text = "\n".join(lines)
    for secret in (TOKEN, OLD, "gAAAA", "hush", "ealed", '"digest"', "Hash"):
        assert secret not in text, secret
    assert "Mine" in text


async def test_what_is_erased_is_gone_everywhere_and_the_others_stay(
    tenants: Tenants, mongo: Mongo
) -> None:
    before = (await tenants.counts())["globex"]
    erasure = await tenants.erase("acme")
    assert erasure.complete
    assert erasure.removed["tokens"] == 1
    for name in await mongo.database.list_collection_names():
        assert await mongo.database[name].count_documents({"tenantId": "acme"}) == 0
    assert (await tenants.counts()) == {"globex": before}


async def test_every_collection_with_tenants_is_erased(mongo: Mongo) -> None:
    """A collection that somebody adds is not forgotten."""
    documents = {name: {"_id": name, "tenantId": "acme", "x": name} for name in (*INDEXES, "later")}
    for name, document in documents.items():
        await mongo.database[name].insert_one(document)
    erasure = await Tenants(mongo.database).erase("acme")
    assert erasure.removed.keys() == documents.keys()
    await mongo.database.drop_collection("later")


async def test_a_tombstone_says_that_and_when_and_nothing_more(
    tenants: Tenants, mongo: Mongo
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    await tenants.erase("acme")
    (stone,) = await mongo.database["erased_tenants"].find({}).to_list(None)
    assert stone == {"_id": "acme", "erasedAt": (await tenants.erased())["acme"]}
    assert stone["erasedAt"] >= before


async def test_an_erased_tenant_may_begin_again(tenants: Tenants, mongo: Mongo) -> None:
    await tenants.erase("acme")
    await settle(TenantScope(mongo.database, "acme"))
    assert "acme" in await tenants.counts()
    assert (await tenants.erase("acme")).complete


async def test_a_token_of_an_erased_tenant_opens_nothing_any_more(vault: Vault) -> None:
    await Tenants(vault.mongo.database).erase("acme")
    for connection in vault.connections:
        scope = vault.scope(connection.tenant_id)
        assert (await scope.tokens.get(connection.id) is None) == (connection.tenant_id == "acme")
    assert Encryption(OLD).fingerprint
