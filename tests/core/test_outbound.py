"""The door to the world: what goes out, what comes back, and what does not come back."""

import gzip
from pathlib import Path

import pytest

from src.core.outbound import Outbound, Request, Response, Unreachable
from src.db.keeper import free_port
from tests.core.conftest import Serve
from tests.core.servers import Answer, plain, raw


async def get(outbound: Outbound, url: str, **headers: str) -> Response:
    return await outbound.send(Request("GET", url, headers), operator_address=True, deadline=30)


async def test_an_address_of_the_operator_may_be_private_and_http(
    serve: Serve, outbound: Outbound
) -> None:
    server = await serve(plain(b"hello", headers=("X-Thing: One", "Link: <a>", "Link: <b>")))
    answer = await get(outbound, f"{server.url}/path?q=1")
    assert (answer.status, answer.content) == (200, b"hello")
    assert answer.headers["x-thing"] == "One"
    assert answer.headers["link"] == "<a>, <b>"
    assert server.heads[0].startswith("GET /path?q=1 HTTP/1.1\r\n")


async def test_with_the_guard_off_every_address_is_the_operators(serve: Serve) -> None:
    server = await serve(plain())
    outbound = Outbound(guarded=False)
    answer = await outbound.send(Request("GET", server.url))
    await outbound.close()
    assert answer.content == b"ok"


async def test_method_headers_and_body_arrive_as_given(serve: Serve, outbound: Outbound) -> None:
    server = await serve(plain(b"", "201 Created"))
    answer = await outbound.send(
        Request(
            "POST", server.url, {"X-Key": "schlüssel", "Content-Type": "text/plain"}, b"\x00body"
        ),
        operator_address=True,
    )
    assert answer.status == 201
    assert server.heads[0].startswith("POST / HTTP/1.1\r\n")
    assert "\r\nx-key: schlüssel\r\n" in server.heads[0].lower()
    assert "\r\ncontent-type: text/plain\r\n" in server.heads[0].lower()
    assert server.bodies == [b"\x00body"]


async def test_a_path_that_is_encoded_stays_as_it_is(serve: Serve, outbound: Outbound) -> None:
    server = await serve(plain())
    await get(outbound, f"{server.url}/a%2Fb/%20c?x=%26&y=a%2Bb")
    assert server.heads[0].startswith("GET /a%2Fb/%20c?x=%26&y=a%2Bb HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "status", ["204 No Content", "304 Not Modified", "404 Not Found", "503 Away"]
)
async def test_every_status_is_an_answer(serve: Serve, outbound: Outbound, status: str) -> None:
    server = await serve(plain(b"", status))
    assert (await get(outbound, server.url)).status == int(status[:3])


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 Again", "308 Away"])
async def test_a_redirect_is_handed_back_and_not_followed(
    serve: Serve, outbound: Outbound, status: str
) -> None:
    target = await serve(plain(b"never"))
    server = await serve(plain(b"", status, (f"Location: {target.url}/",)))
    answer = await get(outbound, server.url)
    assert (answer.status, answer.headers["location"]) == (int(status[:3]), f"{target.url}/")
    assert target.connections == 0


async def test_proxies_of_the_environment_are_ignored(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = await serve(plain(b"proxy")), await serve(plain(b"server"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    outbound = Outbound()
    answer = await get(outbound, server.url)
    await outbound.close()
    assert answer.content == b"server"
    assert proxy.connections == 0


async def test_passwords_of_the_environment_are_ignored(
    serve: Serve, outbound: Outbound, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login operator password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = await serve(plain())
    await get(outbound, server.url)
    assert "authorization" not in server.heads[0].lower()


async def test_cookies_are_not_kept_between_calls(serve: Serve, outbound: Outbound) -> None:
    server = await serve(plain(headers=("Set-Cookie: session=abc; Path=/",)))
    # A name, since no client keeps the cookies of an IP address.
    url = f"http://localhost:{server.port}"
    answers = [await get(outbound, url) for _ in range(2)]
    assert [answer.headers["set-cookie"] for answer in answers] == ["session=abc; Path=/"] * 2
    assert not any("cookie" in head.lower() for head in server.heads)


async def test_connections_are_used_again(serve: Serve, outbound: Outbound) -> None:
    server = await serve(plain())
    for _ in range(3):
        await get(outbound, server.url)
    assert (len(server.heads), server.connections) == (3, 1)


async def test_a_packed_answer_is_unpacked(serve: Serve, outbound: Outbound) -> None:
    server = await serve(plain(gzip.compress(b"hello" * 100), headers=("Content-Encoding: gzip",)))
    assert (await get(outbound, server.url)).content == b"hello" * 100
    assert "\r\naccept-encoding: gzip\r\n" in server.heads[0].lower()


async def test_an_answer_to_head_announces_gzip_and_holds_nothing(
    serve: Serve, outbound: Outbound
) -> None:
    server = await serve(
        raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n")
    )
    answer = await outbound.send(Request("HEAD", server.url), operator_address=True)
    assert (answer.status, answer.content) == (200, b"")


PACKED = gzip.compress(b"hello" * 100)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(raw(b""), id="closed without a word"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-"), id="cut in the head"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), id="cut in the body"
        ),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"),
            id="cut in a chunk",
        ),
        pytest.param(raw(b"SSH-2.0-OpenSSH_9.6\r\n"), id="not HTTP"),
        pytest.param(
            plain(PACKED[:-12], headers=("Content-Encoding: gzip",)), id="packed and cut short"
        ),
        pytest.param(
            plain(b"nonsense", headers=("Content-Encoding: gzip",)), id="not packed at all"
        ),
        pytest.param(plain(PACKED, headers=("Content-Encoding: br",)), id="packed unasked"),
    ],
)
async def test_what_is_no_whole_answer_is_unreachable(
    serve: Serve, outbound: Outbound, answer: Answer
) -> None:
    server = await serve(answer)
    with pytest.raises(Unreachable):
        await get(outbound, server.url)
    assert server.connections >= 1


async def test_a_refused_connection_is_unreachable(outbound: Outbound) -> None:
    with pytest.raises(Unreachable):
        await get(outbound, f"http://127.0.0.1:{free_port()}")


async def test_the_door_still_works_after_a_lost_connection(
    serve: Serve, outbound: Outbound
) -> None:
    server = await serve(raw(b""))
    with pytest.raises(Unreachable):
        await get(outbound, server.url)
    server.answer = plain(b"back")
    assert (await get(outbound, server.url)).content == b"back"
