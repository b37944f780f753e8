"""What a caller types is data in every query, and every filter is honoured or refused."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.connectors.registry import load, module_of
from src.core.errors import (
    CallerError,
    CredentialStale,
    InvalidCursor,
    ProviderForbidden,
    ProviderNotFound,
    UnsupportedFilter,
    ValidationFailed,
)
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    Sort,
)
from src.testing.bench import Bench, open_bench

MODULE = module_of(Path(__file__).parents[1])
ACME = {"instanceUrl": "https://acme-dev-ed.develop.my.salesforce.com"}
TOKEN = "00D000000000001!AQ4" + "a" * 40
NARROW_TOKEN = "00D000000000001!AQ4" + "c" * 40
load("salesforce", MODULE)
# The package of a folder has a name of its own, so that its modules are had through the registry.
PACKAGE = MODULE.rpartition(".")[0]


def part(name: str) -> Any:
    """A module of the connector."""
    return __import__(f"{PACKAGE}.{name}", fromlist=["_"])


def bench(token: str = TOKEN, **config: str) -> Bench:
    return open_bench("salesforce", MODULE, token=token, config={**ACME, **config})


def at_work(opened: Bench) -> Any:
    """The connector, whose class has no name that could be imported."""
    return opened.connector()


async def run(connector: Any, name: str, **arguments: Any) -> Any:
    """Run a tool as the service does."""
    tool = connector.manifest.tool(name)
    return await tool.run(connector, tool.arguments.model_validate(arguments))


async def ids(connector: Any, **query: Any) -> list[str]:
    """All items, page by page."""
    found: list[str] = []
    token = None
    while True:
        page = await connector.items(ItemQuery(**{"limit": 7, "token": token, **query}))
        found += [one.id for one in page.items]
        token = page.next_token
        if token is None:
            return found


@given(text=st.text(max_size=40), name=st.text(max_size=60))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_search_finds_what_has_the_text_and_nothing_else(text: str, name: str) -> None:
    """As the imitation reads it, which takes a string's own escapes and refuses all others."""
    soql, parser = part("soql"), part("sandbox.soql").Parser
    query = soql.select(["Id"], "Account", [f"Name LIKE {soql.containing(text)}"], ())
    rows = {"1": {"Id": "1", "Name": name, "IsDeleted": False}}
    found = bool(parser(query).query().run(rows))
    if name.isascii() and text.isascii():
        assert found is (text.casefold() in name.casefold())
    whole = soql.select(["Id"], "Account", [f"Name = {soql.literal(text)}"], ())
    assert parser(whole).query().run({"1": {"Id": "1", "Name": text, "IsDeleted": False}})


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("O'Neil", r"'O\'Neil'"),
        ("a\\", r"'a\\'"),
        ("\\' OR Id != '", r"'\\\' OR Id != \''"),
        ("a\nb\u2028c\x00", r"'a\nb\u2028c\u0000'"),
    ],
)
def test_a_literal_is_closed_by_us_alone(text: str, literal: str) -> None:
    assert part("soql").literal(text) == literal


def test_wildcards_of_a_caller_are_letters() -> None:
    assert part("soql").containing("50%_\\") == r"'%50\%\_\\%'"


@pytest.mark.parametrize(
    "name", ["", "1x", "Name, Id", "Name FROM User", "a.b.c", "Näme", "x" * 90]
)
def test_a_name_that_is_none_never_stands_in_a_query(name: str) -> None:
    soql = part("soql")
    with pytest.raises(ValueError, match="not a name"):
        soql.select([name], "Account", [], ())
    with pytest.raises(ValueError, match="not a name"):
        soql.select(["Id"], name, [], ())


def test_a_text_that_salesforce_would_not_take_is_the_callers_mistake() -> None:
    with pytest.raises(ValidationFailed):
        part("soql").containing("'" * 2_000)


async def test_filters_are_the_providers() -> None:
    connector = at_work(bench())
    closed = await ids(connector, container_id="Case", state="closed")
    is_open = await ids(connector, container_id="Case", state="open")
    assert (len(closed), len(is_open), len({*closed, *is_open})) == (4, 8, 12)
    assert await ids(connector, container_id="Case", status="Closed") == closed
    assert await ids(connector, container_id="Case", status="closed' OR Id != '") == []
    assert len(await ids(connector, container_id="Opportunity", status="Prospecting")) == 4
    falling = await ids(connector, container_id="Task")
    rising = await ids(connector, container_id="Task", sort=Sort.UPDATED_ASCENDING)
    # Ten at a time have the same time of change, and pages of seven end among them.
    assert (len(falling), falling) == (130, rising[::-1])
    last = (await connector.items(ItemQuery(container_id="Task", limit=1))).items[0]
    since = last.updated_at or ""
    recent = await ids(connector, container_id="Task", updated_since=datetime.fromisoformat(since))
    assert len(recent) == 1


async def test_a_search_takes_percent_and_underscore_as_they_are() -> None:
    connector = at_work(bench())
    places = await ids(connector, container_id="Acme_Asset__c", q="A-0001")
    assert places == ["Acme_Asset__c:a00000000000001AAA"]
    assert await ids(connector, container_id="Acme_Asset__c", q="A_0001") == []
    assert await ids(connector, container_id="Acme_Asset__c", q="%") == []


@pytest.mark.parametrize(
    "query",
    [
        {"container_id": "Account", "state": "open"},
        {"container_id": "Account", "status": "New"},
        {"container_id": "Account", "type": "Account"},
        {"container_id": "Account", "parent_id": "Account"},
    ],
    ids=str,
)
async def test_a_filter_that_an_object_has_no_field_for_is_refused(query: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedFilter):
        await at_work(bench()).items(ItemQuery(**query))


@pytest.mark.parametrize(
    ("container", "error"),
    [
        ("Nothing__c", ProviderNotFound),
        ("AccountChangeEvent", ProviderNotFound),
        ("account", ValidationFailed),
        ("Account/describe", ValidationFailed),
        ("../../oauth2", ValidationFailed),
        ("Account WHERE Id != ''", ValidationFailed),
    ],
)
async def test_only_what_a_describe_names_is_queried(
    container: str, error: type[Exception]
) -> None:
    opened = bench()
    with pytest.raises(error):
        await at_work(opened).items(ItemQuery(container_id=container))
    assert not any("query" in request.url.path for request in opened.wires.requests)


async def test_a_record_that_is_gone_and_ids_that_are_none() -> None:
    connector = at_work(bench())
    gone = "Case:500000000000999AAA"
    with pytest.raises(ProviderNotFound):
        await connector.item(OneItemQuery(item_id=gone))
    with pytest.raises(ProviderNotFound):
        await connector.comments(CommentQuery(item_id=gone))
    for wrong in ("Case", "Case:1", "Case:500000000000001AAA' OR Id != '", ":500000000000001AAA"):
        with pytest.raises(CallerError):
            await connector.item(OneItemQuery(item_id=wrong))
    quiet = await connector.comments(CommentQuery(item_id="Account:001000000000001AAA"))
    assert quiet.items == ()


@pytest.mark.parametrize(
    "token",
    ["1.x", '1.["500"]', '1.["500000000000001AAA","2026"]', '1.["500000000000001AAA"]'],
)
async def test_a_place_of_another_list_is_an_old_cursor(token: str) -> None:
    with pytest.raises(InvalidCursor):
        await at_work(bench()).items(ItemQuery(container_id="Case", token=token))


async def test_only_what_holds_records_is_listed() -> None:
    connector = at_work(bench())
    page = await connector.containers(ContainerQuery(type="custom"))
    assert [(one.id, one.name) for one in page.items] == [("Acme_Asset__c", "Assets")]
    found = await connector.containers(ContainerQuery(q="OPPORT"))
    assert [one.id for one in found.items] == ["Opportunity"]


async def test_a_token_is_good_at_its_own_org_only() -> None:
    elsewhere = bench(instanceUrl="https://globex.my.salesforce.com")
    with pytest.raises(CredentialStale):
        await at_work(elsewhere).containers(ContainerQuery())


async def test_a_session_that_is_not_for_the_api_is_not_taken_for_one_that_has_ended() -> None:
    opened = bench(NARROW_TOKEN)
    with pytest.raises(ProviderForbidden, match="lacks the scope api, or the org restricts"):
        await at_work(opened).containers(ContainerQuery())
    assert len(opened.wires.requests) == 1


async def test_a_tool_sets_only_fields_that_can_be_set() -> None:
    opened = bench()
    fields = {"Subject": "Leak", "IsDeleted": True, "Account.Name": "x"}
    with pytest.raises(ValidationFailed) as refused:
        await run(at_work(opened), "salesforce_create_record", object="Case", fields=fields)
    named = [one["field"] for one in refused.value.details["errors"]]
    assert named == ["fields.Account.Name", "fields.IsDeleted"]
    assert {request.method for request in opened.wires.requests} == {"GET"}


async def test_what_is_made_can_be_read_and_changed() -> None:
    connector = at_work(bench())
    fields: dict[str, Any] = {"Subject": "Leak", "Status": "New"}
    made = await run(connector, "salesforce_create_record", object="Case", fields=fields)
    record = made["id"]
    assert made["url"] == f"{ACME['instanceUrl']}/{record.removeprefix('Case:')}"
    update = partial(run, connector, "salesforce_update_record", record=record)
    await update(object="Case", fields={"Status": "Closed"})
    item = await connector.item(OneItemQuery(item_id=record))
    assert (item.title, item.state, item.status) == ("Leak", "closed", "Closed")
    with pytest.raises(ValidationFailed):
        await update(object="Task", fields={"Status": "Closed"})


async def test_the_limit_of_the_org_is_told() -> None:
    opened = bench()
    connector = at_work(opened)
    await connector.containers(ContainerQuery())
    told = connector.rest.rate_limit
    assert told is not None
    assert (told.limit, told.remaining, told.reset) == (15_000, 14_999, None)


def test_a_query_names_a_bounded_number_of_fields() -> None:
    schemas, shapes = part("schemas"), part("shapes")
    many = [
        schemas.FieldDescribe(name=f"Field_with_a_long_name_{number}__c", label="x", type="string")
        for number in range(800)
    ]
    first = [
        schemas.FieldDescribe(name="Id", label="Id", type="id"),
        schemas.FieldDescribe(name="Photo", label="Photo", type="base64"),
        schemas.FieldDescribe(name="Home", label="Home", type="address"),
    ]
    last = [schemas.FieldDescribe(name="SystemModstamp", label="Changed", type="datetime")]
    shape = shapes.shape_of(
        schemas.ObjectDescribe(
            name="Big__c", label="Big", label_plural="Bigs", fields=[*first, *many, *last]
        )
    )
    assert shape.whole[:2] == ("Id", "SystemModstamp")
    assert not {"Photo", "Home"} & set(shape.whole)
    query = part("soql").select(shape.whole, shape.object, [], ())
    # With its headers an address may have 16,384 bytes.
    assert 100 < len(shape.whole) <= shapes.MOST_FIELDS
    assert len(str(httpx.QueryParams({"q": query}))) < 8_000
