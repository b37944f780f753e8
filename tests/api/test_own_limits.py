"""Limits of our own, over HTTP."""

import httpx
import pytest

from tests.api.answers import data_of, error_of
from tests.api.callers import ADMIN, LOCKED, bearer, make_key
from tests.conftest import StartService

ME = "/api/auth/me"


@pytest.fixture
async def strict(start: StartService) -> httpx.AsyncClient:
    """A client of a service that grants three requests an hour."""
    return (await start(**LOCKED, rate_limit_per_hour=3)).client


async def test_where_a_caller_stands_is_told_on_every_answer(strict: httpx.AsyncClient) -> None:
    key = bearer(await make_key(strict))
    answers = [
        await strict.get(ME, headers=key),
        await strict.get("/api/connections/con_1", headers=key),
        await strict.get("/api/connections?surprise=1", headers=key),
        await strict.get(ME, headers=key),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 422, 429]
    told = [answer.headers["X-RateLimit-Remaining"] for answer in answers]
    assert told == ["2", "1", "0", "0"]
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"3"}
    assert len({answer.headers["X-RateLimit-Reset"] for answer in answers}) == 1
    assert error_of(answers[-1], 429, "rate_limited")["details"] == {"by": "platform"}
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 3600
    # Another key of the same tenant, and the platform's key there.
    data_of(await strict.get(ME, headers=bearer(await make_key(strict))))
    data_of(await strict.get(ME, headers=ADMIN))


async def test_a_users_quota_is_the_hosts_to_set(start: StartService) -> None:
    client = (await start(**LOCKED)).client
    body = {"userId": "ada", "email": "ada@example.com", "requestsPerHour": 2}
    answer = await client.post("/api/auth/sync-oauth-user", json=body, headers=ADMIN)
    key = bearer(data_of(answer, 201)["apiKey"])
    assert "X-RateLimit-Limit" not in answer.headers
    me = data_of(await client.get(ME, headers=key))
    assert me["usage"]["requestsThisHour"] == 1
    assert me["usage"]["limits"]["requestsPerHour"] == 2
    data_of(await client.get(ME, headers=key))
    refused = await client.get(ME, headers=key)
    assert error_of(refused, 429, "rate_limited")["details"] == {"by": "platform"}
    acting = {**ADMIN, "X-User-Id": "ada"}
    error_of(await client.get(ME, headers=acting), 429, "rate_limited")


async def test_who_is_not_known_has_no_limit_to_be_told(strict: httpx.AsyncClient) -> None:
    for _ in range(5):
        answer = await strict.get(ME, headers=bearer("uck_nothing"))
        error_of(answer, 401, "unauthorized")
        assert "X-RateLimit-Limit" not in answer.headers


async def test_usage_is_written_beside_the_requests(start: StartService) -> None:
    service = await start()
    data_of(await service.client.get("/api/connections"))
    await service.container.usage.flush()
    assert await service.container.mongo.database["usage_counts"].count_documents({}) == 2
    used = data_of(await service.client.get(ME))["usage"]
    assert (used["requestsThisHour"], used["requestsThisMonth"]) == (2, 2)
