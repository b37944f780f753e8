"""Ids: names of any form go in and come out, and nothing else is taken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.connectors.supabase.ids import Project, Row, Schema, Table, parse_organization
from src.models.ids import PROVIDER_ID_PATTERN

REF = "storestorestorestore"
NAMES = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1
).filter(lambda name: len(name.encode()) <= 63)
VALUES = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)


@given(NAMES, NAMES, st.sampled_from([REF, None]), st.lists(NAMES, max_size=3))
def test_every_name_comes_back(schema: str, name: str, ref: str | None, key: list[str]) -> None:
    place = Schema(ref, schema)
    assert Schema.parse(str(place)) == place
    table = Table(ref, schema, name, tuple(key))
    assert Table.parse(str(table)) == table
    for text in (str(place), str(table)):
        assert len(text) > 512 or re.fullmatch(PROVIDER_ID_PATTERN, text)


@given(NAMES, NAMES, st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=3))
def test_every_key_comes_back(schema: str, name: str, pairs: list[tuple[str, str]]) -> None:
    columns, values = zip(*pairs, strict=True)
    row = Row(Table(None, schema, name, columns), values)
    assert Row.parse(str(row)) == row
    assert not row.fits or re.fullmatch(PROVIDER_ID_PATTERN, str(row))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (str(Table(REF, "public", "notes")), f"table:{REF}:public:notes"),
        (str(Table(None, "public", "notes")), "table:@:public:notes"),
        (str(Table(None, "a", "b", ("x", "y"))), "table:@:a:b:x.y"),
        (str(Table(None, "a", "b", ())), "table:@:a:b:~"),
        (str(Schema(None, "Sales & Söhne")), "schema:@:~U2FsZXMgJiBTw7ZobmU"),
        (str(Row(Table(None, "a", "b"), ("",))), "row:a:b:id:~"),
        (str(Row(Table(None, "a", "b"), ("x.y:z",))), "row:a:b:id:~eC55Ono"),
    ],
)
def test_ids_are_short_where_names_are_plain(text: str, meant: str) -> None:
    assert text == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "table",
        "table:@:public",
        "table:@:public:notes:id:more",
        "table:UPPER:public:notes",
        "table:../x:public:notes",
        "table:@:pub.lic:notes",
        "table:@:public:no tes",
        'table:@:public:notes"',
        "table:@::notes",
        "table:@:~:notes",
        "table:@:public:~bm90ZXM",  # `notes` is written as it is
        "table:@:public:~!!!",
        "table:@:public:~AA",  # a null character
        "table:@:public:notes:",
        "table:@:public:notes:id",  # the usual key is left out
        "table:@:public:" + "x" * 64,
    ],
)
def test_nothing_else_is_the_id_of_a_table(text: str) -> None:
    assert Table.parse(text) is None
    assert Row.parse(text) is None


@pytest.mark.parametrize(
    "text", ["row:a:b:id", "row:a:b::1", "row:a:b:id:1.2", "row:a:b:~:1", "row:a:b:id:a b"]
)
def test_nothing_else_is_the_id_of_a_row(text: str) -> None:
    assert Row.parse(text) is None


def test_other_ids_are_not_mixed_up() -> None:
    assert Project.parse(f"project:{REF}") == Project(REF)
    assert Project.parse("project:@") == Project(None)
    assert Project.parse(f"org:{REF}") is None
    assert Project.parse("project:../../v1") is None
    assert parse_organization("org:acme") == "acme"
    assert parse_organization("org:a/b") is None
    assert parse_organization(f"project:{REF}") is None
    assert Schema.parse(f"table:{REF}:public") is None
