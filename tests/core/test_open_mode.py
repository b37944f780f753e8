"""The rule that keeps web pages away from an API that asks for no key."""

import httpx
import pytest

from src.core.errors import AppError
from src.core.middleware import ASGIApp, OpenModeGuard, Receive, Scope, Send

PUBLIC_URL = "http://connect.localdev:8000/"
ALLOWED = "https://app.example.com"
HERE = "localhost:8000"


def answer_with(status: int, text: str) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": text.encode()})

    return answer


def error_response(error: AppError, scope: Scope) -> ASGIApp:
    return answer_with(403, f"{error.code}: {error.message}")


async def call(headers: dict[str, str], scheme: str = "http") -> httpx.Response:
    guard = OpenModeGuard(
        answer_with(200, "served"),
        public_url=PUBLIC_URL,
        allowed_origins=[ALLOWED],
        error_response=error_response,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=guard)) as client:
        return await client.get(f"{scheme}://placeholder/", headers=headers)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:3000",
        "127.0.0.1:8000",
        "[::1]",
        "[::1]:8000",
        "192.168.1.20:8000",
        "connect.localdev",
        "Connect.LocalDev:8000",
    ],
)
async def test_a_host_of_ours_is_served(host: str) -> None:
    answer = await call({"Host": host})
    assert (answer.status_code, answer.text) == (200, "served")


@pytest.mark.parametrize(
    "host",
    [
        "evil.com",
        "evil.com:8000",
        "localhost.evil.com",
        "127.0.0.1.evil.com",
        "127.0.0.1.nip.io",
        "evil.com.",
        "connect.localdev.evil.com",
        "",
        "[",
        "[::1",
        "]:8000",
        "[localhost]",
        ":8000",
        "2130706433",
    ],
)
async def test_a_foreign_or_malformed_host_is_refused(host: str) -> None:
    answer = await call({"Host": host})
    assert answer.status_code == 403
    assert answer.text.startswith("forbidden: In open mode the API answers only to PUBLIC_URL")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (HERE, f"http://{HERE}"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        (HERE, "http://connect.localdev:8000"),
        (HERE, ALLOWED),
    ],
)
async def test_a_page_of_ours_or_an_allowed_one_is_served(host: str, origin: str) -> None:
    assert (await call({"Host": host, "Origin": origin})).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.com",
        "null",
        "",
        "http://localhost:3000",
        "http://localhost",
        f"https://{HERE}",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.com",
        "https://evil.com/https://app.example.com",
        "[",
    ],
)
async def test_any_other_page_is_refused(origin: str) -> None:
    answer = await call({"Host": HERE, "Origin": origin})
    assert answer.status_code == 403
    assert answer.text.startswith("forbidden: In open mode a web page may call")


async def test_a_page_that_rebinds_its_own_name_is_refused_though_it_is_the_same_origin() -> None:
    answer = await call({"Host": "evil.com:8000", "Origin": "http://evil.com:8000"})
    assert answer.status_code == 403


async def test_behind_tls_our_own_page_is_the_https_one() -> None:
    headers = {"Host": HERE, "Origin": f"https://{HERE}"}
    assert (await call(headers, scheme="https")).status_code == 200


async def test_a_request_without_a_host_is_refused() -> None:
    status: list[int] = []

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    guard = OpenModeGuard(
        answer_with(200, "served"),
        public_url=PUBLIC_URL,
        allowed_origins=[],
        error_response=error_response,
    )
    await guard({"type": "http", "scheme": "http", "headers": []}, None, send)
    assert status == [403]


async def test_what_is_not_http_passes() -> None:
    seen: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    guard = OpenModeGuard(
        inner, public_url=PUBLIC_URL, allowed_origins=[], error_response=error_response
    )
    await guard({"type": "lifespan"}, None, None)
    assert seen == ["lifespan"]


@pytest.mark.parametrize(
    ("site", "mode", "status"),
    [
        ("cross-site", "no-cors", 403),
        ("same-site", "no-cors", 403),
        ("cross-site", "navigate", 200),
        ("same-origin", "cors", 200),
        ("none", "navigate", 200),
    ],
)
async def test_what_another_page_embeds_is_refused_without_an_origin_too(
    site: str, mode: str, status: int
) -> None:
    answer = await call({"Host": HERE, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode})
    assert answer.status_code == status
