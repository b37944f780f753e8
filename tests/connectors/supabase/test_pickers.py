"""What forms pick from: the trees of an account and of a project."""

from typing import Any

import pytest

from src.connectors.supabase.connector import SupabaseConnector
from src.core.errors import UnsupportedCapability, ValidationFailed
from src.models.query import ResourceQuery
from src.models.unified import Page, Resource
from src.sandbox.supabase.seed.tables import ODD_SCHEMA
from src.sandbox.supabase.seed.world import ACME, LAB, SHOP, UMBRELLA
from tests.connectors.supabase.conftest import NOTES, Supabase


async def pick(connector: SupabaseConnector, kind: str, **more: Any) -> Page[Resource]:
    found = connector.manifest.resource_type(kind)
    assert found is not None
    filters = found.filters.model_validate(more.pop("filters", {}))
    return await connector.resources(ResourceQuery(type=kind, filters=filters, **more))


def names(page: Page[Resource]) -> list[str]:
    return [one.name for one in page.items]


async def test_organisations(account: SupabaseConnector) -> None:
    page = await pick(account, "supabase_organization", q="acme")
    assert [(one.id, one.name, one.selectable) for one in page.items] == [
        (f"org:{ACME.slug}", "Acme", True)
    ]
    with pytest.raises(ValidationFailed):
        await pick(account, "supabase_organization", parent_id=f"org:{ACME.slug}")


async def test_a_database_is_picked_below_its_organisation(account: SupabaseConnector) -> None:
    top = await pick(account, "supabase_database")
    assert [(one.name, one.selectable, one.has_children) for one in top.items][:1] == [
        ("Acme", False, True)
    ]
    below = await pick(account, "supabase_database", parent_id=top.items[0].id)
    assert [(one.name, one.selectable) for one in below.items] == [
        ("Lab", True),
        ("Last year (INACTIVE)", False),
        ("Web shop", True),
    ]
    assert {one.parent_id for one in below.items} == {top.items[0].id}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"q": "hive"}, ["Hive orders"]),
        ({"filters": {"active": False}}, ["Last year (INACTIVE)"]),
        ({"parent_id": f"org:{ACME.slug}", "q": "l"}, ["Lab", "Last year (INACTIVE)"]),
        ({"parent_id": f"org:{ACME.slug}", "filters": {"active": True}}, ["Lab", "Web shop"]),
    ],
)
async def test_databases_are_found(
    account: SupabaseConnector, where: dict, found: list[str]
) -> None:
    assert names(await pick(account, "supabase_database", **where)) == found


async def test_a_page_of_databases_is_one_request(
    supabase: Supabase, account: SupabaseConnector
) -> None:
    parent = f"org:{UMBRELLA.slug}"
    first = await pick(account, "supabase_database", parent_id=parent, limit=5)
    rest = await pick(
        account, "supabase_database", parent_id=parent, limit=5, token=first.next_token
    )
    assert (len(first.items), len(rest.items), rest.next_token) == (5, 4, None)
    assert len(supabase.asked()) == 2


async def test_a_table_is_picked_below_its_schema(account: SupabaseConnector) -> None:
    schemas = await pick(account, "supabase_table", parent_id=f"project:{SHOP.ref}")
    assert names(schemas) == [ODD_SCHEMA, "archive", "private", "public"]
    assert {(one.selectable, one.has_children) for one in schemas.items} == {(False, True)}
    tables = await pick(account, "supabase_table", parent_id=schemas.items[-1].id)
    assert "notes" in names(tables)
    assert tables.items[0].id == f"table:{SHOP.ref}:public:events"
    assert tables.items[0].parent_id == schemas.items[-1].id
    assert {one.selectable for one in tables.items} == {True}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"q": "log_00"}, [f"archive.log_00{n}" for n in (1, 2, 3, 5, 6, 7, 9)]),
        ({"filters": {"kind": "view"}}, ["public.totals"]),
        ({"filters": {"schemaName": "public", "kind": "view"}}, ["totals"]),
        ({"filters": {"schemaName": "private"}}, ["customers"]),
    ],
)
async def test_tables_are_found(account: SupabaseConnector, where: dict, found: list[str]) -> None:
    page = await pick(account, "supabase_table", parent_id=f"project:{SHOP.ref}", **where)
    assert names(page) == found


async def test_the_way_from_the_top(supabase: Supabase, account: SupabaseConnector) -> None:
    way = await account.resource_parents("supabase_table", f"schema:{SHOP.ref}:public")
    assert [one.name for one in way] == ["Acme", "Web shop", "public"]
    assert len(supabase.asked()) == 3
    shorter = await account.resource_parents("supabase_database", f"org:{ACME.slug}")
    assert [one.id for one in shorter] == [f"org:{ACME.slug}"]
    for wrong in ("schema:@:public", f"table:{LAB.ref}:public:samples", "x"):
        with pytest.raises(ValidationFailed):
            await account.resource_parents("supabase_table", wrong)


async def test_the_one_project_of_a_key(shop: SupabaseConnector) -> None:
    (own,) = (await pick(shop, "supabase_database")).items
    assert (own.id, own.name, own.selectable) == ("project:@", f"{SHOP.ref}.supabase.co", True)
    schemas = await pick(shop, "supabase_table", parent_id=own.id)
    assert names(schemas) == ["public", "archive", ODD_SCHEMA]
    tables = await pick(shop, "supabase_table", parent_id=schemas.items[0].id, q="note")
    assert [(one.id, one.parent_id) for one in tables.items] == [(NOTES, "schema:@:public")]
    filters = {"schemaName": "public", "kind": "view"}
    assert names(await pick(shop, "supabase_table", parent_id=own.id, filters=filters)) == [
        "totals"
    ]
    way = await shop.resource_parents("supabase_table", "schema:@:archive")
    assert [one.name for one in way] == [own.name, "archive"]
    with pytest.raises(UnsupportedCapability):
        await pick(shop, "supabase_organization")
    with pytest.raises(ValidationFailed):
        await pick(shop, "supabase_table", parent_id=f"project:{SHOP.ref}")
