"""Which web pages may call the API from a browser, and how the others are told."""

from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of
from tests.api.callers import LOCKED
from tests.conftest import StartService

PAGE = "https://app.example"
ASKS = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
URL = "/api/connections"


async def begun(start: StartService, **settings: Any) -> httpx.AsyncClient:
    return (await start(**{**LOCKED, "cors_allow_origins": [PAGE], **settings})).client


async def test_a_page_on_the_list_may_ask_and_read(start: StartService) -> None:
    client = await begun(start)
    asked = await client.options(URL, headers={**ASKS, "Access-Control-Request-Headers": "x-a"})
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == PAGE
    refused = await client.get(URL, headers={"Origin": PAGE})
    error_of(refused, 401, "unauthorized")
    assert refused.headers["access-control-allow-origin"] == PAGE
    assert "X-Request-Id" in refused.headers["access-control-expose-headers"]
    for answer in (asked, refused):
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {**ASKS, "Origin": "https://evil.example"},
        {**ASKS, "Origin": f"{PAGE}.evil.example"},
        {**ASKS, "Origin": "null"},
        {**ASKS, "Access-Control-Request-Method": "DELETE"},
        {**ASKS, "Access-Control-Request-Headers": "x-unlisted"},
    ],
    ids=["origin", "longer origin", "no origin", "method", "header"],
)
async def test_a_refused_preflight_is_enveloped(
    start: StartService, headers: dict[str, str]
) -> None:
    client = await begun(start, cors_allow_methods=["POST"], cors_allow_headers=["x-listed"])
    answer = await client.options(URL, headers=headers)
    error_of(answer, 403, "forbidden")
    assert answer.headers["X-Request-Id"]
    assert answer.headers["Vary"] == "Origin"
    assert "access-control-allow-origin" not in answer.headers


async def test_another_page_cannot_read_the_answer(start: StartService) -> None:
    client = await begun(start)
    answer = await client.get("/", headers={"Origin": "https://evil.example"})
    data_of(answer)
    assert "access-control-allow-origin" not in answer.headers


async def test_what_is_no_preflight_is_any_request(start: StartService) -> None:
    client = await begun(start)
    error_of(await client.options(URL, headers={"Origin": PAGE}), 405, "method_not_allowed")


async def test_every_page_may_only_be_named_where_callers_prove_themselves(
    start: StartService,
) -> None:
    client = await begun(start, cors_allow_origins=["*"])
    answer = await client.options(URL, headers={**ASKS, "Origin": "https://any.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
