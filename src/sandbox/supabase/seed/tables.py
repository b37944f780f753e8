"""The tables of the web shop: ordinary ones, odd names, odd values, and one of 5,000 rows."""

from datetime import UTC, datetime, timedelta

from src.sandbox.supabase.records import Column, Row, Table

_START = datetime(2026, 3, 1, tzinfo=UTC)
_KINDS = ("viewed", "ordered", "paid", "returned")
ODD_TABLE = 'Order "Lines" / 50%, é.ü'
ODD_SCHEMA = "Sales & Söhne"


def _at(minutes: int) -> str:
    return (_START + timedelta(minutes=minutes)).isoformat()


def _id() -> Column:
    return Column("id", "bigint", nullable=False, key=True, default="nextval('id'::regclass)")


def _events() -> Table:
    rows = tuple(
        Row(
            id=number,
            kind=_KINDS[number % len(_KINDS)],
            amount=None if number % 7 == 0 else number * 1.5,
            updated_at=_at(number),
        )
        for number in range(1, 5_001)
    )
    columns = (
        _id(),
        Column("kind", "text"),
        Column("amount", "numeric"),
        Column("updated_at", "timestamp with time zone"),
    )
    return Table("public", "events", columns, rows, estimate=4_900, description="What happened")


def _notes() -> Table:
    rows = [
        Row(
            id=number,
            title=f"Note {number} about {'orders' if number % 3 == 0 else 'stock'}",
            body=f"Line one\nline two of note {number}",
            done=number % 2 == 0,
            created_at=_at(number),
            updated_at=_at(number * 10),
        )
        for number in range(1, 61)
    ]
    rows[4] |= {"title": None, "body": None, "updated_at": None}
    rows[5] |= {"title": "ünïcödé 💚 \u202eright to left", "body": 'a,b.c:(d)"e"\\f*%_'}
    rows[6] |= {"body": "x" * 200_000}
    columns = (
        _id(),
        Column("title", "text", description="Shown in lists"),
        Column("body", "text"),
        Column("done", "boolean", nullable=False, default="false"),
        Column("created_at", "timestamp with time zone"),
        Column("updated_at", "timestamp with time zone"),
    )
    return Table("public", "notes", columns, tuple(rows), estimate=60)


def _order_lines() -> Table:
    rows = tuple(
        Row(order_id=order, line_no=line, sku=f"SKU-{order}{line}", changed=_at(order * line))
        for order in range(1, 9)
        for line in range(1, 4)
    )
    columns = (
        Column("order_id", "bigint", nullable=False, key=True),
        Column("line_no", "integer", nullable=False, key=True),
        Column("sku", "text"),
        Column("changed", "timestamp with time zone"),
    )
    return Table("public", "order_lines", columns, rows, estimate=24)


def _odd() -> Table:
    rows = (
        {"ke y": "a:b/c", "select": "first", 'quo"te': 1, "updated_at": _at(1)},
        {"ke y": "", "select": "the key is empty", 'quo"te': 2, "updated_at": None},
        {"ke y": "../..", "select": "or(id.gt.0)", 'quo"te': 9_007_199_254_740_993},
        {"ke y": "k" * 900, "select": "a key too long for any id", 'quo"te': 4},
    )
    columns = (
        Column("ke y", "text", nullable=False, key=True),
        Column("select", "text"),
        Column('quo"te', "bigint"),
        Column("updated_at", "timestamp with time zone"),
    )
    whole = tuple({one.name: row.get(one.name) for one in columns} for row in rows)
    return Table(ODD_SCHEMA, ODD_TABLE, columns, whole, estimate=4, description="Büro")


def _settings() -> Table:
    columns = (
        Column("code", "text", nullable=False, key=True),
        Column("value", "jsonb"),
    )
    rows = (
        Row(code="theme", value={"dark": True, "tags": ["a", None]}),
        Row(code="limits", value=[1, 2, 3]),
    )
    return Table("public", "settings", columns, rows, estimate=2, anon="hidden")


def _payroll() -> Table:
    columns = (_id(), Column("salary", "numeric"))
    return Table("public", "payroll", columns, (Row(id=1, salary=1.0),), anon="denied")


def _totals() -> Table:
    columns = (Column("kind", "text"), Column("total", "numeric"))
    rows = tuple(Row(kind=kind, total=index * 10.5) for index, kind in enumerate(_KINDS))
    return Table("public", "totals", columns, rows, kind="v", row_security=False)


def _archive() -> list[Table]:
    columns = (_id(), Column("name", "text"))
    return [
        Table("archive", f"{'orders' if month % 4 == 0 else 'log'}_{month:03}", columns)
        for month in range(1, 46)
    ]


def _feedback() -> Table:
    columns = (_id(), Column("text", "text"))
    return Table("public", "feedback", columns, anon="rows", anon_adds=True)


SHOP_TABLES = (
    _events(),
    _notes(),
    _order_lines(),
    _settings(),
    _payroll(),
    _totals(),
    _feedback(),
    _odd(),
    *_archive(),
    Table("private", "customers", (_id(), Column("email", "text")), (Row(id=1, email="a@b.c"),)),
)
LAB_TABLES = (
    Table(
        "public",
        "samples",
        (_id(), Column("name", "text")),
        tuple(Row(id=number, name=f"sample {number}") for number in range(1, 36)),
        estimate=0,
    ),
    Table("public", "orders_of_lab", (_id(), Column("name", "text"))),
)
