"""An account: whose it is, its organisations, projects, schemas, and what the catalogue says."""

import time

import httpx
import msgspec
import pytest

from src.connectors.supabase.connector import SupabaseConnector
from src.connectors.supabase.secrets import without_secrets
from src.core.errors import (
    CredentialRefused,
    InsufficientScope,
    ProviderConflict,
    ProviderForbidden,
    ProviderNotFound,
    ProviderUnavailable,
    RateLimited,
    UnsupportedFilter,
    ValidationFailed,
)
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery
from src.sandbox.supabase.callers import BEN_TOKEN, SCOPED_TOKEN, secret_key
from src.sandbox.supabase.seed.tables import ODD_SCHEMA, ODD_TABLE
from src.sandbox.supabase.seed.world import ACME, ASLEEP, BEN, HIVE, LAB, MIA, SHOP, UMBRELLA
from src.testing.walking import follow_to_the_end
from tests.connectors.supabase.conftest import Supabase
from tests.fakes.clock import Sleeps

READ_ONLY = f"POST /v1/projects/{SHOP.ref}/database/query/read-only"
ARCHIVE = f"schema:{SHOP.ref}:archive"


def answering(*bodies: object) -> httpx.MockTransport:
    """A provider that gives these answers, one after the other."""
    left = list(bodies)
    return httpx.MockTransport(lambda _: httpx.Response(200, json=left.pop(0)))


async def test_an_access_token_is_its_users(supabase: Supabase, account: SupabaseConnector) -> None:
    identity = await account.identify()
    assert (identity.account.id, identity.account.name) == (MIA.id, MIA.email)
    assert identity.granted_scopes is None
    assert supabase.asked() == ["GET /v1/profile"]
    ben = await supabase.account(BEN_TOKEN).identify()
    assert ben.account.id == BEN.id


async def test_a_token_that_may_not_read_the_profile_is_its_organisations(
    supabase: Supabase,
) -> None:
    identity = await supabase.account(SCOPED_TOKEN).identify()
    assert (identity.account.id, identity.account.name) == (ACME.slug, "Acme")
    assert supabase.asked() == ["GET /v1/profile", "GET /v1/organizations"]


async def test_an_unknown_token_is_refused_at_once(supabase: Supabase) -> None:
    with pytest.raises(CredentialRefused):
        await supabase.account("sbp_" + "0" * 40).identify()
    assert supabase.asked() == ["GET /v1/profile"]


@pytest.mark.parametrize(
    ("method", "key", "meant"),
    [
        ("pat", secret_key(SHOP), "projectKey"),
        ("pat", "sb_publishable_x", "projectKey"),
        ("pat", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "legacyKey"),
        ("projectKey", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "legacyKey"),
        ("projectKey", BEN_TOKEN, "pat"),
        ("legacyKey", secret_key(SHOP), "projectKey"),
    ],
)
async def test_a_key_of_another_kind_is_sent_nowhere(
    supabase: Supabase, method: str, key: str, meant: str
) -> None:
    connector = supabase.open(method, key, config={"projectUrl": "https://x.supabase.co"})
    with pytest.raises(ValidationFailed, match=meant) as caught:
        await connector.identify()
    assert key not in str(caught.value.details)
    assert supabase.asked() == []


async def test_from_organisations_down_to_schemas(account: SupabaseConnector) -> None:
    top = await account.containers(ContainerQuery())
    assert [(one.id, one.type, one.name) for one in top.items] == [
        (f"org:{ACME.slug}", "organization", "Acme"),
        (f"org:{UMBRELLA.slug}", "organization", "Umbrella & Söhne"),
        ("org:emptyemptyemptyempty", "organization", "Empty"),
    ]
    projects = await account.containers(ContainerQuery(parent_id=f"org:{ACME.slug}"))
    assert [(one.name, one.has_children, one.description) for one in projects.items] == [
        ("Lab", True, "ACTIVE_HEALTHY in eu-central-1"),
        ("Last year", False, "INACTIVE in eu-central-1"),
        ("Web shop", True, "ACTIVE_HEALTHY in eu-central-1"),
    ]
    shop = projects.items[-1]
    assert (shop.id, shop.parent_id) == (f"project:{SHOP.ref}", f"org:{ACME.slug}")
    assert shop.created_at == "2026-01-05T09:00:00.000Z"
    schemas = await account.containers(ContainerQuery(parent_id=shop.id))
    assert [one.name for one in schemas.items] == [ODD_SCHEMA, "archive", "private", "public"]
    assert {one.parent_id for one in schemas.items} == {shop.id}
    for one in schemas.items:
        assert (await account.containers(ContainerQuery(parent_id=one.id))).items == ()


async def test_an_organisation_without_projects_is_empty(account: SupabaseConnector) -> None:
    page = await account.containers(ContainerQuery(parent_id="org:emptyemptyemptyempty"))
    assert (page.items, page.next_token) == ((), None)


async def test_each_page_is_one_request(supabase: Supabase, account: SupabaseConnector) -> None:
    query = ContainerQuery(parent_id=f"org:{UMBRELLA.slug}", limit=4)
    pages = await follow_to_the_end(account.containers, query)
    assert [len(page.items) for page in pages] == [4, 4, 1]
    assert len(supabase.asked()) == 3
    supabase.network.requests.clear()
    tables = await follow_to_the_end(account.items, ItemQuery(container_id=ARCHIVE, limit=20))
    assert [len(page.items) for page in tables] == [20, 20, 5]
    assert supabase.asked() == [READ_ONLY] * 3


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ({"q": "ACM"}, ["Acme"]),
        ({"type": "organization", "q": "söhne"}, ["Umbrella & Söhne"]),
        ({"type": "project", "q": "LA"}, ["Lab", "Last year"]),
        ({"type": "schema"}, []),
        ({"parent_id": f"org:{ACME.slug}", "q": "shop"}, ["Web shop"]),
        ({"parent_id": f"org:{ACME.slug}", "type": "schema"}, []),
        ({"parent_id": f"project:{SHOP.ref}", "q": "IV"}, ["archive", "private"]),
        ({"parent_id": f"project:{SHOP.ref}", "q": "%"}, []),
        ({"parent_id": f"project:{SHOP.ref}", "type": "organization"}, []),
    ],
)
async def test_searches(account: SupabaseConnector, where: dict, names: list[str]) -> None:
    page = await account.containers(ContainerQuery(**where))
    assert [one.name for one in page.items] == names


async def test_the_tables_of_a_schema_with_their_columns(account: SupabaseConnector) -> None:
    query = ItemQuery(container_id=f"schema:{SHOP.ref}:public", include_body=True)
    found = {one.title: one for one in (await account.items(query)).items}
    events = found["events"]
    assert (events.id, events.type) == (f"table:{SHOP.ref}:public:events", "table")
    assert events.fields["rowEstimate"] == 4_900
    assert events.fields["description"] == "What happened"
    assert events.fields["columns"][0] == {
        "name": "id",
        "type": "bigint",
        "nullable": False,
        "primaryKey": True,
        "default": "nextval('id'::regclass)",
        "description": None,
    }
    assert events.body is not None
    assert events.body.startswith("id bigint not null primary key\nkind text")
    assert found["totals"].type == "view"
    assert found["payroll"].fields["rowEstimate"] is None
    assert (await account.items(ItemQuery(container_id=ARCHIVE))).items[0].body is None


async def test_the_tables_of_a_kind_or_by_name(account: SupabaseConnector) -> None:
    public = f"schema:{SHOP.ref}:public"
    views = await account.items(ItemQuery(container_id=public, type="view"))
    assert [one.title for one in views.items] == ["totals"]
    found = await account.items(ItemQuery(container_id=public, q="NOT"))
    assert [one.title for one in found.items] == ["notes"]


async def test_odd_names_are_found_by_their_ids(account: SupabaseConnector) -> None:
    schemas = await account.containers(ContainerQuery(parent_id=f"project:{SHOP.ref}"))
    (table,) = (await account.items(ItemQuery(container_id=schemas.items[0].id))).items
    assert table.title == ODD_TABLE
    one = await account.item(OneItemQuery(item_id=table.id))
    assert [column["name"] for column in one.fields["columns"]][1:3] == ["select", 'quo"te']


async def test_organisations_and_projects_hold_no_items(
    supabase: Supabase, account: SupabaseConnector
) -> None:
    for container in (f"org:{ACME.slug}", f"project:{SHOP.ref}"):
        assert (await account.items(ItemQuery(container_id=container))).items == ()
    assert supabase.asked() == []


@pytest.mark.parametrize("container", [f"project:{ASLEEP.ref}"])
async def test_a_paused_project_says_so(
    supabase: Supabase, account: SupabaseConnector, container: str
) -> None:
    with pytest.raises(ProviderConflict, match="INACTIVE") as caught:
        await account.containers(ContainerQuery(parent_id=container))
    assert caught.value.details["reason"] == "INACTIVE"
    assert supabase.asked() == [
        f"POST /v1/projects/{ASLEEP.ref}/database/query/read-only",
        f"GET /v1/projects/{ASLEEP.ref}",
    ]


async def test_a_query_that_only_reads_is_tried_again(
    supabase: Supabase, account: SupabaseConnector, sleeps: Sleeps
) -> None:
    await supabase.fault({"kind": "server_error", "times": 1, "path": "/v1/projects/.*/read-only"})
    assert (await account.items(ItemQuery(container_id=ARCHIVE, limit=1))).items
    assert supabase.asked() == [READ_ONLY] * 2


async def test_an_outage_of_a_project_that_is_up_stays_one(
    supabase: Supabase, account: SupabaseConnector
) -> None:
    await supabase.fault({"kind": "server_error", "path": "/v1/projects/.*/read-only"})
    with pytest.raises(ProviderUnavailable):
        await account.items(ItemQuery(container_id=ARCHIVE))


@pytest.mark.parametrize("error", [403, 404])
async def test_what_is_not_there_or_another_accounts(supabase: Supabase, error: int) -> None:
    ben = supabase.account(BEN_TOKEN)
    if error == 403:
        with pytest.raises(ProviderForbidden):
            await ben.items(ItemQuery(container_id=ARCHIVE))
    else:
        with pytest.raises(ProviderNotFound):
            await supabase.account().item(OneItemQuery(item_id=f"table:{SHOP.ref}:public:none"))


async def test_a_scope_that_the_token_lacks_is_named(supabase: Supabase) -> None:
    scoped = supabase.account(SCOPED_TOKEN)
    with pytest.raises(InsufficientScope) as caught:
        await scoped.account_database().execute(SHOP.ref, "select 1", [])
    assert caught.value.details["missingScopes"] == ["database:write"]


async def test_the_limit_is_told_and_kept(supabase: Supabase, account: SupabaseConnector) -> None:
    await account.identify()
    limit = account.rest.rate_limit
    assert limit is not None
    assert (limit.limit, limit.remaining) == (120, 119)
    assert limit.reset is not None
    for _ in range(119):
        await supabase.client.get(
            "/v1/projects", headers={"Authorization": f"Bearer {'sbp_' + '5a' * 20}"}
        )
    with pytest.raises(RateLimited) as caught:
        await account.identify()
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 60


@pytest.mark.parametrize(
    "query",
    [
        ItemQuery(container_id=ARCHIVE, type="issue"),
        ItemQuery(container_id=ARCHIVE, state="open"),
        ItemQuery(container_id=ARCHIVE, status="x"),
        ItemQuery(container_id=ARCHIVE, parent_id="x"),
    ],
)
async def test_filters_that_tables_do_not_have(
    account: SupabaseConnector, query: ItemQuery
) -> None:
    with pytest.raises(UnsupportedFilter):
        await account.items(query)


@pytest.mark.parametrize(
    "text", ["repo:1", "schema:@:public", "table:@:public:notes", "row:a:b:id:1"]
)
async def test_ids_of_others_are_refused(
    supabase: Supabase, account: SupabaseConnector, text: str
) -> None:
    with pytest.raises(ValidationFailed):
        await account.items(ItemQuery(container_id=text))
    with pytest.raises(ValidationFailed):
        await account.containers(ContainerQuery(parent_id=text))
    with pytest.raises(ValidationFailed):
        await account.item(OneItemQuery(item_id=text))
    assert supabase.asked() == []


async def test_secrets_of_a_project_never_pass_through(supabase: Supabase) -> None:
    """Should Supabase ever put them beside what we read, they are masked in `raw`, too."""
    secret = secret_key(SHOP)
    project = {
        "ref": LAB.ref,
        "name": "Lab",
        "status": "ACTIVE_HEALTHY",
        "jwt_secret": "super-secret-jwt-token",
        "database": {
            "host": "db.example.com",
            "password": "hunter2",
            "connection_string": "postgresql://postgres:hunter2@db:5432/postgres",
            "note": "postgres://u:hunter2@h/db and eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYSJ9.c2lnbmF0",
        },
        "api_keys": [{"name": "default", "api_key": secret}, {"secret_jwt_template": {"a": 1}}],
        "hint": f"use {secret}",
    }
    supabase.network._hosts["supabase.sandbox"] = answering([project])  # type: ignore[assignment]
    page = await supabase.account().containers(ContainerQuery(type="project", include_raw=True))
    text = msgspec.json.encode(page.items).decode()
    for word in ("hunter2", "super-secret", secret, "eyJhbGci"):
        assert word not in text
    assert "db.example.com" in text
    assert page.items[0].name == "Lab"


def test_masking_takes_no_longer_for_a_text_made_to_stall_it() -> None:
    began = time.process_time()
    without_secrets(["eyJ" * 100_000, "eyJ-" * 100_000, "eyJaaaaaaaa." * 30_000])
    assert time.process_time() - began < 1


async def test_raw_payloads_are_those_of_supabase(account: SupabaseConnector) -> None:
    page = await account.containers(ContainerQuery(include_raw=True, limit=1))
    assert isinstance(page.items[0].raw, msgspec.Raw)
    assert msgspec.json.decode(page.items[0].raw) == {
        "id": ACME.slug,
        "slug": ACME.slug,
        "name": "Acme",
    }
    hive = f"project:{HIVE.ref}"
    plain = await account.containers(ContainerQuery(parent_id=hive))
    assert plain.items[0].raw is msgspec.UNSET
