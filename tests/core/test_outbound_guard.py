"""The guard: no address that a tenant may have chosen leads into the operator's network."""

import socket

import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from src.core.outbound import AddressRefused, Outbound, Request
from src.core.pools import PublicResolver
from tests.core.conftest import Serve
from tests.core.servers import plain


async def refused(outbound: Outbound, url: str) -> str:
    with pytest.raises(AddressRefused) as error:
        await outbound.send(Request("GET", url), deadline=30)
    return str(error.value)


async def test_only_https_is_allowed(serve: Serve, outbound: Outbound) -> None:
    server = await serve(plain())
    assert await refused(outbound, server.url) == "only https addresses are allowed"
    assert server.connections == 0


async def test_a_user_name_is_refused(outbound: Outbound) -> None:
    said = await refused(outbound, "https://octocat:hunter2@api.github.com/")
    assert said == "an address must not carry a user name"


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "[::1]",
        "[::]",
        "[fd00::1]",
        "[fe80::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[2002:7f00:1::]",
    ],
)
async def test_a_private_address_is_refused(outbound: Outbound, host: str) -> None:
    assert await refused(outbound, f"https://{host}/") == "the address is not public"


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("2130706433", id="decimal"),
        pytest.param("017700000001", id="octal"),
        pytest.param("0x7f000001", id="hexadecimal"),
        pytest.param("127.1", id="short"),
        pytest.param("0177.0.0.1", id="octal in parts"),
        pytest.param("0x7f.0.0.1", id="hexadecimal in parts"),
        pytest.param("127.0.0.1.", id="with a dot at its end"),
        pytest.param("１２７.０.０.１", id="full width"),  # noqa: RUF001
        pytest.param("localhost", id="a name"),
        pytest.param("LOCALHOST", id="a name in capitals"),
    ],
)
async def test_the_loopback_in_disguise_is_refused_before_it_is_called(
    serve: Serve, outbound: Outbound, host: str
) -> None:
    server = await serve(plain())
    await refused(outbound, f"https://{host}:{server.port}/")
    assert server.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https:///path",
        "https://[::1",
        "https://a..b/",
        "https://" + "a" * 70 + ".com/",
        "https://xn--a/",
        "https://example.com:99999/",
        "https://exa\x00mple.com/",
    ],
)
@pytest.mark.parametrize("by_operator", [True, False], ids=["of the operator", "of a tenant"])
async def test_what_is_no_address_is_refused(
    outbound: Outbound, url: str, by_operator: bool
) -> None:
    with pytest.raises(AddressRefused):
        await outbound.send(Request("GET", url), operator_address=by_operator, deadline=30)


async def test_a_public_https_address_goes_through() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=str(request.url))

    outbound = Outbound(httpx.MockTransport(answer))
    for url in (
        "https://api.github.com/user",
        "https://8.8.8.8/",
        "https://[2606:50c0:8000::153]/",
    ):
        assert (await outbound.send(Request("GET", url))).content.decode() == url


@pytest.mark.parametrize("host", ["2130706433", "017700000001", "127.1", "127.0.0.1.", "10.1"])
async def test_the_guard_leaves_no_spelling_of_an_address_to_the_client(host: str) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200)

    assert await refused(Outbound(httpx.MockTransport(answer)), f"https://{host}/")


class Names(AbstractResolver):
    """A resolver that knows what it was told, one answer after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.is_closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self._answers.pop(0)
        ]

    async def close(self) -> None:
        self.is_closed = True


async def test_a_name_with_public_addresses_keeps_them_all() -> None:
    resolver = PublicResolver(Names(["140.82.121.6", "2606:50c0:8000::153"]))
    found = await resolver.resolve("api.github.com", 443)
    assert [(result["host"], result["port"]) for result in found] == [
        ("140.82.121.6", 443),
        ("2606:50c0:8000::153", 443),
    ]


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["140.82.121.6", "10.0.0.1"],
        ["169.254.169.254", "140.82.121.6"],
        ["2606:50c0:8000::153", "::1"],
        ["fe80::1%eth0"],
        ["::ffff:127.0.0.1"],
    ],
)
async def test_a_name_with_one_private_address_is_refused(addresses: list[str]) -> None:
    with pytest.raises(AddressRefused, match=r"rebind\.example does not resolve to a public"):
        await PublicResolver(Names(addresses)).resolve("rebind.example", 443)


async def test_a_name_that_changes_its_answer_is_checked_each_time() -> None:
    resolver = PublicResolver(Names(["140.82.121.6"], ["127.0.0.1"]))
    assert await resolver.resolve("rebind.example", 443)
    with pytest.raises(AddressRefused):
        await resolver.resolve("rebind.example", 443)


async def test_closing_closes_the_resolver_inside() -> None:
    names = Names()
    await PublicResolver(names).close()
    assert names.is_closed


async def test_a_door_beside_has_a_rule_of_its_own(serve: Serve) -> None:
    server = await serve(plain())
    trusting = Outbound(guarded=False)
    careful = trusting.beside(guarded=True)
    try:
        await trusting.send(Request("GET", server.url), deadline=30)
        assert await refused(careful, server.url) == "only https addresses are allowed"
    finally:
        await careful.close()
        await trusting.close()
    assert server.connections == 1
