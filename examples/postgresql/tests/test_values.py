"""Names, ids, values and statements: what needs no server, and no imitation either."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from src.connectors.registry import module_of
from src.core.errors import InvalidCursor, UnreadableAnswer

_PACKAGE = module_of(Path(__file__).parents[1]).removesuffix(".connector")
ids, mapping, quoting, reading, schemas, statements, values = (
    importlib.import_module(f"{_PACKAGE}.{name}")
    for name in ("ids", "mapping", "quoting", "reading", "schemas", "statements", "values")
)
config = importlib.import_module(f"{_PACKAGE}.config")


def column(base: str = "text", category: str = "S", **more: Any) -> Any:
    return schemas.Column(
        **{"name": "c", "type": base, "cast": base, "base": base, "category": category, **more}
    )


ORDERS = schemas.Relation(
    'Pub"lic',
    "or;ders",
    "r",
    (
        column("int8", "N", name="id", key=1),
        column("text", "S", name='na"me'),
        column("timestamptz", "D", name="at"),
        column("bytea", "U", name="raw"),
        column("_int4", "A", name="list"),
    ),
)


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("plain", '"plain"'),
        ("Ünï cöde", '"Ünï cöde"'),
        ('a"b', '"a""b"'),
        ('"; DROP TABLE x; --', '"""; DROP TABLE x; --"'),
        ("it's", '"it\'s"'),
        ("back\\slash", '"back\\slash"'),
    ],
)
def test_a_name_cannot_leave_its_quotes(name: str, quoted: str) -> None:
    assert quoting.identifier(name) == quoted


@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 64, "ü" * 32])
def test_what_is_no_name_is_not_quoted(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        quoting.identifier(name)


def test_a_search_has_no_wildcards_but_ours() -> None:
    assert quoting.containing("100%_\\x") == "%100\\%\\_\\\\x%"


@pytest.mark.parametrize(
    "row",
    [
        ids.Row(ids.Table("shop", "public", "orders"), ("1",)),
        ids.Row(ids.Table("shop", 'we"ird', "a:b.c"), ("", "x.y", "~", "ü/\n", "-1")),
    ],
)
def test_an_id_leads_back_to_its_row(row: Any) -> None:
    assert ids.Row.parse(str(row)) == row
    table, schema = row.table, row.table.place
    assert ids.Table.parse(str(table)) == table
    assert ids.Schema.parse(str(schema)) == schema
    assert ids.Database.parse(str(schema.place)) == schema.place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "row",
        "row:shop:public:orders",
        "row:shop:public:orders:1:2",
        "row:shop:public:orders:",
        "row:shop:public:orders:a b",
        "row:shop:public:orders:~!!",
        # A plain text that is encoded all the same would be a second id of one row.
        "row:shop:public:orders:~MQ",
        "row:shop:public:~:1",
        "table:shop:public",
        "table:shop:public:a\x00b",
        "table:shop:public:~AGE",
        "database:",
        "schema:shop:public:x",
    ],
)
def test_other_texts_are_no_ids(text: str) -> None:
    kinds = (ids.Row, ids.Table, ids.Schema, ids.Database)
    assert [kind.parse(text) for kind in kinds] == [None] * 4


def test_an_id_that_would_be_too_long_is_none() -> None:
    assert not ids.Row(ids.Table("shop", "public", "orders"), ("x" * 500,)).fits


@pytest.mark.parametrize(
    ("text", "base", "category", "value"),
    [
        ("7", "int4", "N", 7),
        ("9223372036854775807", "int8", "N", 9223372036854775807),
        ("1.50", "numeric", "N", "1.50"),
        ("1e+300", "float8", "N", 1e300),
        ("NaN", "float8", "N", "NaN"),
        ("true", "bool", "B", True),
        ("false", "bool", "B", False),
        ("2026-01-02 03:04:05+00", "timestamptz", "D", "2026-01-02T03:04:05Z"),
        ("2026-01-02 03:04:05.5", "timestamp", "D", "2026-01-02T03:04:05.5"),
        ("infinity", "timestamptz", "D", "infinity"),
        ("0044-03-15 00:00:00+00 BC", "timestamptz", "D", "0044-03-15 00:00:00+00 BC"),
        ('{"a": [1, null]}', "jsonb", "U", {"a": [1, None]}),
        ("[1, 2]", "_int4", "A", [1, 2]),
        ("[" * 10000, "jsonb", "U", "[" * 10000),
        ("QUJD\nREVG", "bytea", "U", "QUJDREVG"),
        ("", "text", "S", ""),
        (None, "text", "S", None),
    ],
)
def test_texts_become_values(text: str | None, base: str, category: str, value: object) -> None:
    assert values.value_of(text, column(base, category), 16384) == (value, False)


def test_what_is_cut_is_told() -> None:
    assert values.value_of("x" * 11, column(), 10) == ("x" * 10, True)
    assert values.value_of("x" * 10, column(), 10) == ("x" * 10, False)
    # Half of a JSON is a text.
    assert values.value_of('{"a": 1}', column("jsonb", "U"), 4) == ('{"a"', True)
    assert values.value_of("QUJD…", column("bytea", "U"), 4) == ("QUJD", True)


def test_a_row_that_no_server_sends_is_unreadable() -> None:
    table, settings = ids.Table("shop", "public", "orders"), config.Settings()
    relation = schemas.Relation("public", "orders", "r", (column("int4", "N", key=1),))
    for texts in (("many",), ("1", "2")):
        cells = schemas.Cells(("1",), texts)
        with pytest.raises(UnreadableAnswer):
            mapping.row_to_item(cells, table, relation, settings, 100, body=False)


def test_a_statement_has_quoted_names_and_parameters() -> None:
    statement, parameters = statements.rows(
        ORDERS,
        schemas.Selection(
            limit=2,
            cell=100,
            behind=("7",),
            q="50%' OR true --",
            searched=('na"me',),
            since="2026-01-01T00:00:00.000Z",
            updated="at",
        ),
    )
    assert statement == (
        'SELECT t."id"::text, left(t."id"::text, 101), left(t."na""me"::text, 101),'
        ' left(t."at"::text, 101), encode(substr(t."raw", 1, 75), \'base64\')'
        " || CASE WHEN octet_length(t.\"raw\") > 75 THEN '…' ELSE '' END,"
        ' left(to_jsonb(t."list")::text, 101)'
        ' FROM "Pub""lic"."or;ders" AS t'
        ' WHERE true AND ROW(t."id") > ROW($1::text::int8)'
        ' AND (t."na""me"::text ILIKE $2::text ESCAPE \'\\\')'
        ' AND (t."at" >= $3::text::timestamptz OR t."at" IS NULL)'
        ' ORDER BY t."id" LIMIT 3'
    )
    assert parameters == ["7", "%50\\%' OR true --%", "2026-01-01T00:00:00.000Z"]


def test_a_table_of_many_columns_is_read_in_smaller_pieces() -> None:
    wide = schemas.Relation("public", "wide", "r", tuple(column() for _ in range(1000)))
    assert mapping.cell_of(ORDERS) == 16384
    assert mapping.cell_of(wide) == 1048
    assert mapping.cell_of(wide, single=True) == 3145


def test_a_token_is_plain_and_leads_back() -> None:
    key = ("https://a.example/?x=1", "ü")
    token = reading.Behind(key).token()
    assert "/" not in token
    assert reading.Behind.read(token) == key
    assert reading.Behind.read(None) is None


@pytest.mark.parametrize("token", ["", "x", "ü", "e30=", "WzFd", "W1tdXQ"])
def test_another_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidCursor):
        reading.Behind.read(token)
