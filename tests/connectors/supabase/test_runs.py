"""Runs of rows, and the calls of database webhooks, where Supabase is a provider like no other."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from src.connectors.manifest import UpdatedSince
from src.connectors.supabase.connector import SupabaseConnector
from src.connectors.syncing import SyncPage, SyncQuery
from src.connectors.webhooks import Change, Delivery
from src.core.errors import UnreadableAnswer, UnsupportedCapability, ValidationFailed
from src.models.unified import Item
from src.sandbox.supabase.callers import publishable_key, secret_key
from src.sandbox.supabase.records import Project
from src.sandbox.supabase.seed.tables import ODD_SCHEMA
from src.sandbox.supabase.seed.world import LAB, SHOP
from tests.connectors.supabase.conftest import EVENTS, NOTES, Supabase

NOW = datetime.now(UTC)
LINES = "table:@:public:order_lines:order_id.line_no"
BY_CHANGED = {"tables": [{"table": "public.order_lines", "updated_column": "changed"}]}


async def run(connector: SupabaseConnector, **query: Any) -> list[SyncPage]:
    wanted = SyncQuery(stream="rows", started_at=NOW, **query)
    return [page async for page in connector.sync(wanted)]


def rows(pages: list[SyncPage]) -> dict[str, Item]:
    return {one.id: one for page in pages for one in page.records if isinstance(one, Item)}


def since(days: float) -> UpdatedSince:
    return UpdatedSince(updated_since=NOW - timedelta(days=days))


async def put(supabase: Supabase, project: Project, table: str, **row: Any) -> None:
    body = {"project": project.ref, "schema": "public", "table": table, "row": row}
    (await supabase.client.put("/_sandbox/rows", json=body)).raise_for_status()


async def test_every_table_of_the_exposed_schemas_is_read(supabase: Supabase) -> None:
    shop = supabase.project(config={"schemas": f"public,{ODD_SCHEMA}"})
    pages = await run(shop)
    found = rows(pages)
    assert sum(one.container_id == EVENTS for one in found.values()) == 5_000
    assert sum(one.container_id == LINES for one in found.values()) == 24
    # A view has no key until somebody names one: told, and nothing of it is taken for gone.
    assert {one.id for page in pages for one in page.unread} == {"table:@:public:totals:~"}
    # A key of nine hundred characters makes no id.
    odd = [page for page in pages if ODD_SCHEMA in str(page.records) or page.truncated]
    assert any(page.truncated for page in odd)
    assert await shop.fetch("rows", "row:public:notes:id:7") == found["row:public:notes:id:7"]


async def test_five_thousand_rows_take_a_request_for_each_thousand(supabase: Supabase) -> None:
    found = rows(await run(supabase.project(), container_ids=(EVENTS,)))
    assert len(found) == 5_000
    assert len(supabase.network.requests) == 6
    assert {one.url.params.get("offset") for one in supabase.network.requests} == {None}


async def test_a_key_of_several_columns_is_walked(supabase: Supabase) -> None:
    lab_like = supabase.project()
    whole = rows(await run(lab_like, container_ids=(LINES,)))
    parts: dict[str, Item] = {}
    for page in await run(lab_like, container_ids=(LINES,)):
        parts |= rows([page])
    assert len(whole) == len(parts) == 24


async def test_changes_are_asked_for_by_the_column_that_is_named(supabase: Supabase) -> None:
    shop = supabase.project(settings=BY_CHANGED)
    await put(supabase, SHOP, "order_lines", order_id=3, line_no=2, changed=NOW.isoformat())
    supabase.network.requests.clear()
    found = rows(await run(shop, container_ids=(LINES,), checkpoint=since(1)))
    assert list(found) == ["row:public:order_lines:order_id.line_no:3.2"]
    assert len(supabase.network.requests) == 1


async def test_rows_that_do_not_say_when_they_changed_are_read_each_time(
    supabase: Supabase,
) -> None:
    found = rows(await run(supabase.project(), container_ids=(NOTES,), checkpoint=since(1)))
    assert list(found) == ["row:public:notes:id:5"]


async def test_a_table_without_such_a_column_is_read_as_a_whole(supabase: Supabase) -> None:
    lab = supabase.project(secret_key(LAB), LAB)
    samples = "table:@:public:samples"
    assert len(rows(await run(lab, container_ids=(samples,), checkpoint=since(1)))) == 35
    # So is one whose column holds no times.
    odd = supabase.project(settings={"updated_column": "done"})
    assert len(rows(await run(odd, container_ids=(NOTES,), checkpoint=since(1)))) == 60


async def test_rows_changed_while_they_are_read_by_time_come_again(supabase: Supabase) -> None:
    lab = supabase.project(secret_key(LAB), LAB)
    changed = "table:@:public:orders_of_lab"
    for number in range(1, 26):
        await put(supabase, LAB, "orders_of_lab", id=number, name=f"2026-01-{number:02}T00:00:00Z")
    settings = {"tables": [{"table": "public.orders_of_lab", "updated_column": "name"}]}
    lab = supabase.project(secret_key(LAB), LAB, settings=settings)
    seen: list[str] = []
    query = SyncQuery(
        stream="rows",
        started_at=NOW,
        container_ids=(changed,),
        checkpoint=UpdatedSince(updated_since=datetime(2026, 1, 1, tzinfo=UTC)),
    )
    async for page in lab.sync(query):
        seen += [one.id for one in page.records]
        if len(seen) == 10:
            await put(supabase, LAB, "orders_of_lab", id=2, name="2026-02-01T00:00:00Z")
    assert set(seen) == {f"row:public:orders_of_lab:id:{number}" for number in range(1, 26)}


async def test_what_a_key_cannot_see_is_not_taken_for_gone(supabase: Supabase) -> None:
    keyed = {"tables": [{"table": "public.settings", "key": ["code"]}]}
    config = {"tables": "notes, settings"}
    pages = await run(supabase.project(publishable_key(SHOP), config=config, settings=keyed))
    assert len(rows(pages)) == 60
    hidden = [page for page in pages if page.container_id == "table:@:public:settings:code"]
    assert [page.truncated for page in hidden] == [True]
    blind = await run(supabase.project(publishable_key(SHOP)))
    assert blind[0].truncated
    assert rows(blind) == {}


async def test_an_account_reads_no_rows(account: SupabaseConnector) -> None:
    with pytest.raises(UnsupportedCapability):
        await run(account)
    with pytest.raises(UnsupportedCapability):
        await account.fetch("rows", "row:public:notes:id:7")


@pytest.mark.parametrize("container", ["schema:@:public", f"table:{SHOP.ref}:public:notes", "x"])
async def test_only_a_table_of_the_project_is_a_container(
    shop: SupabaseConnector, container: str
) -> None:
    with pytest.raises(ValidationFailed):
        await run(shop, container_ids=(container,))


def called(kind: str, table: str, record: Any, old: Any = None) -> Change:
    """The change that a call of a database webhook is read as, for its table's webhook."""
    body = {"type": kind, "table": table, "schema": "public", "record": record, "old_record": old}
    reading = SupabaseConnector.read(Delivery(body=json.dumps(body).encode()))
    ((change,),) = (notice.changes for notice in reading.notices)
    return change


def at(container: str, change: Change) -> Change:
    return Change(
        event=change.event, stream=change.stream, ticket=change.ticket, container_id=container
    )


async def test_a_call_leads_to_the_row_as_it_is(shop: SupabaseConnector) -> None:
    change = called("UPDATE", "notes", {"id": 7, "title": "Forged", "body": "x" * 9_000})
    assert (change.event, change.stream, change.record_id) == ("UPDATE", "rows", None)
    assert "x" * 600 not in (change.ticket.get_secret_value() if change.ticket else "")
    page = await shop.follow(at(NOTES, change))
    assert page.records == [await shop.fetch("rows", "row:public:notes:id:7")]
    assert "Forged" not in str(page.records)
    assert page.container_id == NOTES


async def test_a_key_that_was_changed_leaves_nothing_behind(shop: SupabaseConnector) -> None:
    lines = {"order_id": 3, "line_no": 2}, {"order_id": 3, "line_no": 77}
    page = await shop.follow(at(LINES, called("UPDATE", "order_lines", *lines)))
    assert [one.id for one in page.records] == ["row:public:order_lines:order_id.line_no:3.2"]
    assert page.deleted == ["row:public:order_lines:order_id.line_no:3.77"]


async def test_a_row_that_was_deleted_is_gone(shop: SupabaseConnector) -> None:
    page = await shop.follow(at(NOTES, called("DELETE", "notes", None, {"id": 4_711})))
    assert (page.records, page.deleted) == ([], ["row:public:notes:id:4711"])


@pytest.mark.parametrize(
    "change",
    [
        called("INSERT", "events", {"id": 7}),
        called("INSERT", "notes", {"name": "no key"}),
        called("INSERT", "notes", {"id": {"nested": 1}}),
    ],
    ids=["another table", "without key", "odd key"],
)
async def test_what_names_no_row_of_the_table_is_nothing(
    shop: SupabaseConnector, supabase: Supabase, change: Change
) -> None:
    page = await shop.follow(at(NOTES, change))
    assert (page.records, page.deleted) == ([], [])
    assert supabase.network.requests == []


def test_other_events_are_nothing_and_nonsense_is_unreadable() -> None:
    assert SupabaseConnector.read(Delivery(body=b'{"type":"TRUNCATE"}')).notices == ()
    for body in (b"", b"[]", b'{"type":"INSERT","table":1}'):
        with pytest.raises(UnreadableAnswer):
            SupabaseConnector.read(Delivery(body=body))
