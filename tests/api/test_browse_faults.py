"""What goes wrong at GitHub, as callers see it, and what the connection remembers of it."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse

from tests.api.answers import TIME, data_of, error_of, items_of
from tests.api.notes import NotesProvider
from tests.conftest import REPOSITORY, GitHub, Service, StartService, connect
from tests.fakes.clock import Sleeps

BASE = "/api/connectors/github"
Items = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def items(client: httpx.AsyncClient, connection_id: str) -> Items:
    """Ask for items of the connection."""

    async def ask(**params: str) -> httpx.Response:
        needed = {"connectionId": connection_id, "containerId": REPOSITORY}
        return await client.get(f"{BASE}/items", params={**needed, **params})

    return ask


@pytest.fixture
def remembered(
    client: httpx.AsyncClient, connection_id: str
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Read the connection."""

    async def read() -> dict[str, Any]:
        record: dict[str, Any] = data_of(await client.get(f"/api/connections/{connection_id}"))
        return record

    return read


Remembered = Callable[[], Awaitable[dict[str, Any]]]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "server_error"}, 502, "provider_error"),
        ({"kind": "server_error", "status": 500}, 502, "provider_error"),
        ({"kind": "server_error", "status": 504}, 504, "provider_timeout"),
        ({"kind": "cut"}, 502, "provider_error"),
        ({"kind": "not_json"}, 502, "provider_error"),
        ({"kind": "truncated_json"}, 502, "provider_error"),
        ({"kind": "wrong_type"}, 502, "provider_error"),
        ({"kind": "huge"}, 502, "provider_error"),
        ({"kind": "redirect_outside"}, 502, "provider_error"),
    ],
    ids=str,
)
async def test_an_outage_is_told_and_degrades_the_health_only(
    items: Items,
    remembered: Remembered,
    github: GitHub,
    fault: dict[str, Any],
    status: int,
    code: str,
) -> None:
    await github.fault(fault)
    error = error_of(await items(), status, code)
    assert error["details"]["at"] == "provider"
    record = await remembered()
    assert (record["status"], record["health"]) == ("connected", "degraded")
    assert record["lastError"]["code"] == code
    assert TIME.fullmatch(record["lastError"]["at"])


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"kind": "rate_limited", "retry_after": 77}, 77),
        ({"kind": "secondary_limit", "retry_after": 30}, 30),
        ({"kind": "secondary_limit"}, 60),
    ],
    ids=str,
)
async def test_a_limit_is_passed_on_and_harms_no_health(
    items: Items, remembered: Remembered, github: GitHub, fault: dict[str, Any], told: int
) -> None:
    await github.fault(fault)
    answer = await items()
    error = error_of(answer, 429, "rate_limited")
    assert error["details"]["by"] == "provider"
    assert answer.headers["Retry-After"] == str(told)
    record = await remembered()
    assert (record["status"], record["health"], record["lastError"]) == ("connected", "ok", None)


async def test_a_spent_quota_is_told_with_the_time_of_its_reset(
    items: Items, github: GitHub
) -> None:
    await github.fault({"kind": "primary_limit", "retry_after": 600})
    answer = await items()
    error_of(answer, 429, "rate_limited")
    assert 590 <= int(answer.headers["Retry-After"]) <= 600


async def test_a_short_limit_is_waited_for(items: Items, github: GitHub, sleeps: Sleeps) -> None:
    await github.fault({"kind": "rate_limited", "retry_after": 2, "times": 1})
    assert len(items_of(await items())) == 50
    assert sleeps.seconds == [2]


async def test_an_outage_that_ends_is_not_noticed(
    items: Items, remembered: Remembered, github: GitHub
) -> None:
    await github.fault({"kind": "server_error", "times": 2})
    assert len(items_of(await items())) == 50
    assert (await remembered())["health"] == "ok"


async def test_a_slow_provider_times_out(
    connection_id: str, github: GitHub, start: StartService
) -> None:
    hasty = await start(provider_timeout_seconds=0.01)
    await github.fault({"kind": "slow", "delay": 60})
    params = {"connectionId": connection_id, "containerId": REPOSITORY}
    answer = await hasty.client.get(f"{BASE}/items", params=params)
    error_of(answer, 504, "provider_timeout")


async def test_a_refused_credential_is_asked_for_once_and_then_no_more(
    items: Items, remembered: Remembered, github: GitHub, client: httpx.AsyncClient
) -> None:
    await github.fault({"kind": "unauthorized"})
    error = error_of(await items(), 409, "reauthorization_required")
    assert error["details"] == {"reauthorizeUrl": None}
    record = await remembered()
    assert record["status"] == "reauth_required"
    assert record["lastError"]["code"] == "reauthorization_required"
    await github.fault()
    await github.forget()
    for _ in range(3):
        error_of(await items(), 409, "reauthorization_required")
    assert await github.requests() == {}
    entries = items_of(await client.get("/api/audit-logs?action=connection.reauth_required"))
    assert [entry["outcome"] for entry in entries] == ["failure"]


async def test_health_follows_the_calls(
    items: Items, remembered: Remembered, github: GitHub
) -> None:
    async def health() -> str:
        value: str = (await remembered())["health"]
        return value

    assert await health() == "ok"
    await github.fault({"kind": "server_error"})
    seen = []
    for _ in range(4):
        await items()
        seen.append(await health())
    assert seen == ["degraded", "degraded", "failing", "failing"]
    await github.fault()
    items_of(await items())
    record = await remembered()
    assert (record["health"], record["lastError"]) == ("ok", None)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("items", {"containerId": "repo:999999"}),
        ("items/999999:issue:1", {}),
        ("items/1296269:issue:13", {}),
        ("items/1296269:issue:99999", {}),
        ("comments", {"itemId": "1296269:issue:13"}),
        ("containers", {"parentId": "org:nobody"}),
        ("items", {"containerId": "repo:1296277"}),
    ],
)
async def test_what_is_gone_or_hidden_is_not_found_at_the_provider(
    client: httpx.AsyncClient,
    connection_id: str,
    remembered: Remembered,
    path: str,
    params: dict[str, str],
) -> None:
    answer = await client.get(f"{BASE}/{path}", params={"connectionId": connection_id, **params})
    assert error_of(answer, 404, "not_found")["details"]["at"] == "provider"
    assert (await remembered())["health"] == "ok"


async def test_what_is_taken_down_is_forbidden_at_the_provider(
    items: Items, remembered: Remembered
) -> None:
    error = error_of(await items(containerId="repo:1296281"), 403, "forbidden")
    assert error["details"]["at"] == "provider"
    assert (await remembered())["health"] == "ok"


async def test_a_missing_scope_is_told_and_harms_nothing(client: httpx.AsyncClient) -> None:
    connection_id = await connect(client, "ghp_sandbox_noscope")
    params = {"connectionId": connection_id, "type": "organization"}
    error = error_of(
        await client.get(f"{BASE}/containers", params=params), 403, "insufficient_scope"
    )
    assert error["details"] == {"missingScopes": ["read:org"], "reauthorizeUrl": None}
    record = data_of(await client.get(f"/api/connections/{connection_id}"))
    assert (record["status"], record["health"]) == ("connected", "ok")


async def test_a_list_without_a_scope_says_that_it_is_not_whole(client: httpx.AsyncClient) -> None:
    connection_id = await connect(client, "ghp_sandbox_noscope")
    page = data_of(await client.get(f"{BASE}/containers?connectionId={connection_id}"))
    assert page["truncated"] is True
    assert {entry["type"] for entry in page["items"]} == {"repository"}


async def test_the_first_use_is_remembered(items: Items, remembered: Remembered) -> None:
    assert (await remembered())["lastUsedAt"] is None
    items_of(await items())
    used = (await remembered())["lastUsedAt"]
    assert TIME.fullmatch(used)
    items_of(await items())
    assert (await remembered())["lastUsedAt"] == used


async def test_the_providers_limit_is_told_on_every_browse_route(
    client: httpx.AsyncClient, connection_id: str
) -> None:
    left: list[int] = []
    for path in (
        "containers?",
        f"items?containerId={REPOSITORY}&",
        "items/1296269:issue:42?",
        "comments?itemId=1296269:issue:42&",
    ):
        answer = await client.get(f"{BASE}/{path}connectionId={connection_id}")
        data_of(answer)
        assert answer.headers["X-Provider-RateLimit-Limit"] == "5000"
        assert int(answer.headers["X-Provider-RateLimit-Reset"]) > 1_600_000_000
        left.append(int(answer.headers["X-Provider-RateLimit-Remaining"]))
    assert left == sorted(left, reverse=True)
    assert len(set(left)) == 4


@pytest.mark.parametrize(
    ("status", "answered", "code"),
    [
        (400, 422, "provider_rejected"),
        (422, 422, "provider_rejected"),
        (409, 409, "conflict"),
        (403, 403, "forbidden"),
        (410, 404, "not_found"),
    ],
)
async def test_a_refusal_of_one_request_harms_no_health(
    notes_service: Service, notes: NotesProvider, status: int, answered: int, code: str
) -> None:
    client = notes_service.client
    key = {"apiKey": "k", "apiSecret": "s", "config": {"site": "a"}}
    connected = data_of(await client.post("/api/connectors/notes/connect/callback", json=key), 201)
    params = {"connectionId": connected["connectionId"]}
    notes.answers["/books"] = JSONResponse({"message": "not like this"}, status)
    for _ in range(3):
        answer = await client.get("/api/connectors/notes/containers", params=params)
        details = error_of(answer, answered, code)["details"]
        assert (details["at"], details["message"]) == ("provider", "not like this")
    record = data_of(await client.get(f"/api/connections/{connected['connectionId']}"))
    assert (record["status"], record["health"]) == ("connected", "ok")


async def test_a_limit_is_told_on_the_error_too(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    await github.fault({"kind": "primary_limit"})
    params = {"connectionId": connection_id}
    answer = await client.get("/api/connectors/github/containers", params=params)
    error_of(answer, 429, "rate_limited")
    assert answer.headers["X-Provider-RateLimit-Remaining"] == "0"


async def test_a_provider_that_answers_again_is_well_whatever_it_answers(
    client: httpx.AsyncClient, connection_id: str, github: GitHub
) -> None:
    params = {"connectionId": connection_id}
    await github.fault({"kind": "server_error"})
    for _ in range(3):
        await client.get("/api/connectors/github/containers", params=params)
    path = f"/api/connections/{connection_id}"
    assert data_of(await client.get(path))["health"] == "failing"
    await github.fault()
    gone = {**params, "containerId": "repo:1296280"}
    error_of(await client.get("/api/connectors/github/items", params=gone), 404, "not_found")
    assert data_of(await client.get(path))["health"] == "ok"
