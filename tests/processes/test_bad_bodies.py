"""Bodies that lie about their length, are framed twice, or break off, from raw sockets."""

import json

import pytest

from tests.processes.conftest import Server, until
from tests.processes.wire import GOOD, VALIDATE, Wire, ask, chunked, get, named, post, slow_github

CHUNKED = b"Transfer-Encoding: chunked\r\n"
EXPECT = b"Expect: 100-continue\r\n"
SMUGGLED = b"0\r\n\r\n" + get(b"/", named("smuggled"))


def length(number: int | bytes) -> bytes:
    return b"Content-Length: %b\r\n" % str(number).encode()


def coded(coding: bytes) -> bytes:
    return b"Transfer-Encoding: " + coding + b"\r\n"


def sized(text: bytes) -> bytes:
    return b"Content-Length: " + text + b"\r\n"


FRAMED_BADLY: dict[str, bytes] = {
    "a negative length": post(sized(b"-1"), body=b"{}"),
    "a length with a plus": post(sized(b"+2"), body=b"{}"),
    "a length in hexadecimal": post(sized(b"0x2"), body=b"{}"),
    "a length that is a word": post(sized(b"two"), body=b"{}"),
    "no length after its name": post(sized(b""), body=b"{}"),
    "a length beyond 64 bits": post(sized(b"9" * 23), body=b"{}"),
    "two lengths": post(sized(b"2"), sized(b"3"), body=b"{}}"),
    "the same length twice": post(sized(b"2"), sized(b"2"), body=b"{}"),
    "a list of lengths": post(sized(b"2, 2"), body=b"{}"),
    "a length and chunks": post(sized(b"%d" % len(SMUGGLED)), CHUNKED, body=SMUGGLED),
    "chunks and a length": post(CHUNKED, sized(b"4"), body=SMUGGLED),
    "another coding": post(coded(b"xchunked"), body=SMUGGLED),
    "chunks that are not last": post(coded(b"chunked, identity"), body=SMUGGLED),
    "chunks twice": post(CHUNKED, CHUNKED, body=SMUGGLED),
    "a coding behind a tab": post(coded(b"\x0bchunked"), body=SMUGGLED),
    "a size that is no number": post(CHUNKED, body=b"zz\r\n{}\r\n0\r\n\r\n"),
    "a negative size": post(CHUNKED, body=b"-2\r\n{}\r\n0\r\n\r\n"),
    "a size with a prefix": post(CHUNKED, body=b"0x2\r\n{}\r\n0\r\n\r\n"),
    "a size beyond 64 bits": post(CHUNKED, body=b"f" * 17 + b"\r\n{}\r\n0\r\n\r\n"),
    "a chunk longer than its size": post(CHUNKED, body=b"2\r\n{}}}\r\n0\r\n\r\n"),
    "a chunk that ends with LF alone": post(CHUNKED, body=b"2\n{}\n0\n\n"),
    "a body longer than its length": post(sized(b"2"), body=b"{}{}\r\n\r\n"),
}


def line_of(server: Server, request_id: str) -> dict[str, object]:
    """What the access log says about a request, as soon as it says it."""
    found: list[dict[str, object]] = []

    def is_there() -> bool:
        lines = server.log.read_text().splitlines()
        found.extend(json.loads(line) for line in lines if request_id in line)
        return bool(found)

    until(is_there)
    return found[0]


@pytest.mark.parametrize("content", FRAMED_BADLY.values(), ids=FRAMED_BADLY.keys())
def test_a_body_that_is_framed_badly_is_refused_and_nothing_behind_it_is_served(
    server: Server, content: bytes
) -> None:
    with Wire(server) as wire:
        answers = wire.send(content).answers()
    assert answers[-1].status == 400
    assert {answer.status for answer in answers} <= {400, 422}
    assert ask(server, GOOD).status == 200
    assert "smuggled" not in server.log.read_text()


@pytest.mark.parametrize("parts", [[b"{}"], [b"{", b"}"], [b" "] * 300 + [b"{}"]])
def test_a_chunked_body_is_read(server: Server, parts: list[bytes]) -> None:
    answer = ask(server, post(CHUNKED, body=chunked(parts)))
    assert answer.error["details"]["errors"][0]["field"] == "credentials"


def test_a_trailer_is_not_taken_for_a_header(server: Server) -> None:
    body = b"2\r\n{}\r\n0\r\nX-Request-Id: trailed\r\nX-Tenant-Id: globex\r\n\r\n"
    answer = ask(server, post(CHUNKED, body=body))
    assert answer.status == 422
    assert answer.error["requestId"].startswith("req_")


def test_a_body_shorter_than_its_length_is_nobodys_request(server: Server) -> None:
    content = post(length(200), named("too-short"), body=b"{}")
    with Wire(server) as wire:
        assert wire.send(content).end_of_sending().answers() == []
    assert line_of(server, "too-short")["status"] == 400


@pytest.mark.parametrize("framing", [length(200), CHUNKED], ids=["length", "chunks"])
def test_a_caller_may_hang_up_in_mid_body(server: Server, framing: bytes) -> None:
    name = f"hung-up-{len(framing)}"
    with Wire(server) as wire:
        wire.send(post(framing, named(name), EXPECT))
        assert wire.answer().status == 100
        wire.send(b"2\r\n{ \r\n")
        wire.reset()
    assert line_of(server, name)["status"] == 400


def test_a_caller_may_hang_up_before_the_answer(server: Server) -> None:
    path = "/api/connectors/github/items?containerId=repo:1296269&connectionId="
    request = get((path + server.connect()).encode(), named("hung-up-early"))
    with slow_github(server, 0.5) as is_asked, Wire(server) as wire:
        wire.send(request)
        until(is_asked)
        wire.reset()
        assert line_of(server, "hung-up-early")["status"] == 200


def test_a_caller_may_hang_up_in_mid_answer(server: Server) -> None:
    before = server.open_files()
    with Wire(server) as wire:
        wire.send(get(b"/openapi.json") * 200)
        assert wire.socket.recv(100).startswith(b"HTTP/1.1 200 ")
        wire.reset()
    until(lambda: server.open_files() <= before)


def test_a_body_that_is_announced_too_large_is_refused_before_it_is_sent(server: Server) -> None:
    with Wire(server) as wire:
        answer = wire.send(post(length(10_000_000), EXPECT)).answer()
    assert answer.status == 413
    assert answer.error["code"] == "payload_too_large"


def test_a_chunked_body_is_refused_where_it_becomes_too_large(server: Server) -> None:
    with Wire(server) as wire:
        wire.send(post(CHUNKED)).trickle(b"40000\r\n" + b" " * 0x40000 + b"\r\n")
        answer = wire.answer()
    assert answer.status == 413
    assert answer.error["code"] == "payload_too_large"


def test_a_caller_that_asks_first_is_told_to_go_on(server: Server) -> None:
    with Wire(server) as wire:
        assert wire.send(post(length(2), EXPECT)).answer().status == 100
        assert wire.send(b"{}").answer().status == 422
        assert wire.send(GOOD).answer().status == 200


def test_a_route_without_a_body_does_not_ask_for_it(server: Server) -> None:
    with Wire(server) as wire:
        assert wire.send(get(b"/", length(2), EXPECT)).answer().status == 200


def test_pipelined_bodies_are_kept_apart(server: Server) -> None:
    bodies = [b'{"credentials": {"apiKey": "' + b"x" * size + b'"}}' for size in (1, 40_000, 2)]
    names = [f"body-{number}" for number in range(3)]
    requests = [
        post(length(len(body)), named(name), body=body)
        for body, name in zip(bodies, names, strict=True)
    ]
    with Wire(server) as wire:
        wire.send(b"".join([*requests, GOOD]))
        answers = [wire.answer() for _ in range(4)]
    assert [answer.headers["x-request-id"] for answer in answers[:3]] == names
    assert answers[1].status == 422
    assert answers[3].status == 200


def test_a_body_of_the_wrong_kind_leaves_the_connection_of_use(server: Server) -> None:
    content = VALIDATE + length(5) + b"\r\nhello"
    with Wire(server) as wire:
        assert wire.send(content).answer().error["code"] == "bad_request"
        assert wire.send(GOOD).answer().status == 200
