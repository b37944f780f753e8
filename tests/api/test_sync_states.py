"""Checkpoints of streams: read, set, and refused when somebody else was faster."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.answers import TIME, data_of, error_of, items_of, wrong_fields
from tests.conftest import Service

FIRST = {"updatedSince": "2026-01-31T12:00:00Z"}
LATER = {"updatedSince": "2026-02-28T12:00:00+05:30"}


@pytest.fixture
def path(connection_id: str) -> str:
    return f"/api/connections/{connection_id}/sync-state"


def setting(checkpoint: object, stream: str = "issues", **more: Any) -> dict[str, Any]:
    """A body that sets a checkpoint."""
    return {"stream": stream, "checkpoint": checkpoint, **more}


async def test_a_checkpoint_comes_back_as_it_was_set(client: httpx.AsyncClient, path: str) -> None:
    stored = data_of(await client.post(path, json=setting(FIRST)))
    assert stored == {
        "stream": "issues",
        "checkpoint": FIRST,
        "version": 1,
        "lastRunAt": None,
        "lastStatus": None,
        "counts": {},
    }
    assert data_of(await client.get(f"{path}?stream=issues")) == stored
    assert items_of(await client.get(path)) == [stored]


async def test_each_stream_has_its_own_state(client: httpx.AsyncClient, path: str) -> None:
    names = [
        stream["name"] for stream in data_of(await client.get("/api/connectors/github"))["streams"]
    ]
    assert len(names) > 1
    for name in reversed(names):
        data_of(await client.post(path, json=setting(FIRST, name)))
    listed = items_of(await client.get(path))
    assert [state["stream"] for state in listed] == sorted(names)
    assert {state["version"] for state in listed} == {1}


async def test_a_stream_without_a_state_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert items_of(await client.get(path)) == []
    error_of(await client.get(f"{path}?stream=issues"), 404, "not_found")


async def test_an_unknown_stream_is_named(client: httpx.AsyncClient, path: str) -> None:
    assert wrong_fields(await client.get(f"{path}?stream=wikis")) == ["stream"]
    assert wrong_fields(await client.post(path, json=setting(FIRST, "wikis"))) == ["stream"]
    assert wrong_fields(await client.get(f"{path}?stream=../x")) == ["stream"]


async def test_the_expected_version_must_be_the_stored_one(
    client: httpx.AsyncClient, path: str
) -> None:
    async def put(checkpoint: Any, expected: int | None) -> httpx.Response:
        return await client.post(path, json=setting(checkpoint, expectedVersion=expected))

    async def stale(expected: int) -> int:
        error = error_of(await put(LATER, expected), 409, "stale_version")
        version: int = error["details"]["version"]
        return version

    assert await stale(1) == 0
    assert data_of(await put(FIRST, 0))["version"] == 1
    assert await stale(0) == 1
    assert await stale(2) == 1
    assert data_of(await put(LATER, 1))["version"] == 2
    assert await stale(1) == 2
    assert data_of(await put(FIRST, None))["version"] == 3
    assert data_of(await client.get(f"{path}?stream=issues"))["checkpoint"] == FIRST


@pytest.mark.parametrize("expected", [0, 1])
async def test_of_writers_at_once_one_wins(
    client: httpx.AsyncClient, path: str, expected: int
) -> None:
    if expected:
        data_of(await client.post(path, json=setting(FIRST)))
    body = setting(LATER, expectedVersion=expected)
    answers = await asyncio.gather(*(client.post(path, json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    state = data_of(await client.get(f"{path}?stream=issues"))
    assert state["version"] == expected + 1


async def test_writers_that_expect_nothing_all_count(client: httpx.AsyncClient, path: str) -> None:
    answers = await asyncio.gather(*(client.post(path, json=setting(LATER)) for _ in range(4)))
    assert sorted(data_of(answer)["version"] for answer in answers) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("checkpoint", "field"),
    [
        ({}, "checkpoint.updatedSince"),
        ({"updatedSince": "yesterday"}, "checkpoint.updatedSince"),
        ({"updatedSince": "2026-01-31T12:00:00"}, "checkpoint.updatedSince"),
        ({"updatedSince": 1769860800}, "checkpoint.updatedSince"),
        ({"updatedSince": None}, "checkpoint.updatedSince"),
        ({**FIRST, "more": 1}, "checkpoint.more"),
        ({"updatedSince": "https://evil.example/"}, "checkpoint.updatedSince"),
        ([], "checkpoint"),
        ("x", "checkpoint"),
        (None, "checkpoint"),
        ({**FIRST, "$set": 1}, "checkpoint"),
        ({**FIRST, "big": "x" * 16_384}, "checkpoint"),
    ],
)
async def test_a_checkpoint_that_the_connector_cannot_read_is_refused(
    client: httpx.AsyncClient, path: str, checkpoint: object, field: str
) -> None:
    assert wrong_fields(await client.post(path, json=setting(checkpoint))) == [field]
    assert items_of(await client.get(path)) == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"expectedVersion": -1}, "expectedVersion"),
        ({"expectedVersion": "1"}, "expectedVersion"),
        ({"expectedVersion": 1.5}, "expectedVersion"),
        ({"expectedVersion": True}, "expectedVersion"),
        ({"expectedVersion": 2**64}, "expectedVersion"),
        ({"stream": ""}, "stream"),
        ({"stream": None}, "stream"),
        ({"version": 1}, "version"),
    ],
)
async def test_a_bad_field_is_named(
    client: httpx.AsyncClient, path: str, more: dict[str, Any], field: str
) -> None:
    assert wrong_fields(await client.post(path, json=setting(FIRST) | more)) == [field]


async def test_a_connector_without_streams_says_so(notes_service: Service) -> None:
    client = notes_service.client
    body = {"connectorId": "notes", "authMethod": "pair", "config": {"site": "a"}}
    made = data_of(await client.post("/api/connections", json=body), 201)
    path = f"/api/connections/{made['id']}/sync-state"
    error_of(await client.get(f"{path}?stream=issues"), 422, "unsupported_capability")
    answer = await client.post(path, json=setting(FIRST))
    assert error_of(answer, 422, "unsupported_capability")["details"] == {"capability": "sync"}
    assert items_of(await client.get(path)) == []


async def test_setting_a_checkpoint_is_audited_without_it(
    client: httpx.AsyncClient, path: str, connection_id: str
) -> None:
    data_of(await client.post(path, json=setting(FIRST)))
    (entry,) = items_of(await client.get("/api/audit-logs?action=sync_state.set"))
    assert entry["target"] == connection_id
    assert entry["details"] == {"stream": "issues", "version": 1}
    assert TIME.fullmatch(entry["at"])


async def test_a_checkpoint_in_the_future_is_refused_for_it_would_lose_changes(
    client: httpx.AsyncClient, path: str
) -> None:
    def ahead(**span: int) -> dict[str, Any]:
        return setting({"updatedSince": (datetime.now(UTC) + timedelta(**span)).isoformat()})

    assert wrong_fields(await client.post(path, json=ahead(minutes=10))) == ["checkpoint"]
    assert wrong_fields(await client.post(path, json=ahead(days=40_000))) == ["checkpoint"]
    assert items_of(await client.get(path)) == []
    data_of(await client.post(path, json=ahead(minutes=1)))
