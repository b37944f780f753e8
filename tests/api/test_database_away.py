"""The database is not there: said at once, and nothing else falls with it."""

import asyncio

import httpx
import pytest

from tests.api.answers import data_of, error_of
from tests.api.operations import GUARDED
from tests.conftest import StartService

NOBODY = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=20"
ABSENT = "con_0123456789abcdef01234567"


@pytest.fixture
async def cut_off(start: StartService) -> httpx.AsyncClient:
    """A client of an application whose database does not answer."""
    return (await start(mongodb_url=NOBODY)).client


async def test_liveness_does_not_ask_the_database(cut_off: httpx.AsyncClient) -> None:
    assert data_of(await cut_off.get("/"))["status"] == "ok"
    assert (await cut_off.get("/api/connectors/github/icon.svg")).status_code == 200


async def test_readiness_tells_what_is_missing(cut_off: httpx.AsyncClient) -> None:
    answer = await cut_off.get("/api/health/ready")
    error = error_of(answer, 503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    details = error["details"]
    assert {"replicaSet", "broker", "encryptionKey", "keyFingerprint"} <= set(details)
    assert "MONGODB_URL" in details["mongodb"]
    assert "127.0.0.1" not in answer.text
    assert (await cut_off.head("/api/health/ready")).status_code == 503


async def test_each_route_says_that_the_service_is_unavailable(cut_off: httpx.AsyncClient) -> None:
    # The driver looks for half a second, so they are asked side by side.
    answers = await asyncio.gather(*(operation.call(cut_off, ABSENT) for operation in GUARDED))
    found = {one.id: answer for one, answer in zip(GUARDED, answers, strict=True)}
    assert {name for name, answer in found.items() if answer.status_code != 503} == set()
    for answer in found.values():
        error_of(answer, 503, "service_unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
        assert "127.0.0.1" not in answer.text
        assert "mongo" not in answer.text.lower()


async def test_what_is_wrong_with_the_request_is_still_told(cut_off: httpx.AsyncClient) -> None:
    error_of(await cut_off.get("/api/connections?limit=0"), 422, "validation_error")
    error_of(await cut_off.get("/api/none"), 404, "not_found")
    answer = await cut_off.get("/api/connections", headers={"Authorization": "Bearer x"})
    error_of(answer, 401, "unauthorized")
