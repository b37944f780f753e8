"""The outermost layer: ids, headers, the access log, and the last catch for exceptions."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from src.core.errors import AppError
from src.core.logging import bind_log_context, get_logger
from src.core.middleware import ASGIApp, Receive, RequestContext, Scope, Send
from src.models.ids import IdPrefix
from tests.core.conftest import Log, StartLog

PAGE = "/docs"
log = get_logger(__name__)


def error_response(error: AppError, scope: Scope) -> ASGIApp:
    """The error's code and the request's id, as plain text."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        body = f"{error.code}: {error.message} ({scope['state']['request_id']})".encode()
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return answer


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the request's id; some paths fail in their own ways."""
    log.info("app.called")
    if scope["path"] == "/bind":
        bind_log_context(tenant="acme")
    if scope["path"] == "/crash":
        raise RuntimeError("boom")
    headers: list[tuple[bytes, bytes]] = []
    if scope["path"] == "/own-headers":
        headers = [(b"Cache-Control", b"max-age=60"), (b"Content-Security-Policy", b"own")]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    if scope["path"] == "/crash-late":
        raise RuntimeError("boom")
    await send({"type": "http.response.body", "body": scope["state"]["request_id"].encode()})


def ours(written: Log) -> list[dict[str, Any]]:
    """The log without the lines of the test's own client."""
    return [line for line in written.lines() if line["logger"] != "httpx"]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    context = RequestContext(app, error_response=error_response, html_paths=[PAGE])
    transport = httpx.ASGITransport(app=context, client=("203.0.113.9", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.mark.parametrize("name", ["X-Request-Id", "X-Correlation-Id"])
@pytest.mark.parametrize("given", ["abc", "A-b_c.9", "x" * 128])
async def test_a_request_id_of_the_caller_is_taken(
    client: httpx.AsyncClient, name: str, given: str
) -> None:
    answer = await client.get("/", headers={name: given})
    assert answer.headers.get_list("X-Request-Id") == [given]
    assert answer.text == given


@pytest.mark.parametrize("name", ["X-Request-Id", "X-Correlation-Id"])
@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a/b", "a\tb", "ü".encode(), 'a"}{'])
async def test_a_request_id_that_cannot_be_is_replaced(
    client: httpx.AsyncClient, name: str, given: str | bytes
) -> None:
    answer = await client.get("/", headers=[(name.encode(), _bytes(given))])
    assert IdPrefix.REQUEST.owns(answer.headers["X-Request-Id"])
    assert answer.text == answer.headers["X-Request-Id"]


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


async def test_a_request_without_an_id_is_given_one_of_its_own(client: httpx.AsyncClient) -> None:
    ids = {(await client.get("/")).headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(IdPrefix.REQUEST.owns(value) for value in ids)


async def test_the_request_id_goes_before_the_correlation_id(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers={"X-Correlation-Id": "two", "X-Request-Id": "one"})
    assert answer.headers["X-Request-Id"] == "one"


async def test_a_crash_before_the_answer_is_an_answer_with_the_request_id(
    client: httpx.AsyncClient, start_log: StartLog
) -> None:
    written = start_log()
    answer = await client.get("/crash", headers={"X-Request-Id": "req-7"})
    assert answer.status_code == 500
    assert answer.text == "internal_error: Something went wrong on our side. (req-7)"
    assert answer.headers["X-Request-Id"] == "req-7"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    _, failed, served = ours(written)
    assert (failed["event"], failed["error"]) == ("request.failed", "RuntimeError")
    assert "boom" in failed["exception"]
    assert failed["request_id"] == "req-7"
    assert (served["event"], served["status"]) == ("request.served", 500)


async def test_a_crash_after_the_answer_began_breaks_the_connection(
    client: httpx.AsyncClient, start_log: StartLog
) -> None:
    written = start_log()
    with pytest.raises(RuntimeError, match="boom"):
        await client.get("/crash-late")
    events = [(line["event"], line.get("status")) for line in ours(written)]
    assert events == [("app.called", None), ("request.failed", None), ("request.served", 201)]


async def test_every_answer_has_security_headers(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/")).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_a_page_may_load_its_scripts_and_is_not_framed(client: httpx.AsyncClient) -> None:
    headers = (await client.get(PAGE)).headers
    assert "Content-Security-Policy" not in headers
    assert headers["X-Frame-Options"] == "DENY"


async def test_headers_of_the_route_win(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/own-headers")).headers
    assert headers.get_list("Cache-Control") == ["max-age=60"]
    assert headers.get_list("Content-Security-Policy") == ["own"]


async def test_the_access_log_says_what_was_served_without_the_query(
    client: httpx.AsyncClient, start_log: StartLog
) -> None:
    written = start_log()
    await client.post(
        "/api/items?session=hunter2",
        headers={
            "X-Request-Id": "req-7",
            "X-Api-Tag": "checkout",
            "Authorization": "Bearer hunter2",
        },
    )
    text = written.text()
    assert "hunter2" not in text
    assert text.count("request.served") == 1
    assert '"api_tag":"checkout"' in text


async def test_a_line_of_the_access_log_has_these_fields(
    client: httpx.AsyncClient, start_log: StartLog
) -> None:
    written = start_log()
    await client.post("/api/items", headers={"X-Request-Id": "req-7"})
    line = ours(written)[-1]
    assert line.pop("timestamp")
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request.served",
        "level": "info",
        "logger": "src.core.middleware",
        "request_id": "req-7",
        "method": "POST",
        "path": "/api/items",
        "status": 201,
        "ip": "203.0.113.9",
        "api_tag": None,
    }


async def test_a_path_cannot_steer_the_terminal_of_who_reads_the_log(
    client: httpx.AsyncClient, start_log: StartLog
) -> None:
    written = start_log()
    await client.get("/a%1b%5B31mred%00%7f")
    assert ours(written)[-1]["path"] == r"/a\x1b[31mred\x00\x7f"


@pytest.mark.parametrize(("length", "logged"), [(1, 1), (64, 64), (65, 64), (500, 64)])
async def test_a_tag_is_logged_up_to_64_characters(
    client: httpx.AsyncClient, start_log: StartLog, length: int, logged: int
) -> None:
    written = start_log()
    await client.get("/", headers={"X-Api-Tag": "t" * length})
    assert ours(written)[-1]["api_tag"] == "t" * logged


async def test_what_one_request_bound_does_not_reach_the_next(
    client: httpx.AsyncClient, start_log: StartLog
) -> None:
    written = start_log()
    await client.get("/bind", headers={"X-Request-Id": "one"})
    await client.get("/", headers={"X-Request-Id": "two"})
    bound = [(line["request_id"], line.get("tenant")) for line in ours(written)]
    assert bound == [("one", None), ("one", "acme"), ("two", None), ("two", None)]


async def test_what_is_not_http_passes_untouched() -> None:
    seen: list[Any] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((dict(scope), receive, send))

    async def receive() -> dict[str, Any]:
        return {}

    async def send(message: Any) -> None:
        raise AssertionError("nothing is sent")

    scope = {"type": "lifespan"}
    await RequestContext(inner, error_response=error_response)(scope, receive, send)
    assert seen == [({"type": "lifespan"}, receive, send)]


@pytest.mark.parametrize("name", ["Host", "Authorization", "X-Tenant-Id", "X-User-Id"])
async def test_what_decides_is_said_once(client: httpx.AsyncClient, name: str) -> None:
    headers = [("Host", "localhost"), (name, "localhost"), (name.lower(), "other")]
    twice = await client.get("/", headers=headers if name != "Host" else headers[1:])
    assert "bad_request: The header" in twice.text
    assert name in twice.text
    assert twice.headers["X-Request-Id"]
    once = await client.get("/", headers={name: "localhost"})
    assert once.status_code == 201
