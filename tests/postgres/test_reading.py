"""What a real PostgreSQL shows: names, pages, types, large values, searches."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from src.core.errors import UnsupportedCapability, UnsupportedFilter, ValidationFailed
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery, ResourceQuery, Sort
from src.testing.walking import entries, follow_to_the_end
from tests.postgres.conftest import Opener

PUBLIC = "schema:shop:public"


def table(name: str) -> str:
    return f"table:shop:public:{name}"


async def rows(reader: Any, name: str, limit: int = 100, **query: Any) -> list[Any]:
    asked = ItemQuery(container_id=table(name), limit=limit, **query)
    return entries(await follow_to_the_end(reader.items, asked))


async def test_only_what_the_role_may_see_is_listed(reader: Any) -> None:
    databases = await reader.containers(ContainerQuery())
    assert [one.name for one in databases.items] == ["shop"]
    schemas = await reader.containers(ContainerQuery(parent_id="database:shop"))
    assert [one.id for one in schemas.items] == [PUBLIC]
    listed = {
        one.name: one.type
        for one in entries(
            await follow_to_the_end(reader.containers, ContainerQuery(parent_id=PUBLIC, limit=3))
        )
    }
    assert listed["customers"] == "table"
    assert listed["names"] == "view"
    assert 'Weird "table"; --' in listed
    # A partition is part of its table.
    assert {"parted", "parted_low"} & set(listed) == {"parted"}


async def test_columns_that_are_not_granted_are_not_shown(reader: Any) -> None:
    (first, *_) = await rows(reader, "customers")
    assert set(first.fields["columns"]) == {"id", "name", "email", "updated_at"}
    assert first.title == "Meadow 1"
    assert first.updated_at == "2024-01-01T01:00:00.000Z"


async def test_pages_go_on_behind_the_key(reader: Any) -> None:
    whole = await rows(reader, "customers", limit=7)
    assert [one.fields["columns"]["id"] for one in whole] == list(range(1, 121))


async def test_a_key_of_two_columns_with_any_text_leads_back_to_its_row(reader: Any) -> None:
    found = await rows(reader, "odd", limit=1)
    assert [one.fields["columns"]["b"] for one in found] == [1, 2, 10, 5, 3, 4]
    for one in found:
        again = await reader.item(OneItemQuery(item_id=one.id))
        assert again.fields == one.fields


async def test_the_order_of_an_enum_is_its_own(reader: Any) -> None:
    found = await rows(reader, "moods", limit=1)
    assert [one.fields["columns"]["mood"] for one in found] == ["low", "high"]


async def test_a_unique_key_without_null_will_do(reader: Any) -> None:
    assert [one.id for one in await rows(reader, "halves")] == [
        "row:shop:public:halves:x",
        "row:shop:public:halves:y",
    ]


@pytest.mark.parametrize("name", ["log", "names"])
async def test_a_table_without_a_key_is_refused(reader: Any, name: str) -> None:
    with pytest.raises(UnsupportedCapability, match="tells the rows of this table apart"):
        await rows(reader, name)


async def test_names_of_any_form_are_quoted(reader: Any) -> None:
    listed = await reader.containers(ContainerQuery(parent_id=PUBLIC, q='"table"; --'))
    (weird,) = listed.items
    (row,) = (await reader.items(ItemQuery(container_id=weird.id))).items
    assert row.fields["columns"] == {'the "id"': 1, "select": "found"}
    assert (await reader.item(OneItemQuery(item_id=row.id))).body == 'the "id": 1\nselect: found'


async def test_types_become_values(reader: Any) -> None:
    found = {one.fields["columns"]["id"]: one for one in await rows(reader, "kinds")}
    values = found[9007199254740993].fields["columns"]
    assert values == {
        "id": 9007199254740993,
        "n": "12345678901234567890.0000000001",
        "f": 1.5,
        "b": True,
        "t": "2026-01-02T01:04:05.123456Z",
        "l": "2026-01-02T03:04:05",
        "d": "2026-01-02",
        "j": {"a": [1, None]},
        "o": {"a": 1},
        "raw": base64.b64encode(b"\x00\xff\x10").decode(),
        "list": [1, 2, None],
        "words": ["a b", "c"],
        "m": "high",
        "p": {"x": 1, "y": 2},
        "u": "6a2f41a3-c54c-fce8-32d2-0324e1c32e22",
        "i": "P1DT2H3M",
        "ip": "10.0.0.1/32",
        "r": "[1,5)",
        "c": "ab",
        "pos": 7,
        "nothing": None,
        "many": [1.5],
    }
    assert found[-1].fields["columns"]["n"] == "NaN"
    assert found[-1].fields["columns"]["t"] == "infinity"
    assert found[0].fields["columns"]["f"] == "-Infinity"
    assert found[0].fields["columns"]["t"] == "0044-03-15 00:00:00+00 BC"


async def test_large_values_are_cut_and_told(reader: Any) -> None:
    first = (await rows(reader, "big"))[0]
    assert len(first.fields["columns"]["text"]) == 16384
    assert len(base64.b64decode(first.fields["columns"]["raw"])) == 12288
    assert first.fields["cut"] == ["text", "raw"]
    single = await reader.item(OneItemQuery(item_id=first.id))
    assert len(single.fields["columns"]["text"]) == 1024 * 1024
    assert base64.b64decode(single.fields["columns"]["raw"]) == b"\xab" * 100_000
    assert single.fields["cut"] == ["text"]


async def test_a_page_of_heavy_rows_ends_early_and_goes_on(reader: Any) -> None:
    page = await reader.items(ItemQuery(container_id=table("heavy"), limit=200))
    assert 100 < len(page.items) < 140
    assert page.next_token is not None
    assert len(await rows(reader, "heavy")) == 300


@pytest.mark.parametrize(
    ("q", "numbers"),
    [
        ("100%", [1]),
        ("%", [1]),
        ("a_b", [2]),
        ("_", [2]),
        ("a'b", [10]),
        ("\\", [3]),
        ('"QUOTED"', [4]),
        ("ünï", [4]),
        ("' OR true --", []),
        ("') OR ('1'='1", []),
        ("DROP TABLE", [5]),
    ],
)
async def test_a_search_is_letters_and_nothing_else(
    reader: Any, q: str, numbers: list[int]
) -> None:
    found = await rows(reader, "odd", q=q)
    assert [one.fields["columns"]["b"] for one in found] == numbers


async def test_what_changed_since(reader: Any) -> None:
    since = datetime(2024, 1, 5, 22, tzinfo=UTC)
    found = await rows(reader, "customers", limit=2, updated_since=since)
    assert [one.fields["columns"]["id"] for one in found] == [118, 119, 120]


async def test_filters_that_cannot_be_honoured_are_refused(
    reader: Any, open_reader: Opener
) -> None:
    since = datetime(2024, 1, 5, tzinfo=UTC)
    with pytest.raises(UnsupportedFilter, match="no column updated_at of times"):
        await rows(reader, "odd", updated_since=since)
    with pytest.raises(UnsupportedFilter, match="no column note of times"):
        await rows(open_reader(updated_column="note"), "odd", updated_since=since)
    with pytest.raises(UnsupportedFilter, match="no column of texts"):
        await rows(reader, "shared", q="x")
    with pytest.raises(UnsupportedFilter):
        await rows(reader, "odd", sort=Sort.UPDATED_ASCENDING)
    with pytest.raises(ValidationFailed):
        await rows(reader, "odd", q="\x00")


async def test_row_level_security_hides_rows(reader: Any) -> None:
    assert [one.id for one in await rows(reader, "shared")] == ["row:shop:public:shared:1"]


async def test_a_row_as_the_server_wrote_it(reader: Any) -> None:
    page = await reader.items(ItemQuery(container_id=table("moods"), limit=1, include_raw=True))
    assert bytes(page.items[0].raw) == b'{"mood":"low","about":"first by its type"}'


async def test_pickers_lead_from_databases_to_tables(reader: Any) -> None:
    kinds = {kind.name: kind for kind in reader.manifest.resource_types}

    async def picked(kind: str, parent_id: str | None) -> list[Any]:
        query = ResourceQuery(type=kind, parent_id=parent_id, filters=kinds[kind].filters())
        return entries(await follow_to_the_end(reader.resources, query))

    (database,) = await picked("postgresql_database", None)
    (schema,) = await picked("postgresql_table", database.id)
    assert not schema.selectable
    assert table("customers") in [one.id for one in await picked("postgresql_table", schema.id)]
