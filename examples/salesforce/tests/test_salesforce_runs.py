"""Runs outlive their locators, and begin anew where deletions are no longer told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from src.connectors.manifest import UpdatedSince
from src.connectors.registry import module_of
from src.connectors.syncing import CheckpointExpired, SyncQuery
from src.core.errors import ProviderRejected
from src.testing.bench import Bench, open_bench
from src.testing.streams import whole_run

MODULE = module_of(Path(__file__).parents[1])
ACME = {"instanceUrl": "https://acme-dev-ed.develop.my.salesforce.com"}
TOKEN = "00D000000000001!AQ4" + "a" * 40


def bench(**settings: Any) -> Bench:
    return open_bench("salesforce", MODULE, token=TOKEN, config=ACME, settings=settings)


def query(*objects: str, since: datetime | None = None, **more: Any) -> SyncQuery:
    checkpoint = None if since is None else UpdatedSince(updated_since=since)
    containers = objects or None
    return SyncQuery(
        stream="records",
        started_at=datetime.now(UTC),
        container_ids=containers,
        checkpoint=checkpoint,
        **more,
    )


def paths(opened: Bench) -> list[str]:
    return [request.url.path.partition("v64.0")[2] for request in opened.wires.requests]


async def test_a_run_goes_by_locators() -> None:
    opened = bench()
    done = await whole_run(opened, query("Task"))
    assert len(done.ids) == 130
    asked = paths(opened)
    assert asked[:2] == ["/sobjects/Task/describe", "/query"]
    assert [path.rpartition("-")[2] for path in asked[2:]] == ["60", "120"]
    (batches,) = {
        request.headers["sforce-query-options"]
        for request in opened.wires.requests
        if "/query" in request.url.path
    }
    assert batches == "batchSize=200"


async def test_a_locator_that_is_gone_costs_one_request_and_no_record() -> None:
    opened = bench()
    whole = (await whole_run(opened, query("Task"))).ids
    opened.wires.forget()

    async def release() -> None:
        await opened.wires.control("DELETE", "/cursors")

    # Behind the describe and the first batch.
    opened.wires.meanwhile(3, release)
    done = await whole_run(opened, query("Task"))
    assert (done.ids, len(done.ids)) == (whole, 130)
    asked = [path.partition("/query")[1:] for path in paths(opened) if "/query" in path]
    # In place of the second batch what is behind the last row is asked for.
    assert [bool(locator) for _, locator in asked] == [False, True, False, True]


async def test_ten_other_queries_of_the_same_user_lose_nothing() -> None:
    opened = bench()
    whole = (await whole_run(opened, query("Task"))).ids
    opened.wires.forget()

    async def crowd() -> None:
        rest = opened.connector().rest.below("/services/data/v64.0")
        for _ in range(10):
            await rest.call("GET", "/query", params={"q": "SELECT Id FROM Task"})

    opened.wires.meanwhile(3, crowd)
    assert (await whole_run(opened, query("Task"))).ids == whole
    assert sum(path == "/query" for path in paths(opened)) == 12


async def test_without_containers_the_settings_say_which_objects() -> None:
    few = await whole_run(bench(objects=["Lead"]), query())
    assert {record_id.partition(":")[0] for record_id in few.ids} == {"Lead"}
    usual = await whole_run(bench(), query())
    assert {record_id.partition(":")[0] for record_id in usual.ids} == {
        "Account",
        "Contact",
        "Lead",
        "Opportunity",
        "Case",
        "Task",
    }


async def test_what_was_deleted_and_restored_is_told_as_deleted_first() -> None:
    """Deletions come before the records, so that who was restored stays."""
    opened = bench()
    since = datetime.now(UTC) - timedelta(minutes=6)
    rest = opened.connector().rest.below("/services/data/v64.0")
    path = "/sobjects/{object}/{record}"
    await rest.change("DELETE", path, object="Lead", record="00Q000000000001AAA")
    await rest.change(
        "PATCH", path, json={"Company": "Ebb"}, object="Lead", record="00Q000000000002AAA"
    )
    done = await whole_run(opened, query("Lead", since=since))
    given = [page for page in done.pages if page.deleted or page.records]
    assert [bool(page.deleted) for page in given] == [True, False]
    assert done.deleted == {"Lead:00Q000000000001AAA"}
    assert done.ids == ["Lead:00Q000000000002AAA"]


async def test_a_checkpoint_older_than_the_log_begins_anew() -> None:
    opened = bench()
    old = datetime.now(UTC) - timedelta(days=14, minutes=1)
    with pytest.raises(CheckpointExpired):
        await whole_run(opened, query("Lead", since=old))
    assert opened.wires.requests == []


async def test_a_log_that_was_cut_begins_anew() -> None:
    opened = bench()
    now = datetime.now(UTC)
    begins = (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    await opened.wires.control("PUT", "/log-begins", begins)
    with pytest.raises(CheckpointExpired):
        await whole_run(opened, query("Lead", since=now - timedelta(hours=2)))
    later = await whole_run(opened, query("Lead", since=now - timedelta(minutes=30)))
    assert later.ids == []


async def test_salesforces_word_for_a_log_that_was_cut() -> None:
    """A day is asked about whose deletions its clock has already passed."""
    opened = bench()
    started = datetime.now(UTC) - timedelta(days=5)
    asked = query("Lead", since=started - timedelta(days=12))
    with pytest.raises(CheckpointExpired):
        await whole_run(opened, SyncQuery(**{**_fields(asked), "started_at": started}))
    assert paths(opened)[-1] == "/sobjects/Lead/deleted/"


async def test_other_refusals_of_the_log_are_no_reason_to_begin_anew() -> None:
    opened = bench()
    opened.wires.echoing = True
    with pytest.raises(ProviderRejected):
        await whole_run(opened, query("Lead", since=datetime.now(UTC) - timedelta(hours=1)))


def _fields(asked: SyncQuery) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in asked.__slots__}
