"""Supabase passes the suite of every connector: by accounts, and by keys of projects."""

from typing import Any, ClassVar

from src.sandbox.supabase.callers import MIA_TOKEN, legacy_key, publishable_key, secret_key
from src.sandbox.supabase.seed.world import ACME, LAB, SHOP
from src.testing import ConnectorConformance
from tests.connectors.supabase.deeds import NOTES, SAMPLES, hook_up

URL = f"https://{SHOP.ref}.supabase.co"
ATTACKS = (
    'x","id".gt."0',
    "*),id.gt.(0",
    "' or 1=1 --",
    '" or true; drop table "public"."notes"; --',
    "x%') union select * from private.customers --",
)


def tools(database: str) -> dict[str, dict[str, Any]]:
    """Arguments that the sandbox takes."""
    place = database.partition(":")[2]
    return {
        "supabase_select": {
            "table": f"table:{place}:public:notes",
            "columns": ["id", "title"],
            "where": [{"column": "done", "value": True}],
            "order": [{"column": "id", "descending": True}],
            "limit": 5,
        },
        "supabase_insert": {
            "database": database,
            "table": f"table:{place}:public:notes",
            "rows": [{"title": "new", "done": False}],
        },
        "supabase_run_query": {
            "database": database,
            "query": "select title from public.notes where id = $1",
            "parameters": [3],
        },
        "supabase_execute_sql": {
            "database": database,
            "query": "update public.notes set title = $1 where id = 4 returning *",
            "parameters": ["changed"],
        },
    }


class TestAccount(ConnectorConformance):
    connector_id = "supabase"
    auth_method = "pat"
    token = MIA_TOKEN
    container = f"schema:{SHOP.ref}:archive"
    item = f"table:{SHOP.ref}:archive:log_001"
    parent = f"org:{ACME.slug}"
    word = "orders"
    attacks = ATTACKS
    # Only a key of the project reads rows.
    streams_elsewhere = ("rows",)
    tools = tools(f"project:{SHOP.ref}")
    resource_parents: ClassVar = {
        "supabase_database": f"org:{ACME.slug}",
        "supabase_table": f"schema:{SHOP.ref}:archive",
    }


class OfProject(ConnectorConformance):
    """What all keys of projects have in common."""

    connector_id = "supabase"
    container = "table:@:public:notes"
    config: ClassVar = {"projectUrl": URL, "tables": "notes, settings"}
    attacks = ATTACKS
    streams: ClassVar = {"rows": NOTES}
    tools = tools("project:@")
    resource_parents: ClassVar = {"supabase_table": "schema:@:public"}
    beyond = ("supabase_organization", "supabase_run_query", "supabase_execute_sql")


class TestSecretKey(OfProject):
    webhook_by_hand = staticmethod(hook_up)
    auth_method = "projectKey"
    token = secret_key(SHOP)
    config: ClassVar = {"projectUrl": URL, "schemas": "public,archive"}
    item = "row:public:notes:id:7"
    parent = "schema:@:public"
    word = "orders"
    requests: ClassVar = {"containers": 2}


class TestLegacyKey(OfProject):
    graded_elsewhere = True
    auth_method = "legacyKey"
    token = legacy_key(SHOP, "service_role")
    streams: ClassVar = {}
    streams_elsewhere = ("rows",)
    item = "table:@:public:notes"
    requests: ClassVar = {"item": 2}


class TestPublishableKey(OfProject):
    graded_elsewhere = True
    auth_method = "projectKey"
    token = publishable_key(SHOP)
    item = "row:public:notes:id:8"
    config: ClassVar = {"projectUrl": URL, "tables": "notes, feedback"}
    tools: ClassVar = {
        **OfProject.tools,
        "supabase_insert": {"table": "table:@:public:feedback", "rows": [{"text": "good"}]},
    }


class TestSmallPages(OfProject):
    """A project that gives ten rows at once."""

    graded_elsewhere = True
    auth_method = "projectKey"
    token = secret_key(LAB)
    config: ClassVar = {"projectUrl": f"https://{LAB.ref}.supabase.co"}
    container = "table:@:public:samples"
    item = "row:public:samples:id:8"
    streams: ClassVar = {"rows": SAMPLES}
    tools: ClassVar = {
        "supabase_select": {"table": "table:@:public:samples", "limit": 5},
        "supabase_insert": {"table": "table:@:public:samples", "rows": [{"name": "new"}]},
        "supabase_run_query": OfProject.tools["supabase_run_query"],
        "supabase_execute_sql": OfProject.tools["supabase_execute_sql"],
    }
