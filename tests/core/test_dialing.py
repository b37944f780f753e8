"""Where drivers of other protocols may connect: the guard."""

import asyncio
import socket
import threading
from typing import Any

import pytest

from src.core.dialing import Locator, SystemLookup
from src.core.outbound import AddressRefused, Unreachable

PUBLIC = "93.184.215.14"


def locator(*answers: list[str], guarded: bool = True) -> Locator:
    """Names lead to these, one answer after the other, and then to the last again."""
    left = list(answers)

    async def lookup(name: str, port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return Locator(lookup, guarded=guarded)


async def test_a_public_name_becomes_its_addresses() -> None:
    found = await locator([PUBLIC, "2606:2800:21f::1"]).locate("db.example.com", 5432)
    assert found.addresses == (PUBLIC, "2606:2800:21f::1")
    assert not found.is_trusted


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104
        "::1",
        "[::1]",
        "fe80::1%eth0",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::10.0.0.1",
        "2002:7f00:1::",
        "2130706433",
        "127.1",
    ],
)
async def test_a_private_address_is_refused_however_it_is_spelled(host: str) -> None:
    with pytest.raises(AddressRefused, match="the address is not public"):
        await locator([PUBLIC]).locate(host, 5432)


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::ffff:10.0.0.1"], ["fe80::1%eth0"]],
    ids=["private", "one of two", "mapped", "scoped"],
)
async def test_a_name_that_leads_into_a_private_network_is_refused(addresses: list[str]) -> None:
    with pytest.raises(AddressRefused, match="does not resolve to a public address"):
        await locator(addresses).locate("db.example.com", 5432)


async def test_a_name_that_changes_its_answer_gains_nothing() -> None:
    """What was checked is what is handed on, and the next call checks anew."""
    changing = locator([PUBLIC], ["127.0.0.1"])
    assert (await changing.locate("db.example.com", 5432)).addresses == (PUBLIC,)
    with pytest.raises(AddressRefused):
        await changing.locate("db.example.com", 5432)


@pytest.mark.parametrize("port", [22, 25, 443, 1023])
async def test_ports_of_hosts_themselves_are_refused(port: int) -> None:
    with pytest.raises(AddressRefused, match="only ports from 1024 on"):
        await locator([PUBLIC]).locate("db.example.com", port)


@pytest.mark.parametrize(
    ("host", "port"), [("", 5432), ("x" * 254, 5432), ("db", 0), ("db", 65536)]
)
async def test_what_is_no_address_is_refused_to_everybody(host: str, port: int) -> None:
    with pytest.raises(AddressRefused):
        await locator([PUBLIC], guarded=False).locate(host, port)


@pytest.mark.parametrize("by_operator", [True, False])
async def test_the_operator_may_allow_private_addresses(by_operator: bool) -> None:
    allowing = locator(["10.0.0.1"], guarded=by_operator)
    found = await allowing.locate("db.internal", 22, operator_address=by_operator)
    assert found.addresses == ("10.0.0.1",)
    assert found.is_trusted


async def test_a_name_that_is_not_there() -> None:
    async def lookup(name: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unreachable):
        await Locator(lookup).locate("db.example.com", 5432)
    with pytest.raises(Unreachable):
        await locator([]).locate("db.example.com", 5432)


async def test_the_system_is_asked_by_default() -> None:
    assert await SystemLookup()("127.0.0.1", 5432) == ["127.0.0.1"]


class SlowSystem:
    """Says where names are as late as somebody likes, and blocks a thread until then."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go = threading.Event()

    def __call__(self, name: str, port: int, **_: object) -> list[Any]:
        self.asked.set()
        if name.startswith("slow"):
            self.go.wait()
        return [(None, None, None, "", (PUBLIC, port))]


async def test_slow_names_take_no_thread_of_anybody_else() -> None:
    slow = SlowSystem()
    lookup = SystemLookup(slow, most=16)
    waiting = [asyncio.ensure_future(lookup(f"slow{n}.example.com", 5432)) for n in range(15)]
    try:
        assert await lookup("db.example.com", 5432) == [PUBLIC]
        # The threads that everybody shares, as files and the names of the HTTP client do.
        assert await asyncio.to_thread(str, 1) == "1"
    finally:
        slow.go.set()
        await asyncio.gather(*waiting)


async def test_lookups_under_way_are_bounded() -> None:
    slow = SlowSystem()
    lookup = SystemLookup(slow, most=1)
    under_way = asyncio.ensure_future(lookup("slow.example.com", 5432))
    await asyncio.sleep(0)
    try:
        with pytest.raises(Unreachable, match="too many names are being looked up"):
            await Locator(lookup).locate("db.example.com", 5432)
    finally:
        slow.go.set()
    assert await under_way == [PUBLIC]
    assert await lookup("db.example.com", 5432) == [PUBLIC]


async def test_who_gives_up_on_a_lookup_makes_no_room() -> None:
    """The thread is still at work, and nobody can end it."""
    slow = SlowSystem()
    lookup = SystemLookup(slow, most=1)
    given_up = asyncio.ensure_future(lookup("slow.example.com", 5432))
    await asyncio.to_thread(slow.asked.wait)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    try:
        with pytest.raises(Unreachable, match="too many names"):
            await lookup("db.example.com", 5432)
    finally:
        slow.go.set()
