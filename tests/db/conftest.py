"""Databases for tests of repositories: the imitation and the real one."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from mongomock_motor import AsyncMongoMockClient

from src.db.cache import BriefCache
from src.db.client import Database, Mongo
from src.db.indexes import INDEXES
from src.db.tenant import TenantScope

ScopeOf = Callable[[str], TenantScope]


@pytest.fixture
async def imitation() -> Database:
    """An empty mongomock database with our indexes, but for those that it gets wrong.

    It takes a partial unique index for a whole one, and would refuse a second connection.
    """
    client: Any = AsyncMongoMockClient(tz_aware=True)
    database = cast("Database", client["test"])
    for name, models in INDEXES.items():
        whole = [model for model in models if "partialFilterExpression" not in model.document]
        await database[name].create_indexes(whole)
    return database


@pytest.fixture(params=["imitation", "mongodb"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each test runs on mongomock and on MongoDB."""
    if request.param == "imitation":
        return cast("Database", request.getfixturevalue("imitation"))
    mongo: Mongo = request.getfixturevalue("mongo")
    return mongo.database


@pytest.fixture
def acme(database: Database) -> TenantScope:
    """The repositories of tenant ``acme``."""
    return TenantScope(database, "acme")


@pytest.fixture
def scope_of(mongo: Mongo) -> ScopeOf:
    """The repositories of any tenant on the real MongoDB, in one process with one cache."""
    cache = BriefCache()
    return lambda tenant_id: TenantScope(mongo.database, tenant_id, cache)
