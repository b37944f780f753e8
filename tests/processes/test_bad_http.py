"""Requests that are no HTTP, or HTTP at its edges, from raw sockets to a real server."""

import pytest

from tests.processes.conftest import Server
from tests.processes.wire import GOOD, HEADERS, Wire, ask, get, named

BREW = b"BREW / HTTP/1.1\r\n" + HEADERS + b"\r\n"

NEVER_HTTP: dict[str, bytes] = {
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "an HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a word": b"hello\r\n\r\n",
    "nul bytes": b"\x00" * 64,
    "a method in small letters": GOOD.replace(b"GET", b"get"),
    "a method that nobody has": BREW,
    "no path": GOOD.replace(b"GET /", b"GET"),
    "a path without its slash": GOOD.replace(b"GET /", b"GET x"),
    "a blank in the path": get(b"/a b"),
    "a nul in the path": get(b"/\x00"),
    "latin-1 in the path": get(b"/caf\xe9"),
    "utf-8 in the path": get("/café".encode()),
    "utf-8 in the query": get("/api/connections?cursor=é".encode()),
    "a path of 70 kB": get(b"/" + b"a" * 70_000),
    "a query of 70 kB": get(b"/?a=" + b"a" * 70_000),
    "a future version": GOOD.replace(b"HTTP/1.1", b"HTTP/9.9"),
    "a malformed version": GOOD.replace(b"HTTP/1.1", b"HTTP/1.x"),
    "another protocol": GOOD.replace(b"HTTP/1.1", b"SIP/2.0"),
    "lines that end with LF alone": GOOD.replace(b"\r\n", b"\n"),
    "a header without a colon": get(b"/", b"X-A\r\n"),
    "a header without a name": get(b"/", b": a\r\n"),
    "a blank before the colon": get(b"/", b"X-A : a\r\n"),
    "a blank in a name": get(b"/", b"X A: a\r\n"),
    "a folded header": get(b"/", b"X-A: a\r\n b\r\n"),
    "a nul in a header": get(b"/", b"X-A: a\x00b\r\n"),
    "a nul in a name": get(b"/", b"X\x00A: a\r\n"),
    "utf-8 in a name": get(b"/", "X-Ä: a\r\n".encode()),
    "a bare CR in a header": get(b"/", b"X-A: a\rX-B: b\r\n"),
    "a tunnel": b"CONNECT example.com:443 HTTP/1.1\r\n" + HEADERS + b"\r\n",
}

AT_ITS_EDGES: dict[str, tuple[bytes, int, str]] = {
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 403, "forbidden"),
    "two hosts": (get(b"/", b"Host: 127.0.0.1\r\n"), 400, "bad_request"),
    "two tenants": (
        get(b"/api/connections", b"X-Tenant-Id: a\r\nX-Tenant-Id: b\r\n"),
        400,
        "bad_request",
    ),
    "HTTP/1.0 without a host": (b"GET / HTTP/1.0\r\n\r\n", 403, "forbidden"),
    "HTTP/0.9": (b"GET /\r\n\r\n", 403, "forbidden"),
    "the whole server": (GOOD.replace(b"GET /", b"OPTIONS *"), 404, "not_found"),
    "a method of WebDAV": (GOOD.replace(b"GET", b"PROPFIND"), 405, "method_not_allowed"),
    "an encoded nul": (get(b"/api/connectors/%00"), 404, "not_found"),
    "no utf-8, encoded": (get(b"/api/connectors/%ff%fe"), 404, "not_found"),
    "half an escape": (get(b"/api/connectors/%"), 404, "not_found"),
    "steps upward": (get(b"/api/../../etc/passwd"), 404, "not_found"),
    "an encoded new line": (get(b"/api/connectors/a%0d%0aX-Evil:%201"), 404, "not_found"),
    "a path of 60 kB": (get(b"/" + b"a" * 60_000), 404, "not_found"),
    "an encoded nul in a query": (get(b"/api/connections?cursor=%00"), 400, "invalid_cursor"),
    "a query of 60 kB": (get(b"/api/connections?a=" + b"a" * 60_000), 422, "validation_error"),
    "latin-1 in a header": (
        b"GET /api/connections HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Tenant-Id: \xff\xfe\r\n\r\n",
        422,
        "validation_error",
    ),
}


@pytest.mark.parametrize("content", NEVER_HTTP.values(), ids=NEVER_HTTP.keys())
def test_what_is_no_http_is_refused_in_plain_text_and_the_connection_ends(
    server: Server, content: bytes
) -> None:
    with Wire(server) as wire:
        (answer,) = wire.send(content).answers()
    assert answer.status == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["connection"] == "close"
    assert not answer.is_ours


@pytest.mark.parametrize(
    ("content", "status", "code"), AT_ITS_EDGES.values(), ids=AT_ITS_EDGES.keys()
)
def test_http_at_its_edges_is_answered_in_our_own_form(
    server: Server, content: bytes, status: int, code: str
) -> None:
    answer = ask(server, content)
    assert (answer.status, answer.error["code"]) == (status, code)
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    "content",
    [
        b"\r\n\r\n" + GOOD,
        GOOD.replace(b"GET /", b"GET http://127.0.0.1/"),
        get(b"/", b"X-Api-Tag: \xff\xfe\x80\r\n"),
        get(b"/", *(b"X-%d: a\r\n" % number for number in range(500))),
        get(b"/", b"X-A: " + b"a" * 60_000 + b"\r\n"),
        get(b"/", b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: A\r\n"),
    ],
    ids=["blank lines before", "a whole address", "latin-1", "500 headers", "60 kB", "h2c"],
)
def test_what_is_unusual_and_allowed_is_served(server: Server, content: bytes) -> None:
    answer = ask(server, content)
    assert answer.status == 200
    assert answer.is_ours


def test_a_request_may_come_a_byte_at_a_time(server: Server) -> None:
    with Wire(server) as wire:
        for byte in GOOD:
            wire.send(bytes((byte,)))
        assert wire.answer().status == 200


def test_http_1_0_is_answered_and_the_connection_ends(server: Server) -> None:
    old = GOOD.replace(b"HTTP/1.1", b"HTTP/1.0")
    for content in (old, old.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n")):
        with Wire(server) as wire:
            (answer,) = wire.send(content).answers()
        assert answer.status == 200
        assert answer.headers["connection"] == "close"


def test_a_websocket_is_refused(server: Server) -> None:
    handshake = (
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    )
    with Wire(server) as wire:
        (answer,) = wire.send(get(b"/", *handshake)).answers()
    assert answer.status == 403


def test_a_head_without_end_is_refused(server: Server) -> None:
    for part in (b"a" * 1000, b"a" * 1000 + b"\r\nX-A: "):
        with Wire(server) as wire:
            wire.send(GOOD[:-2] + b"X-A: ").trickle(part * 100)
            (answer,) = wire.answers()
        assert answer.status == 400
        assert answer.body == b"The head of the request is too large."


def test_large_heads_one_after_the_other_are_each_weighed_alone(server: Server) -> None:
    head = get(b"/", b"X-A: " + b"a" * 40_000 + b"\r\n")
    with Wire(server) as wire:
        for _ in range(20):
            for at in range(0, len(head), 2000):
                wire.send(head[at : at + 2000])
            assert wire.answer().status == 200


def test_pipelined_requests_are_answered_in_their_order(server: Server) -> None:
    names = [f"pipelined-{number}" for number in range(20)]
    paths = (b"/", b"/api/connectors", b"/api/nowhere", b"/openapi.json")
    requests = [get(paths[at % 4], named(name)) for at, name in enumerate(names)]
    with Wire(server) as wire:
        wire.send(b"".join(requests))
        answers = [wire.answer() for _ in names]
    assert [answer.headers["x-request-id"] for answer in answers] == names
    assert [answer.status for answer in answers] == [200, 200, 404, 200] * 5


def test_nothing_is_served_behind_a_request_that_closes(server: Server) -> None:
    last = get(b"/", b"Connection: close\r\n", named("last"))
    with Wire(server) as wire:
        (answer,) = wire.send(last + get(b"/", named("behind"))).answers()
    assert answer.headers["x-request-id"] == "last"
    assert ask(server, GOOD).status == 200
    assert "behind" not in server.log.read_text()


def test_a_broken_request_ends_its_own_connection_only(server: Server) -> None:
    with Wire(server) as good, Wire(server) as bad:
        assert good.send(GOOD).answer().status == 200
        assert bad.send(GOOD).answer().status == 200
        assert bad.send(BREW).answers()[-1].status == 400
        assert good.send(GOOD).answer().status == 200
