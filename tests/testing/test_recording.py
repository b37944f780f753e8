"""What is written down of a provider's answers while it is asked."""

import httpx
import pytest

from src.connectors.rest.client import Address
from src.core.outbound import Request
from src.testing.recorded import RecordingError
from src.testing.recording import Recorder

URL = "https://api.example.com/v3"
ADDRESS = Address(URL, hosts={"files": "https://files.example.com"})
TOKEN = "tok_5up3rs3cret"
HEADERS = {
    "link": f'<{URL}/things?page=2>; rel="next"',
    "set-cookie": "session=abc",
    "x-request-id": "7",
    "x-auth-token": TOKEN,
}


def answering(*answers: httpx.Response) -> Recorder:
    left = list(answers)
    return Recorder(httpx.MockTransport(lambda _: left.pop(0)), guarded=False)


async def test_only_headers_that_were_read_are_kept_and_never_a_secret() -> None:
    recorder = answering(httpx.Response(200, json=[1], headers=HEADERS))
    answer = await recorder.send(Request("GET", f"{URL}/things", {"Authorization": TOKEN}))
    for name in ("link", "set-cookie", "x-auth-token", "etag"):
        answer.headers.get(name)
    (exchange,) = recorder.exchanges(ADDRESS)
    kept = exchange.response.headers
    assert kept == {
        "content-type": "application/json",
        "link": '<{provider}/things?page=2>; rel="next"',
    }
    assert TOKEN not in repr(exchange)


async def test_paths_and_bodies_stand_below_the_providers_addresses() -> None:
    recorder = answering(
        httpx.Response(201, json={"self": f"{URL}/things/1", "web": "https://example.com/1"}),
        httpx.Response(200, text="plain https://files.example.com/f"),
        httpx.Response(204),
    )
    await recorder.send(Request("POST", f"{URL}/things?a=1", {}, b'{"title": "x"}'))
    await recorder.send(Request("POST", "https://files.example.com/f", {}, b"a=1&b=2"))
    await recorder.send(Request("DELETE", "https://example.com/elsewhere"))
    made, file, gone = recorder.exchanges(ADDRESS)
    assert (made.request.path, made.request.json) == ("/things?a=1", {"title": "x"})
    assert made.response.json == {"self": "{provider}/things/1", "web": "https://example.com/1"}
    assert (file.request.path, file.request.text) == ("/f", "a=1&b=2")
    assert file.response.text == "plain {provider}/f"
    assert gone.request.path == "/elsewhere"
    assert gone.response.content("https://x.example") == b""


async def test_trouble_that_passes_is_not_kept() -> None:
    recorder = answering(*(httpx.Response(status) for status in (429, 503, 404, 200)))
    for _ in range(4):
        await recorder.send(Request("GET", f"{URL}/things"))
    assert [one.response.status for one in recorder.exchanges(ADDRESS)] == [404, 200]
    recorder.forget()
    assert recorder.exchanges(ADDRESS) == []


async def test_bytes_that_nobody_can_look_at_are_refused() -> None:
    recorder = answering(httpx.Response(200, content=b"\xff\xfe\x00"))
    await recorder.send(Request("GET", f"{URL}/picture"))
    with pytest.raises(RecordingError, match="no text"):
        recorder.exchanges(ADDRESS)
