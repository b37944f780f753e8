"""Two tenants over every method of every repository: each sees and changes only what is its own."""

from typing import Any

import pytest

from src.db.cache import BriefCache
from src.db.client import Database, Document, Mongo
from src.db.collection import Collection
from src.db.errors import Duplicate
from src.db.indexes import INDEXES
from src.db.tenant import TenantScope
from src.models.base import Model
from tests.db.cases import CASES, OWN, Act, methods, settle

PASSING = {"id", "created_at", "due_at", "updated_at", "now", "until"}
"""What differs from one time to the next."""


def test_every_method_of_every_repository_has_a_case() -> None:
    assert sorted(methods()) == sorted(CASES)


async def outcome(act: Act, scope: TenantScope) -> object:
    """What a caller learns."""
    try:
        return _plain(await act(scope))
    except Duplicate:
        return Duplicate


def _plain(value: object) -> object:
    match value:
        case Model():
            return value.model_dump(exclude=PASSING)
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value


async def documents(database: Database, tenant_id: str) -> dict[str, list[Document]]:
    """All that is stored for a tenant."""
    return {
        name: await database[name].find({"tenantId": tenant_id}, sort=[("_id", 1)]).to_list(None)
        for name in INDEXES
    }


@pytest.mark.parametrize("act", CASES.values(), ids=CASES.keys())
async def test_another_tenant_learns_and_changes_nothing(mongo: Mongo, act: Act) -> None:
    alone = await outcome(act, TenantScope(mongo.database, "globex"))
    for name in INDEXES:
        await mongo.database[name].delete_many({})
    cache = BriefCache()
    acme = TenantScope(mongo.database, "acme", cache)
    await settle(acme)
    before = await documents(mongo.database, "acme")

    beside = await outcome(act, TenantScope(mongo.database, "globex", cache))

    assert beside == alone
    assert await documents(mongo.database, "acme") == before
    own = await outcome(act, acme)
    assert own != beside or await documents(mongo.database, "acme") != before


@pytest.fixture
def globex(database: Database) -> Collection:
    """A collection within the fixed filter of tenant ``globex``."""
    return Collection(database, "connections", {"tenantId": "globex"})


@pytest.fixture
async def acmes(database: Database) -> Document:
    """A document of another tenant."""
    document = {"_id": "theirs", "tenantId": "acme", "alias": "Secret"}
    await database["connections"].insert_one(document)
    return document


@pytest.mark.parametrize(
    "where",
    [
        {"tenantId": "acme"},
        {"_id": "theirs", "tenantId": {"$exists": True}},
        {"$or": [{"tenantId": "acme"}, {"_id": "theirs"}]},
        {"tenantId": {"$ne": "globex"}},
        {},
    ],
)
async def test_no_filter_reaches_out_of_the_fixed_one(
    database: Database, globex: Collection, acmes: Document, where: dict[str, Any]
) -> None:
    assert await globex.find_one(where) is None
    assert await globex.find(where, order=[("_id", 1)], limit=10) == []
    assert await globex.update_one(where, {"$set": {"alias": "x"}}) is None
    assert await globex.delete_one(where) is False
    assert await database["connections"].find_one({"_id": "theirs"}) == acmes


async def test_what_is_written_bears_the_fixed_keys_and_what_is_read_does_not(
    database: Database, globex: Collection
) -> None:
    await globex.insert({"_id": "mine", "tenantId": "acme", "alias": "x"})
    made = await globex.update_one(
        {"_id": "new", "tenantId": "acme"}, {"$set": {"alias": "y"}}, upsert=True
    )
    assert made == {"_id": "new", "alias": "y"}
    assert await globex.find_one({"_id": "mine"}) == {"_id": "mine", "alias": "x"}
    stored = await database["connections"].find({}).to_list(None)
    assert [document["tenantId"] for document in stored] == ["globex", "globex"]


@pytest.mark.parametrize("operator", ["$set", "$setOnInsert", "$unset"])
async def test_no_update_moves_a_document_to_another_tenant(
    database: Database, globex: Collection, operator: str
) -> None:
    await globex.insert({"_id": "mine"})
    with pytest.raises(ValueError, match="fixed filter"):
        await globex.update_one({"_id": "mine"}, {operator: {"tenantId": "acme"}}, upsert=True)
    stored = await database["connections"].find({}).to_list(None)
    assert stored == [{"_id": "mine", "tenantId": "globex"}]


async def test_no_field_of_a_connection_moves_it_to_another_tenant(acme: TenantScope) -> None:
    await acme.connections.add(OWN)
    with pytest.raises(ValueError, match="fixed filter"):
        await acme.connections.update(OWN.id, {"tenantId": "globex"})
    assert await acme.connections.get(OWN.id) == OWN
