"""The tools: rows read and added, SQL run, and everything that callers must not be able to do."""

from typing import Any

import pytest
from pydantic import ValidationError

from src.connectors.supabase.connector import SupabaseConnector
from src.core.errors import (
    ProviderConflict,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRejected,
    UnsupportedCapability,
    ValidationFailed,
)
from src.sandbox.supabase.callers import publishable_key
from src.sandbox.supabase.seed.tables import ODD_SCHEMA, ODD_TABLE
from src.sandbox.supabase.seed.world import LAB, SHOP
from tests.connectors.supabase.conftest import NOTES, Run, Supabase

DATABASE = f"project:{SHOP.ref}"
ACCOUNT_NOTES = f"table:{SHOP.ref}:public:notes"
QUERY = f"POST /v1/projects/{SHOP.ref}/database/query"


@pytest.fixture(params=["account", "project"])
def way(request: pytest.FixtureRequest, supabase: Supabase) -> tuple[SupabaseConnector, str]:
    """A connector, and what begins the ids of its tables."""
    if request.param == "account":
        return supabase.account(), f"table:{SHOP.ref}"
    return supabase.project(config={"schemas": "public,Sales & Söhne"}), "table:@"


Way = tuple[SupabaseConnector, str]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ([], [1, 2, 3]),
        ([{"column": "id", "operator": "gt", "value": 57}], [58, 59, 60]),
        ([{"column": "id", "operator": "in", "value": [3, 9, 4]}], [3, 4, 9]),
        ([{"column": "title", "operator": "is_null", "value": True}], [5]),
        (
            [
                {"column": "title", "operator": "is_null", "value": False},
                {"column": "id", "operator": "lte", "value": 6},
                {"column": "id", "operator": "neq", "value": 1},
            ],
            [2, 3, 4],
        ),
        ([{"column": "title", "operator": "ilike", "value": "NOTE 1_ *stock"}], [10, 11, 13]),
        ([{"column": "title", "operator": "like", "value": "NOTE%"}], []),
        ([{"column": "title", "value": "Note 2 about stock"}], [2]),
        (
            [{"column": "done", "value": True}, {"column": "id", "operator": "lt", "value": 5}],
            [2, 4],
        ),
        ([{"column": "updated_at", "operator": "gte", "value": "2026-03-01T09:50:00Z"}], [59, 60]),
        ([{"column": "updated_at", "value": "2026-03-01T10:50:00+01:00"}], [59]),
        ([{"column": "body", "value": 'a,b.c:(d)"e"\\f*%_'}], [6]),
    ],
)
async def test_both_ways_select_the_same(way: Way, run: Run, where: Any, found: list[int]) -> None:
    connector, place = way
    page = await run(
        connector,
        "supabase_select",
        table=f"{place}:public:notes",
        columns=["id"],
        where=where,
        order=[{"column": "id"}],
        limit=3,
    )
    assert [row["id"] for row in page.items] == found
    assert all(set(row) == {"id"} for row in page.items)


async def test_pages_of_rows(way: Way, run: Run) -> None:
    connector, place = way
    seen: list[int] = []
    cursor = None
    for _ in range(3):
        page = await run(
            connector,
            "supabase_select",
            table=f"{place}:public:notes",
            order=[{"column": "id", "descending": True}],
            limit=25,
            **({"cursor": cursor} if cursor else {}),
        )
        seen += [row["id"] for row in page.items]
        cursor = page.next_token
    assert seen == list(range(60, 0, -1))
    assert cursor is None


async def test_names_of_any_form_are_names(way: Way, run: Run) -> None:
    connector, place = way
    schema, table = "~U2FsZXMgJiBTw7ZobmU", "~T3JkZXIgIkxpbmVzIiAvIDUwJSwgw6kuw7w"
    page = await run(
        connector,
        "supabase_select",
        table=f"{place}:{schema}:{table}" + (":~a2UgeQ" if place == "table:@" else ""),
        columns=["select", 'quo"te'],
        where=[{"column": "ke y", "value": "a:b/c"}, {"column": "select", "value": "first"}],
        order=[{"column": 'quo"te', "descending": True}],
    )
    assert page.items == ({"select": "first", 'quo"te': 1},)
    assert (ODD_SCHEMA, ODD_TABLE) == ("Sales & Söhne", 'Order "Lines" / 50%, é.ü')


HOSTILE = [
    'id" from private.customers; --',
    'id"; drop table "public"."notes"; --',
    "id.gt.0),or(id",
    'id".gt."0","id',
    "*",
    "id,body",
    "and",
    "select",
    "notes(*)",
    "id::text",
    "count()",
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_column_is_never_anything_else(way: Way, run: Run, name: str) -> None:
    connector, place = way
    table = f"{place}:public:notes"
    condition = {"column": name, "operator": "neq", "value": "zzz"}
    for arguments in ({"columns": [name]}, {"where": [condition]}, {"order": [{"column": name}]}):
        with pytest.raises(ProviderRejected) as caught:
            await run(connector, "supabase_select", table=table, **arguments)
        assert caught.value.details["reason"] == "42703"


@pytest.mark.parametrize("value", [*HOSTILE, "$1", "x' or '1'='1", "a\\", '\\"', "\\),id.gt.(0"])
async def test_a_value_is_never_anything_else(way: Way, run: Run, value: str) -> None:
    connector, place = way
    table = f"{place}:public:notes"
    for operator, given in (("eq", value), ("in", [value, value])):
        condition = {"column": "title", "operator": operator, "value": given}
        page = await run(connector, "supabase_select", table=table, where=[condition])
        assert page.items == ()
    kept = await run(connector, "supabase_insert", table=table, rows=[{"title": value}])
    assert kept["rows"][0]["title"] == value
    condition = {"column": "title", "value": value}
    page = await run(connector, "supabase_select", table=table, where=[condition])
    assert [row["title"] for row in page.items] == [value]


@pytest.mark.parametrize(
    "arguments",
    [
        {"where": [{"column": "id", "operator": "eq.1,or", "value": 1}]},
        {"where": [{"column": "id", "operator": "in", "value": 1}]},
        {"where": [{"column": "id", "operator": "in", "value": []}]},
        {"where": [{"column": "id", "operator": "is_null", "value": "x"}]},
        {"where": [{"column": "id", "operator": "like", "value": 1}]},
        {"where": [{"column": "id", "value": [1]}]},
        {"where": [{"column": "", "value": 1}]},
        {"where": [{"column": "a\0b", "value": 1}]},
        {"columns": []},
        {"limit": 101},
        {"raw": "id=gt.0"},
    ],
)
async def test_arguments_that_are_none(supabase: Supabase, run: Run, arguments: Any) -> None:
    with pytest.raises(ValidationError):
        await run(supabase.account(), "supabase_select", table=ACCOUNT_NOTES, **arguments)
    assert supabase.asked() == []


async def test_rows_are_added_all_or_none(way: Way, run: Run) -> None:
    connector, place = way
    table = f"{place}:public:notes"
    added = await run(
        connector,
        "supabase_insert",
        table=table,
        rows=[{"title": "ä", "done": True}, {"title": None, "done": False}],
    )
    assert [(row["id"], row["title"], row["done"]) for row in added["rows"]] == [
        (61, "ä", True),
        (62, None, False),
    ]
    with pytest.raises(ProviderConflict) as caught:
        await run(connector, "supabase_insert", table=table, rows=[{"id": 70}, {"id": 3}])
    assert caught.value.details["reason"] == "23505"
    where = [{"column": "id", "operator": "gt", "value": 60}]
    page = await run(connector, "supabase_select", table=table, where=where)
    assert len(page.items) == 2


async def test_rows_name_the_same_columns(supabase: Supabase, run: Run) -> None:
    for rows in ([{"id": 1}, {"title": "x"}], [{}]):
        with pytest.raises(ValidationFailed):
            await run(supabase.account(), "supabase_insert", table=ACCOUNT_NOTES, rows=rows)
    assert supabase.asked() == []


async def test_a_role_without_rights_adds_nothing(supabase: Supabase, run: Run) -> None:
    connector = supabase.project(publishable_key(SHOP))
    with pytest.raises(ProviderForbidden) as caught:
        await run(connector, "supabase_insert", table=NOTES, rows=[{"title": "x"}])
    assert caught.value.details["reason"] == "42501"


async def test_a_query_is_run_read_only(supabase: Supabase, run: Run) -> None:
    account = supabase.account()
    told = await run(
        account,
        "supabase_run_query",
        database=DATABASE,
        query="select count(*) as all_of_them from public.notes where done = $1",
        parameters=[True],
    )
    assert told == {"rows": [{"all_of_them": 30}]}
    for query in (
        "delete from public.notes where id = 1",
        "insert into public.notes (title) values ('x')",
        "update public.notes set title = 'x'",
    ):
        with pytest.raises(ProviderRejected, match="read-only") as caught:
            await run(account, "supabase_run_query", database=DATABASE, query=query)
        assert caught.value.details["reason"] == "25006"
    assert set(supabase.asked()) == {f"{QUERY}/read-only"}


async def test_any_sql_goes_to_the_other_address(supabase: Supabase, run: Run) -> None:
    account = supabase.account()
    changed = await run(
        account,
        "supabase_execute_sql",
        database=DATABASE,
        query="update public.notes set title = $1 where id in (1, 2) returning *",
        parameters=["changed"],
    )
    assert [row["title"] for row in changed["rows"]] == ["changed", "changed"]
    assert supabase.asked() == [QUERY]


@pytest.mark.parametrize(
    ("query", "kind", "reason"),
    [
        ("selec 1", ProviderRejected, "42601"),
        ("select 1; select 2", ProviderRejected, "42601"),
        ("select * from notes", ProviderNotFound, "42P01"),
        ("select * from public.none", ProviderNotFound, "42P01"),
        ("select nope from public.notes", ProviderRejected, "42703"),
        ("select * from public.notes where id = 'x'", ProviderRejected, "22P02"),
    ],
)
async def test_what_postgresql_refuses(
    supabase: Supabase, run: Run, query: str, kind: type[Exception], reason: str
) -> None:
    with pytest.raises(kind) as caught:
        await run(supabase.account(), "supabase_run_query", database=DATABASE, query=query)
    assert getattr(caught.value, "details")["reason"] == reason  # noqa: B009
    # The database answered: nobody has to ask whether the project is up.
    assert len(supabase.asked()) == 1


@pytest.mark.parametrize("tool", ["supabase_run_query", "supabase_execute_sql"])
async def test_a_project_key_runs_no_sql(supabase: Supabase, run: Run, tool: str) -> None:
    with pytest.raises(UnsupportedCapability):
        await run(supabase.project(), tool, database="project:@", query="select 1")
    assert supabase.asked() == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"table": "public.notes"},
        {"table": NOTES},
        {"table": f"schema:{SHOP.ref}:public"},
        {"table": ACCOUNT_NOTES, "database": f"project:{LAB.ref}"},
        {"table": ACCOUNT_NOTES, "database": "notes"},
    ],
)
async def test_a_table_of_another_place(supabase: Supabase, run: Run, arguments: Any) -> None:
    with pytest.raises(ValidationFailed):
        await run(supabase.account(), "supabase_select", **arguments)
    assert supabase.asked() == []


def test_pickers_lead_from_the_project_to_the_table(supabase: Supabase) -> None:
    manifest = supabase.account().manifest
    for name in ("supabase_select", "supabase_insert"):
        tool = manifest.tool(name)
        assert tool is not None
        properties = tool.input_schema()["properties"]
        assert properties["table"]["x-resource-picker"]["depends_on"] == "database"
        kind = properties["database"]["x-resource-picker"]["resource_type"]
        assert kind == "supabase_database"
    readers = [tool.name for tool in manifest.tools if tool.read_only]
    assert readers == ["supabase_select", "supabase_run_query"]
