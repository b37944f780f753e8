"""The one form of every answer."""

import re
from typing import Any

import httpx
import pytest

from tests.api.answers import TIME, data_of, error_of, items_of
from tests.conftest import REPOSITORY, GitHub

TIME_KEYS = re.compile(r"at|.*At")


def times_in(value: Any) -> list[str]:
    """Every text under a key that names a moment."""
    if isinstance(value, list):
        return [found for entry in value for found in times_in(entry)]
    if not isinstance(value, dict):
        return []
    own = [v for k, v in value.items() if TIME_KEYS.fullmatch(k) and isinstance(v, str)]
    return own + [found for entry in value.values() for found in times_in(entry)]


async def test_every_list_is_a_page(client: httpx.AsyncClient, connection_id: str) -> None:
    params = {"connectionId": connection_id}
    base = "/api/connectors/github"
    lists = [
        await client.get("/api/connectors?category=none"),
        await client.get("/api/connections"),
        await client.get("/api/audit-logs"),
        await client.get(f"/api/connections/{connection_id}/sync-state"),
        await client.get(f"{base}/containers", params=params),
        await client.get(f"{base}/items", params={**params, "containerId": REPOSITORY}),
        await client.get(f"{base}/comments", params={**params, "itemId": "1296269:issue:42"}),
    ]
    lengths = [len(items_of(answer)) for answer in lists]
    assert lengths == [0, 1, 1, 0, 2, 50, 50]


async def test_every_time_is_utc_with_milliseconds(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    await github.fault({"kind": "server_error"})
    params = {"connectionId": connection_id, "containerId": REPOSITORY}
    await client.get("/api/connectors/github/items", params=params)
    await github.fault()
    answers = [
        await client.get("/api/connectors/github/items", params=params),
        await client.get(
            "/api/connectors/github/comments",
            params={"connectionId": connection_id, "itemId": "1296269:issue:42"},
        ),
        await client.get("/api/connections"),
        await client.get("/api/audit-logs"),
    ]
    for answer in answers:
        times = times_in(data_of(answer))
        assert times
        assert [time for time in times if TIME.fullmatch(time) is None] == []


async def test_a_request_id_is_taken_over_or_made(client: httpx.AsyncClient) -> None:
    given = await client.get("/api/connectors", headers={"X-Request-Id": "mine-1.2_3"})
    other = await client.get("/api/connectors", headers={"X-Correlation-Id": "theirs"})
    hostile = await client.get("/api/none", headers={"X-Request-Id": "a b\tc"})
    assert given.headers["X-Request-Id"] == "mine-1.2_3"
    assert other.headers["X-Request-Id"] == "theirs"
    assert re.fullmatch(r"req_[0-9a-f]{24}", error_of(hostile, 404, "not_found")["requestId"])


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("GET", "/api/none", {}, 404, "not_found"),
        ("PUT", "/api/connections", {}, 405, "method_not_allowed"),
        ("GET", "/api/connections?limit=0", {}, 422, "validation_error"),
        ("GET", "/api/connections", {"Authorization": "Bearer wrong"}, 401, "unauthorized"),
        ("POST", "/api/connections", {}, 400, "bad_request"),
        ("GET", "/api/connections", {"Origin": "https://evil.example"}, 403, "forbidden"),
    ],
)
async def test_an_error_comes_as_problem_details_on_request(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    accept = {"Accept": "application/problem+json, application/json;q=0.5"}
    answer = await client.request(method, path, headers={**headers, **accept})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code
    assert problem["status"] == status
    assert {"type", "title", "detail", "instance"} <= set(problem)
    assert answer.headers["X-Request-Id"] in problem["instance"]


async def test_a_success_stays_enveloped_when_problems_are_accepted(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/", headers={"Accept": "application/problem+json"})
    assert data_of(answer)["status"] == "ok"


async def test_problem_details_carry_what_the_envelope_carries(client: httpx.AsyncClient) -> None:
    accept = {"Accept": "application/problem+json"}
    problem = (await client.get("/api/connections?limit=x", headers=accept)).json()
    plain = error_of(await client.get("/api/connections?limit=x"), 422, "validation_error")
    assert problem["details"] == plain["details"]
    assert problem["detail"] == plain["message"]


async def test_a_failed_call_to_a_provider_is_enveloped_with_its_place(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    answer = await client.get(
        "/api/connectors/github/items",
        params={"connectionId": connection_id, "containerId": "repo:1"},
    )
    assert error_of(answer, 404, "not_found")["details"]["at"] == "provider"
