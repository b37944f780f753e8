"""Records over HTTP: in the order of change, with a cursor that can be kept."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from src.db.tenant import TenantScope
from src.models.base import now, rfc3339
from src.models.unified import Item
from src.services.record_batches import Batch
from tests.api.answers import data_of
from tests.conftest import Service, StartService, connect

Page = dict[str, Any]


def issue(number: int, title: str = "Issue") -> Item:
    return Item(id=f"1:issue:{number}", type="issue", container_id="repo:1", title=title)


async def store(
    service: Service, connection_id: str, *units: Item, stream: str = "issues", gone: Any = ()
) -> None:
    scope = TenantScope(service.container.mongo.database, "acme")
    connection = await scope.connections.get_fresh(connection_id)
    assert connection is not None
    batch = Batch(records=units, deleted=gone, fetched_at=now())
    await service.container.records.store(connection, stream, batch)


async def read(client: httpx.AsyncClient, connection_id: str, **query: Any) -> Page:
    params = {name: str(value) for name, value in query.items()}
    answer = await client.get(f"/api/connections/{connection_id}/records", params=params)
    page: Page = data_of(answer)
    return page


def ids(page: Page) -> list[str]:
    return [record["id"] for record in page["items"]]


async def test_a_copy_is_kept_by_following_the_cursor(
    service: Service, client: httpx.AsyncClient, connection_id: str
) -> None:
    await store(service, connection_id, *map(issue, range(5)))

    first = await read(client, connection_id, stream="issues", limit=3, includeDeleted="true")
    assert ids(first) == [f"1:issue:{number}" for number in range(3)]
    assert (first["hasMore"], first["truncated"]) == (True, False)
    cursor = first["nextCursor"]
    # The size of a page is the reader's own business, from page to page.
    rest = await read(
        client, connection_id, stream="issues", limit=50, includeDeleted="true", cursor=cursor
    )
    assert ids(rest) == ["1:issue:3", "1:issue:4"]
    assert (rest["hasMore"], rest["nextCursor"] is None) == (False, False)

    await store(service, connection_id, issue(1, "Changed"), gone=["1:issue:2"])
    query = {"stream": "issues", "includeDeleted": "true"}
    later = await read(client, connection_id, cursor=rest["nextCursor"], **query)
    changed, deleted = later["items"]
    assert (changed["id"], changed["lastAction"]) == ("1:issue:1", "updated")
    assert changed["data"]["title"] == "Changed"
    assert changed["firstSeenAt"] < changed["lastModifiedAt"]
    assert deleted == {
        "id": "1:issue:2",
        "stream": "issues",
        "kind": "item",
        "data": None,
        "firstSeenAt": changed["firstSeenAt"],
        "lastModifiedAt": changed["lastModifiedAt"],
        "lastAction": "deleted",
        "deletedAt": changed["lastModifiedAt"],
    }
    again = await read(client, connection_id, cursor=later["nextCursor"], **query)
    assert (ids(again), again["hasMore"]) == ([], False)


async def test_what_is_gone_is_told_only_to_those_who_ask(
    service: Service, client: httpx.AsyncClient, connection_id: str
) -> None:
    await store(service, connection_id, issue(1), issue(2))
    await store(service, connection_id, gone=["1:issue:1"])
    assert ids(await read(client, connection_id)) == ["1:issue:2"]
    everything = await read(client, connection_id, includeDeleted="true")
    assert ids(everything) == ["1:issue:2", "1:issue:1"]


async def test_without_a_stream_all_are_read_one_after_the_other(
    service: Service, client: httpx.AsyncClient, connection_id: str
) -> None:
    for stream in ("pulls", "issues"):
        await store(service, connection_id, *map(issue, range(3)), stream=stream)
    cursor, streams = "", list[str]()
    while True:
        page = await read(client, connection_id, limit=2, **({"cursor": cursor} if cursor else {}))
        streams += [record["stream"] for record in page["items"]]
        cursor = page["nextCursor"]
        if not page["hasMore"]:
            break
    assert streams == ["issues"] * 3 + ["pulls"] * 3
    await store(service, connection_id, issue(1, "Changed"))
    assert ids(await read(client, connection_id, cursor=cursor)) == ["1:issue:1"]


async def test_modified_after_chooses_where_to_begin(
    service: Service, client: httpx.AsyncClient, connection_id: str
) -> None:
    for number in range(6):
        await store(service, connection_id, issue(number))
    every = (await read(client, connection_id))["items"]
    for number, record in enumerate(every):
        moment = record["lastModifiedAt"]
        found = await read(client, connection_id, modifiedAfter=moment)
        later = [one["id"] for one in every[number + 1 :] if one["lastModifiedAt"] > moment]
        assert ids(found) == later
    before = datetime.fromisoformat(every[0]["lastModifiedAt"]) - timedelta(seconds=1)
    assert len(ids(await read(client, connection_id, modifiedAfter=rfc3339(before)))) == 6


async def test_data_is_answered_as_it_was_stored(
    service: Service, client: httpx.AsyncClient, connection_id: str
) -> None:
    await store(service, connection_id, issue(1, 'ünï "cödé" \x00 \U0001f40d'))
    (record,) = (await read(client, connection_id))["items"]
    assert record["data"]["title"] == 'ünï "cödé" \x00 \U0001f40d'
    assert "raw" not in record["data"]


@pytest.mark.parametrize(
    "change",
    [{"stream": "pulls"}, {"includeDeleted": "true"}, {"cursor": "edited"}],
    ids=["stream", "deleted", "edited"],
)
async def test_a_cursor_answers_to_no_other_question(
    service: Service, client: httpx.AsyncClient, connection_id: str, change: dict[str, str]
) -> None:
    await store(service, connection_id, issue(1))
    cursor = (await read(client, connection_id, stream="issues"))["nextCursor"]
    query = {"stream": "issues", "cursor": cursor, **change}
    answer = await client.get(f"/api/connections/{connection_id}/records", params=query)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_cursor"


async def test_another_tenant_and_a_foreign_connections_cursor_find_nothing(
    service: Service, client: httpx.AsyncClient, connection_id: str
) -> None:
    await store(service, connection_id, issue(1))
    url = f"/api/connections/{connection_id}/records"
    cursor = (await read(client, connection_id))["nextCursor"]
    foreign = await client.get(url, headers={"X-Tenant-Id": "globex"})
    assert foreign.status_code == 404
    theirs = httpx.AsyncClient(
        transport=client._transport, base_url="http://localhost", headers={"X-Tenant-Id": "globex"}
    )
    other = await connect(theirs)
    assert ids(await read(theirs, other)) == []
    answer = await theirs.get(f"/api/connections/{other}/records", params={"cursor": cursor})
    assert answer.json()["error"]["code"] == "invalid_cursor"


async def test_one_user_reads_no_records_of_anothers_connection(
    service: Service, client: httpx.AsyncClient
) -> None:
    own = await connect(client, userId="ada")
    await store(service, own, issue(1))
    url = f"/api/connections/{own}/records"
    assert ids(data_of(await client.get(url, headers={"X-User-Id": "ada"}))) == ["1:issue:1"]
    assert (await client.get(url, headers={"X-User-Id": "bob"})).status_code == 404


@pytest.mark.parametrize("query", [{"stream": "unknown"}, {"limit": "0"}, {"includeDeleted": "1"}])
async def test_a_question_that_cannot_be_answered_is_refused(
    client: httpx.AsyncClient, connection_id: str, query: dict[str, str]
) -> None:
    answer = await client.get(f"/api/connections/{connection_id}/records", params=query)
    assert answer.status_code == 422


async def test_records_can_be_read_after_the_connection_has_ended_until_they_are_dropped(
    start: StartService,
) -> None:
    service = await start(records_retention_days=1)
    client = service.client
    connection_id = await connect(client)
    await store(service, connection_id, issue(1), issue(2))
    cursor = (await read(client, connection_id))["nextCursor"]
    (await client.delete(f"/api/connections/{connection_id}")).raise_for_status()
    retention = service.container.record_retention

    await retention.tend()
    assert len(ids(await read(client, connection_id))) == 2

    connections = service.container.mongo.database["connections"]
    old = {"$set": {"updatedAt": now() - timedelta(days=2)}}
    await connections.update_one({"_id": connection_id}, old)
    await retention.tend()
    assert ids(await read(client, connection_id)) == []

    # The same account connects again: an old cursor finds what is stored from now on.
    assert await connect(client) == connection_id
    await store(service, connection_id, issue(1))
    assert ids(await read(client, connection_id, cursor=cursor)) == ["1:issue:1"]
