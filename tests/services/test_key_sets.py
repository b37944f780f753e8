"""The host's key set: fetched through our door, kept, asked for again with restraint."""

import asyncio
import base64
import json
from typing import Any

import pytest
from joserfc.jwk import OctKey

from src.core.errors import ServiceUnavailable
from src.core.outbound import Outbound
from src.services.key_sets import (
    ASK_AGAIN_SECONDS,
    FRESH_SECONDS,
    LONGEST_KEPT_SECONDS,
    KeySetSource,
    KeySetUnreadable,
    read_keys,
)
from tests.api.host import FIRST, HOST, KEYS_URL, SECOND, THIRD, Host
from tests.fakes.network import Network


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def source(host: Host, clock: Clock) -> KeySetSource:
    return KeySetSource(Outbound(Network({HOST: host.app})), KEYS_URL, clock)


async def test_a_set_is_fetched_once_for_all(source: KeySetSource, host: Host) -> None:
    found = await asyncio.gather(*(source.find("first") for _ in range(8)))
    assert None not in found
    assert host.asked == 1
    assert await source.find("first") is not None
    assert host.asked == 1


async def test_a_key_that_was_rotated_in_is_found(
    source: KeySetSource, host: Host, clock: Clock
) -> None:
    await source.find("first")
    generation = source.generation
    host.keys = [FIRST, SECOND]
    clock.now += ASK_AGAIN_SECONDS
    assert await source.find("second") is not None
    assert source.generation == generation + 1


async def test_an_unknown_key_asks_once_per_interval(
    source: KeySetSource, host: Host, clock: Clock
) -> None:
    await source.find("first")
    for kid in ("a", "b", "c"):
        assert await source.find(kid) is None
    assert host.asked == 1
    clock.now += ASK_AGAIN_SECONDS
    found = await asyncio.gather(*(source.find(f"k{number}") for number in range(8)))
    assert set(found) == {None}
    assert host.asked == 2


async def test_a_key_that_was_rotated_out_is_gone_when_the_set_grows_old(
    source: KeySetSource, host: Host, clock: Clock
) -> None:
    await source.find("first")
    generation = source.generation
    host.keys = [SECOND]
    clock.now += FRESH_SECONDS
    assert await source.find("first") is not None, "nobody waits for the new set"
    await _settle()
    assert source.generation == generation + 1
    assert await source.find("first") is None
    assert host.asked == 2


async def _settle() -> None:
    """Let everything that goes on beside the test end."""
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))


async def test_a_set_outlives_an_outage_for_a_while(
    source: KeySetSource, host: Host, clock: Clock
) -> None:
    await source.find("first")
    host.status = 503
    clock.now += LONGEST_KEPT_SECONDS - 1
    assert await source.find("first") is not None
    await _settle()
    assert host.asked == 2
    clock.now += 10
    with pytest.raises(ServiceUnavailable) as refused:
        await source.find("first")
    assert refused.value.retry_after
    host.status = 200
    clock.now += 10
    assert await source.find("first") is not None


async def test_without_a_set_nobody_asks_in_a_hurry(
    source: KeySetSource, host: Host, clock: Clock
) -> None:
    host.status = 404
    for _ in range(5):
        with pytest.raises(ServiceUnavailable):
            await source.find("first")
    assert host.asked == 1


async def test_who_gives_up_waiting_stops_nobody_else(source: KeySetSource, host: Host) -> None:
    impatient = asyncio.create_task(source.find("first"))
    patient = asyncio.create_task(source.find("first"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient is not None
    assert host.asked == 1


def published(*raw: dict[str, Any]) -> bytes:
    return json.dumps({"keys": [FIRST.as_dict(private=False), *raw]}).encode()


RSA = FIRST.as_dict(private=False)
SMALL = {**RSA, "kid": "small", "n": base64.urlsafe_b64encode(b"\xff" * 128).decode().rstrip("=")}
"""A modulus of 1024 bits."""


@pytest.mark.parametrize(
    "raw",
    [
        {**OctKey.generate_key(256).as_dict(private=True), "kid": "x"},
        SMALL,
        {**RSA, "kid": "x", "use": "enc"},
        {**RSA, "kid": "x", "alg": "HS256"},
        {**RSA, "kid": "x", "alg": "ES256"},
        {**RSA, "kid": "x", "n": "!"},
        {"kty": "EC", "crv": "secp256k1", "kid": "x"},
        {"kty": "lattice", "kid": "x"},
        {name: value for name, value in RSA.items() if name != "kid"},
        {**RSA, "kid": ""},
        {**RSA, "kid": 7},
    ],
)
def test_a_key_that_cannot_be_trusted_is_passed_over(raw: dict[str, Any]) -> None:
    assert list(read_keys(published(raw))) == ["first"]


def test_a_key_is_used_with_its_own_algorithms_only() -> None:
    raw = [{**RSA, "kid": "narrow", "alg": "RS256"}]
    keys = read_keys(published(*raw, SECOND.as_dict(private=False), THIRD.as_dict(private=False)))
    assert {kid: sorted(key.algorithms) for kid, key in keys.items()} == {
        "first": ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"],
        "narrow": ["RS256"],
        "second": ["ES256"],
        "third": ["Ed25519", "EdDSA"],
    }


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b"{}", b'{"keys": 7}', b'{"keys": []}', b'{"keys": [7]}']
)
def test_what_is_no_key_set_is_told(content: bytes) -> None:
    with pytest.raises(KeySetUnreadable):
        read_keys(content)
