"""One project by its key: schemas, tables and rows, with everything that rows can hold."""

from datetime import UTC, datetime

import msgspec
import pytest

from src.connectors.supabase.connector import SupabaseConnector
from src.connectors.supabase.ids import Schema, Table
from src.core.errors import (
    CredentialRefused,
    ProviderConflict,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRejected,
    UnsupportedCapability,
    UnsupportedFilter,
    ValidationFailed,
)
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery, Sort
from src.sandbox.supabase.callers import legacy_key, publishable_key, secret_key
from src.sandbox.supabase.seed.tables import ODD_SCHEMA, ODD_TABLE
from src.sandbox.supabase.seed.world import ASLEEP, HIVE, LAB, SHOP
from src.testing.walking import entries, follow_to_the_end
from tests.connectors.supabase.conftest import EVENTS, NOTES, Supabase, url_of

ODD_PLACE = "schema:@:~U2FsZXMgJiBTw7ZobmU"


async def test_a_project_is_known_by_its_ref(supabase: Supabase, shop: SupabaseConnector) -> None:
    account = (await shop.identify()).account
    assert (account.id, account.name) == (SHOP.ref, f"{SHOP.ref}.supabase.co")
    assert account.url == f"https://supabase.com/dashboard/project/{SHOP.ref}"
    (asked,) = supabase.network.requests
    assert asked.url.path == f"/_sites/{SHOP.ref}.supabase.co/auth/v1/settings"


async def test_a_new_key_is_in_one_header_only(supabase: Supabase, shop: SupabaseConnector) -> None:
    await shop.identify()
    (asked,) = supabase.network.requests
    assert asked.headers["apikey"] == secret_key(SHOP)
    assert "authorization" not in asked.headers
    assert "mozilla" not in asked.headers["user-agent"].lower()


async def test_a_legacy_key_is_in_both(supabase: Supabase) -> None:
    key = legacy_key(SHOP, "service_role")
    legacy = supabase.project(key, method="legacyKey")
    await legacy.identify()
    (asked,) = supabase.network.requests
    assert asked.headers["apikey"] == key
    assert asked.headers["authorization"] == f"Bearer {key}"
    # With `apikey` alone PostgREST would take it for nobody, who sees no settings.
    settings = await legacy.items(ItemQuery(container_id="table:@:public:settings:code"))
    assert len(settings.items) == 2


async def test_a_custom_domain_is_a_project_too(supabase: Supabase) -> None:
    connector = supabase.project(config={"projectUrl": "https://Data.acme.example/rest/v1/"})
    account = (await connector.identify()).account
    assert (account.id, account.url) == ("data.acme.example", None)
    assert (await connector.items(ItemQuery(container_id=NOTES, limit=1))).items


async def test_a_key_of_another_project_is_refused(supabase: Supabase) -> None:
    with pytest.raises(CredentialRefused) as caught:
        await supabase.project(secret_key(HIVE)).identify()
    assert caught.value.details["message"] == "Invalid API key"


async def test_a_paused_project_says_so(supabase: Supabase) -> None:
    with pytest.raises(ProviderConflict, match="paused") as caught:
        await supabase.project(secret_key(ASLEEP), ASLEEP).identify()
    assert caught.value.details["reason"] == "INACTIVE"


async def test_schemas_and_their_tables(shop: SupabaseConnector) -> None:
    top = await shop.containers(ContainerQuery())
    assert [(one.id, one.name, one.has_children) for one in top.items] == [
        ("schema:@:public", "public", True),
        ("schema:@:archive", "archive", True),
        (ODD_PLACE, ODD_SCHEMA, True),
    ]
    tables = await shop.containers(ContainerQuery(parent_id="schema:@:public"))
    ids = {one.name: one.id for one in tables.items}
    assert ids["notes"] == NOTES
    assert ids["order_lines"] == "table:@:public:order_lines:order_id.line_no"
    assert ids["settings"] == "table:@:public:settings:code"
    assert ids["totals"] == "table:@:public:totals:~"
    items = await shop.items(ItemQuery(container_id="schema:@:public"))
    assert {one.title: one.id for one in items.items} == ids
    assert {one.title for one in items.items if one.type == "view"} == {"totals"}
    named = await shop.containers(ContainerQuery(parent_id="schema:@:public", q="ORDER"))
    assert [one.name for one in named.items] == ["order_lines"]


async def test_a_table_with_its_columns_and_size(shop: SupabaseConnector) -> None:
    events = await shop.item(OneItemQuery(item_id=EVENTS, include_raw=True))
    assert events.fields["rowEstimate"] == 4_900
    assert [one["name"] for one in events.fields["columns"] if one["primaryKey"]] == ["id"]
    assert isinstance(events.raw, msgspec.Raw)
    notes = await shop.item(OneItemQuery(item_id=NOTES))
    assert notes.fields["rowEstimate"] == 60
    with pytest.raises(ProviderNotFound):
        await shop.item(OneItemQuery(item_id="table:@:public:none"))


async def test_five_thousand_rows_page_by_page(supabase: Supabase, shop: SupabaseConnector) -> None:
    """The planner believes in 4,900: an estimate ends nothing."""
    query = ItemQuery(container_id=EVENTS, limit=100)
    pages = await follow_to_the_end(shop.items, query)
    rows = entries(pages)
    assert [one.id for one in rows] == [f"row:public:events:id:{n}" for n in range(1, 5_001)]
    assert len(supabase.asked()) == 51
    first = supabase.network.requests[0]
    assert (first.headers["range-unit"], first.headers["range"]) == ("items", "0-99")
    assert first.headers["prefer"] == "count=estimated"
    assert first.headers["accept-profile"] == "public"
    assert dict(first.url.params) == {"select": "*", "order": '"id".asc'}
    # A later page must not be measured by an estimate: it would be refused as beyond the end.
    assert not any("prefer" in one.headers for one in supabase.network.requests[1:])


async def test_a_project_that_gives_fewer_rows_than_asked_for(supabase: Supabase) -> None:
    """Its own limit is 10, its estimate 0: a short page is not the last."""
    lab = supabase.project(secret_key(LAB), LAB)
    pages = await follow_to_the_end(lab.items, ItemQuery(container_id="table:@:public:samples"))
    assert [len(page.items) for page in pages] == [10, 10, 10, 5]


async def test_rows_that_go_away_meanwhile_end_the_list(
    supabase: Supabase, shop: SupabaseConnector
) -> None:
    page = await shop.items(ItemQuery(container_id=NOTES, limit=30))
    assert page.next_token is not None
    account = supabase.account()
    await account.account_database().execute(
        SHOP.ref, "delete from public.notes where id > $1", [10]
    )
    rest = await shop.items(ItemQuery(container_id=NOTES, limit=30, token=page.next_token))
    assert (rest.items, rest.next_token) == ((), None)


async def test_a_row_is_mapped(shop: SupabaseConnector) -> None:
    item = await shop.item(OneItemQuery(item_id="row:public:notes:id:3", include_raw=True))
    assert (item.type, item.title, item.container_id) == ("row", "Note 3 about orders", NOTES)
    assert item.created_at == "2026-03-01T00:03:00.000Z"
    assert item.updated_at == "2026-03-01T00:30:00.000Z"
    assert item.fields["done"] is False
    assert item.body is not None
    assert "body: Line one\nline two of note 3" in item.body
    assert isinstance(item.raw, msgspec.Raw)
    assert msgspec.json.decode(item.raw)["id"] == 3
    (listed,) = (await shop.items(ItemQuery(container_id=NOTES, limit=1))).items
    assert (listed.body, listed.raw) == (None, msgspec.UNSET)


async def test_nulls_unicode_and_long_texts(shop: SupabaseConnector) -> None:
    def note(number: int) -> OneItemQuery:
        return OneItemQuery(item_id=f"row:public:notes:id:{number}")

    empty = await shop.item(note(5))
    assert (empty.title, empty.updated_at) == ("notes 5", None)
    assert empty.fields["body"] is None
    odd = await shop.item(note(6))
    assert odd.title == "ünïcödé 💚 \u202eright to left"
    assert odd.fields["body"] == 'a,b.c:(d)"e"\\f*%_'
    long = await shop.item(note(7))
    assert len(long.fields["body"]) == 200_000
    settings = await shop.items(ItemQuery(container_id="table:@:public:settings:code"))
    assert settings.items[0].fields["value"] == [1, 2, 3]


async def test_keys_of_several_columns(shop: SupabaseConnector) -> None:
    table = "table:@:public:order_lines:order_id.line_no"
    pages = await follow_to_the_end(shop.items, ItemQuery(container_id=table, limit=10))
    rows = entries(pages)
    assert len(rows) == 24
    assert rows[5].id == "row:public:order_lines:order_id.line_no:2.3"
    one = await shop.item(OneItemQuery(item_id=rows[5].id))
    assert (one.fields["sku"], one.container_id) == ("SKU-23", table)


async def test_odd_names_and_odd_keys(shop: SupabaseConnector) -> None:
    (table,) = (await shop.containers(ContainerQuery(parent_id=ODD_PLACE))).items
    assert table.name == ODD_TABLE
    page = await shop.items(ItemQuery(container_id=table.id))
    # The row with a key of 900 characters has no id of ours.
    assert page.truncated
    assert [one.fields["ke y"] for one in page.items] == ["", "../..", "a:b/c"]
    for item in page.items:
        one = await shop.item(OneItemQuery(item_id=item.id))
        assert one.fields == item.fields
        assert one.container_id == table.id
    assert page.items[1].fields['quo"te'] == 9_007_199_254_740_993


async def test_rows_without_a_key_need_one_in_the_settings(supabase: Supabase) -> None:
    with pytest.raises(UnsupportedCapability, match="settings"):
        await supabase.project().items(ItemQuery(container_id="table:@:public:totals:~"))
    settings = {"tables": [{"table": "public.totals", "key": ["kind"], "titleColumn": "kind"}]}
    connector = supabase.project(settings=settings)
    tables = await connector.containers(ContainerQuery(parent_id="schema:@:public", q="totals"))
    assert tables.items[0].id == "table:@:public:totals:kind"
    page = await connector.items(ItemQuery(container_id=tables.items[0].id))
    assert [one.title for one in page.items] == ["ordered", "paid", "returned", "viewed"]


async def test_since_and_by_the_time_of_the_last_change(
    supabase: Supabase, shop: SupabaseConnector
) -> None:
    since = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    page = await shop.items(
        ItemQuery(container_id=NOTES, updated_since=since, sort=Sort.UPDATED_DESCENDING)
    )
    assert [one.id.rpartition(":")[2] for one in page.items] == ["60", "59", "58", "57"]
    first = supabase.network.requests[0]
    assert first.url.params["and"] == '("updated_at".gte."2026-03-01T09:30:00.000Z")'
    assert first.url.params["order"] == '"updated_at".desc,"id".asc'


async def test_another_column_says_when_a_row_was_changed(supabase: Supabase) -> None:
    table = "table:@:public:order_lines:order_id.line_no"
    query = ItemQuery(container_id=table, sort=Sort.UPDATED_ASCENDING, limit=1)
    with pytest.raises(UnsupportedFilter, match="updatedColumn"):
        await supabase.project().items(query)
    settings = {"tables": [{"table": "public.order_lines", "updatedColumn": "changed"}]}
    (first,) = (await supabase.project(settings=settings).items(query)).items
    assert first.updated_at == "2026-03-01T00:01:00.000Z"
    everywhere = supabase.project(settings={"updatedColumn": "changed"})
    assert (await everywhere.items(query)).items == (first,)


async def test_settings_of_an_earlier_version_are_the_usual_ones(supabase: Supabase) -> None:
    connector = supabase.project(settings={"gone": 1})
    query = ItemQuery(container_id=NOTES, sort=Sort.UPDATED_DESCENDING, limit=2)
    assert len((await connector.items(query)).items) == 2


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ORDERS", 19),
        ("💚", 1),
        ("a,b.c:(d)", 1),
        ('(d)"e"\\f', 1),
        ("*%_", 1),
        ("*", 1),
        ("%", 1),
        (".*", 0),
        ('"),or=("id".gt."0', 0),
        ('x","id".gt."0', 0),
        ("Note 1 ", 1),
        ("line two of note 60", 1),
    ],
)
async def test_a_search_is_for_a_text_and_nothing_else(
    shop: SupabaseConnector, q: str, found: int
) -> None:
    page = await shop.items(ItemQuery(container_id=NOTES, q=q, limit=100))
    assert len(page.items) == found


async def test_a_search_asks_once_for_the_columns_of_a_table(
    supabase: Supabase, shop: SupabaseConnector
) -> None:
    await shop.items(ItemQuery(container_id=NOTES, q="orders"))
    assert [path.rpartition("/rest/v1/")[2] for path in supabase.asked()] == ["", "notes"]
    supabase.network.requests.clear()
    settings = {"tables": [{"table": "public.notes", "searchColumns": ["title"]}]}
    named = supabase.project(settings=settings)
    assert len((await named.items(ItemQuery(container_id=NOTES, q="orders"))).items) == 19
    assert (await named.items(ItemQuery(container_id=NOTES, q="line two"))).items == ()
    assert len(supabase.asked()) == 2


async def test_a_schema_that_is_not_exposed_is_told(supabase: Supabase) -> None:
    connector = supabase.project(config={"schemas": "private"})
    for verb in (
        connector.containers(ContainerQuery()),
        connector.items(ItemQuery(container_id="table:@:private:customers")),
    ):
        with pytest.raises(ProviderRejected, match="Exposed schemas") as caught:
            await verb
        assert caught.value.details["reason"] == "PGRST106"


@pytest.mark.parametrize("key", [publishable_key(SHOP), legacy_key(SHOP, "anon")])
async def test_a_key_for_anybody_reads_the_tables_that_are_named(
    supabase: Supabase, key: str
) -> None:
    method = "legacyKey" if key.startswith("eyJ") else "projectKey"
    config = {"tables": "notes, archive.log_001, settings, payroll"}
    connector = supabase.project(key, method=method, config=config)
    top = await connector.containers(ContainerQuery())
    assert [one.name for one in top.items] == ["public", "archive"]
    tables = await connector.containers(ContainerQuery(parent_id="schema:@:public"))
    assert [one.name for one in tables.items] == ["notes", "settings", "payroll"]
    assert not any(path.endswith("/rest/v1/") for path in supabase.asked())
    assert len((await connector.items(ItemQuery(container_id=NOTES))).items) == 50
    # Row level security hides rows without a word, a missing grant is a refusal of this table.
    hidden = await connector.items(ItemQuery(container_id="table:@:public:settings:code"))
    assert (hidden.items, hidden.truncated) == ((), True)
    with pytest.raises(UnsupportedCapability, match="settings"):
        await connector.items(ItemQuery(container_id="table:@:public:settings"))
    with pytest.raises(ProviderForbidden, match="policy"):
        await connector.items(ItemQuery(container_id="table:@:public:payroll"))
    table = await connector.item(OneItemQuery(item_id=NOTES))
    assert (table.fields["rowEstimate"], table.fields["columns"]) == (60, [])
    with pytest.raises(UnsupportedFilter, match="settings"):
        await connector.items(ItemQuery(container_id=NOTES, q="orders"))


async def test_a_key_for_anybody_without_tables_says_that_more_is_there(supabase: Supabase) -> None:
    connector = supabase.project(publishable_key(SHOP))
    for parent in (None, "schema:@:public"):
        page = await connector.containers(ContainerQuery(parent_id=parent))
        assert page.truncated
    page_of_items = await connector.items(ItemQuery(container_id="schema:@:public"))
    assert (page_of_items.items, page_of_items.truncated) == ((), True)


@pytest.mark.parametrize(
    "query",
    [
        ItemQuery(container_id=NOTES, type="table"),
        ItemQuery(container_id=NOTES, state="open"),
        ItemQuery(container_id=NOTES, parent_id="x"),
        ItemQuery(container_id="schema:@:public", type="row"),
        ItemQuery(container_id="schema:@:public", sort=Sort.UPDATED_ASCENDING),
    ],
)
async def test_filters_that_there_are_not(shop: SupabaseConnector, query: ItemQuery) -> None:
    with pytest.raises(UnsupportedFilter):
        await shop.items(query)


@pytest.mark.parametrize(
    "text",
    ["org:acme", f"project:{SHOP.ref}", f"table:{SHOP.ref}:public:notes", "schema:@:../../auth"],
)
async def test_ids_of_other_things_are_refused(
    supabase: Supabase, shop: SupabaseConnector, text: str
) -> None:
    with pytest.raises(ValidationFailed):
        await shop.items(ItemQuery(container_id=text))
    with pytest.raises(ValidationFailed):
        await shop.containers(ContainerQuery(parent_id=text))
    with pytest.raises(ValidationFailed):
        await shop.item(OneItemQuery(item_id=text))
    assert supabase.asked() == []


@pytest.mark.parametrize(
    "name", ["..", ".", "../auth/v1/admin", "rpc/greet", "x?select=*", "a\r\nb"]
)
async def test_a_name_never_becomes_another_address(
    supabase: Supabase, shop: SupabaseConnector, name: str
) -> None:
    table = str(Table(None, "public", name))
    with pytest.raises((ValidationFailed, ProviderNotFound)):
        await shop.items(ItemQuery(container_id=table))
    for asked in supabase.network.requests:
        below = asked.url.raw_path.partition(b"/rest/v1/")[2].partition(b"?")[0]
        assert b"/" not in below
        assert below not in {b"", b"..", b"."}


@pytest.mark.parametrize(
    "schema", ["public ", " public", "pub\nlic", "a\r\nPrefer: x", "\u200b\u0085"]
)
async def test_a_schema_never_becomes_another_header(
    supabase: Supabase, shop: SupabaseConnector, schema: str
) -> None:
    with pytest.raises(ValidationFailed):
        await shop.items(ItemQuery(container_id=str(Table(None, schema, "notes"))))
    with pytest.raises(ValidationFailed):
        await shop.items(ItemQuery(container_id=str(Schema(None, schema))))
    assert supabase.asked() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://x.supabase.co",
        "https://user@x.supabase.co",
        "https://x.supabase.co/other",
        "https://x.supabase.co?x=1",
        "https://",
        "x.supabase.co",
    ],
)
def test_addresses_that_are_none(supabase: Supabase, url: str) -> None:
    model = supabase.manager.registry.find("supabase").manifest.config_model
    with pytest.raises(ValueError, match="projectUrl"):
        model.model_validate({"projectUrl": url})


def test_addresses_as_people_copy_them(supabase: Supabase) -> None:
    model = supabase.manager.registry.find("supabase").manifest.config_model
    for url in (f"{url_of(SHOP)}/", f"{url_of(SHOP)}/rest/v1", f" {url_of(SHOP).upper()}"):
        text = url.replace("HTTPS", "https")
        assert model.model_validate({"projectUrl": text}).model_dump()["projectUrl"] == url_of(SHOP)
