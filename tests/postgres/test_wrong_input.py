"""Ids, cursors and configurations that somebody has thought up."""

from typing import Any

import pytest

from src.core.errors import (
    AppError,
    CallerError,
    InvalidCursor,
    ProviderForbidden,
    ProviderNotFound,
    ProviderTimeout,
    ValidationFailed,
)
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery
from tests.postgres.cluster import OWNER, OWNER_PASSWORD, Cluster
from tests.postgres.conftest import Opener
from tests.secrecy import SECRETS


@pytest.mark.parametrize(
    "container_id",
    [
        "table:shop:public:absent",
        "table:shop:private:salaries",
        "table:shop:pg_catalog:pg_authid",
        "table:shop:pg_catalog:pg_class",
        "table:shop:information_schema:tables",
        "table:absent:public:customers",
        # customers"; DROP TABLE customers; --
        "table:shop:public:~Y3VzdG9tZXJzIjsgRFJPUCBUQUJMRSBjdXN0b21lcnM7IC0t",
    ],
)
async def test_what_is_not_for_the_role_is_not_there(reader: Any, container_id: str) -> None:
    with pytest.raises(ProviderNotFound):
        await reader.items(ItemQuery(container_id=container_id))


async def test_a_database_that_is_not_for_the_role_is_forbidden(reader: Any) -> None:
    with pytest.raises(ProviderForbidden):
        await reader.containers(ContainerQuery(parent_id="database:hidden"))


@pytest.mark.parametrize("parent_id", ["schema:shop:private", "schema:shop:pg_catalog"])
async def test_a_schema_that_is_not_for_the_role_is_not_there(reader: Any, parent_id: str) -> None:
    with pytest.raises(ProviderNotFound):
        await reader.containers(ContainerQuery(parent_id=parent_id))


@pytest.mark.parametrize(
    "item_id",
    [
        "row:shop:public:customers:999",
        "row:shop:public:customers:abc",
        "row:shop:public:customers:99999999999999999999",
        "row:shop:public:customers:1.2",
        # 1 OR true, and 1); DROP TABLE customers; --
        "row:shop:public:customers:~MSBPUiB0cnVl",
        "row:shop:public:customers:~MSk7IERST1AgVEFCTEUgY3VzdG9tZXJzOyAtLQ",
        "row:shop:public:moods:angry",
        "row:shop:public:absent:1",
    ],
)
async def test_an_id_of_no_row(reader: Any, cluster: Cluster, item_id: str) -> None:
    with pytest.raises(ProviderNotFound):
        await reader.item(OneItemQuery(item_id=item_id))
    assert cluster.sql("SELECT count(*) FROM customers", "shop") == "120"


@pytest.mark.parametrize(
    "item_id", ["", "1", "row:shop:public:customers", "table:shop:public:customers", "row:::: "]
)
async def test_an_id_of_something_else(reader: Any, item_id: str) -> None:
    with pytest.raises(ValidationFailed):
        await reader.item(OneItemQuery(item_id=item_id))


@pytest.mark.parametrize("token", ["", "x", "WzFd", "W1siMSIsIjIiXV0=", "W1siYWJjIl1d"])
async def test_a_token_of_another_list(reader: Any, token: str) -> None:
    with pytest.raises(AppError) as refused:
        await reader.items(ItemQuery(container_id="table:shop:public:customers", token=token))
    # The last one is well formed, and holds what no key of this table can be.
    assert isinstance(refused.value, InvalidCursor) or token == "W1siYWJjIl1d"


async def test_a_name_as_a_token_is_a_name(reader: Any) -> None:
    query = ContainerQuery(parent_id="schema:shop:public", token="' OR true --", limit=100)
    assert (await reader.containers(query)).items
    beyond = ContainerQuery(parent_id="schema:shop:public", token="zzz")
    assert (await reader.containers(beyond)).items == ()


async def test_nothing_is_written_whatever_the_database_does(reader: Any, cluster: Cluster) -> None:
    """A policy of the table calls a function that inserts."""
    with pytest.raises(ProviderForbidden) as refused:
        await reader.items(ItemQuery(container_id="table:shop:public:spied"))
    assert refused.value.details["reason"] == "25006"
    assert cluster.sql("SELECT count(*) FROM written", "shop") == "0"


async def test_a_question_that_takes_too_long_is_given_up(
    open_reader: Opener, cluster: Cluster
) -> None:
    hasty = open_reader(deadline=0.4)
    with pytest.raises(ProviderTimeout):
        await hasty.items(ItemQuery(container_id="table:shop:public:slow"))
    cluster.until(
        "SELECT count(*) = 0 FROM pg_stat_activity WHERE state = 'active' AND usename = 'reader'"
    )


async def test_a_superuser_is_refused(open_reader: Opener) -> None:
    SECRETS.note(OWNER_PASSWORD)
    owner = open_reader({"user": OWNER, "database": "postgres"}, password=OWNER_PASSWORD)
    with pytest.raises(ValidationFailed, match="superuser"):
        await owner.identify()


@pytest.mark.parametrize(
    "config",
    [
        {"host": "db.example.com:5432"},
        {"host": "reader@db.example.com"},
        {"host": "db.example.com/shop"},
        {"host": "/var/run/postgresql"},
        {"host": "a,b"},
        {"user": ""},
        {"database": "a\x00b"},
        {"certificates": "none"},
        {"certificates": "-----BEGIN PRIVATE KEY-----"},
        {"port": 0},
        {"sslmode": "disable"},
    ],
)
def test_a_configuration_that_leads_elsewhere(reader: Any, config: dict[str, Any]) -> None:
    model = reader.manifest.config_model
    usual = {"host": "db.example.com", "database": "shop", "user": "reader"}
    with pytest.raises(ValueError, match="validation error"):
        model.model_validate({**usual, **config})


async def test_only_tables_have_rows(reader: Any) -> None:
    for place in ("database:shop", "schema:shop:public", "nonsense"):
        with pytest.raises(CallerError):
            await reader.items(ItemQuery(container_id=place))
