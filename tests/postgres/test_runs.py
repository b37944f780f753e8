"""The stream over a real server: full, incremental, broken off, and what cannot be read."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from src.connectors.syncing import SyncPage, SyncQuery
from src.core.errors import ProviderUnavailable, UnsupportedCapability
from tests.postgres.cluster import Cluster
from tests.postgres.conftest import Opener

STOCK = "table:shop:public:stock"


@pytest.fixture
def stock(cluster: Cluster) -> Cluster:
    cluster.sql(
        "TRUNCATE stock; INSERT INTO stock"
        " SELECT n, 'Thing ' || n, now() - interval '1 day' FROM generate_series(1, 1200) n",
        "shop",
    )
    return cluster


def query(*container_ids: str, **more: Any) -> SyncQuery:
    return SyncQuery(
        stream="rows",
        started_at=datetime.now(UTC),
        container_ids=container_ids or None,
        **more,
    )


async def read(connector: Any, asked: SyncQuery) -> list[SyncPage]:
    return [page async for page in connector.sync(asked)]


def ids(pages: list[SyncPage]) -> list[str]:
    return [record.id.rpartition(":")[2] for page in pages for record in page.records]


async def test_a_full_run_and_what_changed_after_it(open_reader: Opener, stock: Cluster) -> None:
    reader = open_reader(updated_column="changed")
    full = await read(reader, query(STOCK))
    assert ids(full) == [str(n) for n in range(1, 1201)]
    checkpoint = full[0].checkpoint
    stock.sql(
        "UPDATE stock SET changed = now() WHERE id = 7; INSERT INTO stock VALUES (0, 'x', now());"
        " UPDATE stock SET changed = NULL WHERE id = 9; DELETE FROM stock WHERE id = 8",
        "shop",
    )
    later = await read(reader, query(STOCK, checkpoint=checkpoint))
    assert ids(later) == ["0", "7", "9"]
    assert await reader.fetch("rows", "row:shop:public:stock:8") is None
    found = await reader.fetch("rows", "row:shop:public:stock:7")
    assert found in [record for page in later for record in page.records]
    assert "8" not in ids(await read(reader, query(STOCK)))


async def test_a_table_without_a_time_is_read_whole(reader: Any) -> None:
    full = await read(reader, query("table:shop:public:odd"))
    again = await read(reader, query("table:shop:public:odd", checkpoint=full[0].checkpoint))
    assert len(ids(again)) == len(ids(full)) == 6


async def test_what_cannot_be_read_is_told_and_the_others_are_read(reader: Any) -> None:
    asked = ("table:shop:public:log", "table:shop:public:absent", "table:shop:public:moods")
    pages = await read(reader, query(*asked))
    unread = {one.id: type(one.error) for page in pages for one in page.unread}
    assert set(unread) == set(asked[:2])
    assert unread[asked[0]] is UnsupportedCapability
    assert ids(pages) == ["low", "high"]


async def test_all_tables_are_found(reader: Any) -> None:
    async for page in reader.sync(query()):
        if page.plan is not None:
            assert STOCK in page.plan
            assert "table:shop:public:names" not in page.plan
            return
    pytest.fail("the run names no plan")


async def test_a_run_goes_on_where_a_killed_server_broke_it_off(
    open_reader: Opener, stock: Cluster
) -> None:
    asked = query(STOCK)
    before: list[SyncPage] = []

    async def begin() -> None:
        async for page in open_reader().sync(asked):
            before.append(page)
            if page.records:
                await asyncio.to_thread(stock.kill)

    with pytest.raises(ProviderUnavailable):
        await begin()
    await asyncio.to_thread(stock.start)
    rest = query(STOCK, plan=before[1].plan, position=before[-1].position)
    had = ids(before)
    assert 0 < len(had) < 1200
    after = ids(await read(open_reader(), rest))
    assert {*had, *after} == {str(n) for n in range(1, 1201)}
