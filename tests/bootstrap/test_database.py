"""The ways to the database that services are handed."""

from src.bootstrap.database import Storage
from src.db.client import Mongo


async def test_a_tenants_scope_is_kept_until_the_database_moves(mongo_url: str) -> None:
    mark = "&" if "?" in mongo_url else "?"
    elsewhere = f"{mongo_url}{mark}appName=moved"
    where = mongo_url
    mongo = Mongo(lambda: where, "connectors")
    storage = Storage(mongo, None)
    scope = storage.scope_of("acme")
    assert storage.scope_of("acme") is scope
    assert storage.scope_of("beta").tenant_id == "beta"
    where = elsewhere
    moved = storage.scope_of("acme")
    assert moved is not scope
    assert storage.scope_of("acme") is moved
    await mongo.close()


async def test_scopes_of_many_tenants_do_not_pile_up(mongo_url: str) -> None:
    mongo = Mongo(mongo_url, "connectors")
    storage = Storage(mongo, None)
    first = storage.scope_of("tenant-0")
    for number in range(1000):
        assert storage.scope_of(f"tenant-{number}").tenant_id == f"tenant-{number}"
    assert storage.scope_of("tenant-0") is not first
    await mongo.close()
