"""The host application's public keys (RFC 7517), fetched through our own door and kept.

A key that was rotated in is found because an unknown key id asks again, at most once per interval;
one that was rotated out is gone when the set is fetched anew, every ten minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from src.core.errors import ServiceUnavailable
from src.core.logging import get_logger
from src.core.outbound import Outbound, OutboundError, Request

FRESH_SECONDS = 600.0
LONGEST_KEPT_SECONDS = 3600.0
"""How long a set is used while its address does not answer."""

ASK_AGAIN_SECONDS = 30.0
_RETRY_SECONDS = 5.0
_DEADLINE = 5.0
_MOST_BYTES = 512 * 1024
_MOST_KEYS = 100
_SHORTEST_RSA_BITS = 2048
_OK = 200
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key, and the algorithms that it may be used with; never a symmetric one."""

    key: Key
    algorithms: frozenset[str]


class KeySetUnreadable(Exception):
    """The address does not answer with a key set."""


class KeySetSource:
    """The present key set of one address."""

    def __init__(
        self, outbound: Outbound, url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._outbound = outbound
        self._url = url
        self._clock = clock
        self._keys: Mapping[str, PublicKey] = {}
        self._digest = b""
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._asking: asyncio.Task[None] | None = None
        self.generation = 0
        """Changes with the set, so that what was verified by an older one can be verified anew."""

    async def find(self, kid: str) -> PublicKey | None:
        """The key of this id; asks the address for one that is not known yet.

        Raises:
            ServiceUnavailable: There is no key set, or none that is still to be trusted.
        """
        await self.refresh()
        found = self._keys.get(kid)
        if found is None and self._may_ask(ASK_AGAIN_SECONDS):
            await self._ask()
            found = self._keys.get(kid)
        return found

    async def refresh(self) -> None:
        """See to it that there is a key set; one that grows old is fetched anew beside the request.

        Raises:
            ServiceUnavailable: There is no key set, or none that is still to be trusted.
        """
        age = self._age()
        if age < FRESH_SECONDS:
            return
        if age < LONGEST_KEPT_SECONDS:
            if self._may_ask(_RETRY_SECONDS):
                self._begin()
            return
        if self._may_ask(_RETRY_SECONDS) or self._is_asking:
            await self._ask()
        if self._age() >= LONGEST_KEPT_SECONDS:
            raise ServiceUnavailable(
                "The key set of JWT_JWKS_URL cannot be read.", retry_after=_RETRY_SECONDS
            )

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    @property
    def _is_asking(self) -> bool:
        return self._asking is not None and not self._asking.done()

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._clock() - self._fetched_at

    def _may_ask(self, interval: float) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at >= interval

    def _begin(self) -> asyncio.Task[None]:
        """The one question under way."""
        if not self._is_asking:
            self._asked_at = self._clock()
            self._asking = asyncio.create_task(self._fetch())
        return cast("asyncio.Task[None]", self._asking)

    async def _ask(self) -> None:
        # The question goes on for the others when one of those who wait gives up.
        await asyncio.shield(self._begin())

    async def _fetch(self) -> None:
        try:
            content = await self._read()
            keys = read_keys(content)
        except (OutboundError, KeySetUnreadable) as error:
            log.warning("key_set.missed", reason=str(error))
            return
        digest = hashlib.sha256(content).digest()
        if digest != self._digest:
            self._keys, self._digest = keys, digest
            self.generation += 1
            log.info("key_set.read", keys=len(keys))
        self._fetched_at = self._clock()

    async def _read(self) -> bytes:
        response = await self._outbound.send(
            Request("GET", self._url, {"Accept": "application/jwk-set+json, application/json"}),
            operator_address=True,
            deadline=_DEADLINE,
            max_bytes=_MOST_BYTES,
        )
        if response.status != _OK:
            raise KeySetUnreadable(f"JWT_JWKS_URL answers {response.status}")
        return response.content


def read_keys(content: bytes) -> dict[str, PublicKey]:
    """The keys of a set that can check signatures; the others are passed over (RFC 7517 §5).

    Raises:
        KeySetUnreadable: It is no key set, or none of its keys is of use.
    """
    try:
        given = msgspec.json.decode(content, type=dict[str, Any])["keys"]
    except (msgspec.DecodeError, KeyError) as error:
        raise KeySetUnreadable("JWT_JWKS_URL does not answer with a key set") from error
    keys: dict[str, PublicKey] = {}
    for each in given[:_MOST_KEYS] if isinstance(given, list) else ():
        kid = each.get("kid") if isinstance(each, dict) else None
        if isinstance(kid, str) and kid and (found := _public_key(each)) is not None:
            keys[kid] = found
    if not keys:
        raise KeySetUnreadable(
            "the key set of JWT_JWKS_URL holds no key with an id that we can use"
        )
    return keys


def _public_key(given: dict[str, Any]) -> PublicKey | None:
    if given.get("use", "sig") != "sig":
        return None
    try:
        with warnings.catch_warnings():
            # What the library only warns of, short keys, is passed over below.
            warnings.simplefilter("ignore", SecurityWarning)
            found = _imported(given)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if found is None:
        return None
    named = given.get("alg")
    algorithms = found.algorithms if named is None else found.algorithms & {named}
    return PublicKey(found.key, algorithms) if algorithms else None


def _imported(given: dict[str, Any]) -> PublicKey | None:
    """A symmetric key has no place in a public set: whoever can read it could sign with it."""
    match given.get("kty"):
        case "RSA":
            rsa = RSAKey.import_key(given)
            short = rsa.public_key.key_size < _SHORTEST_RSA_BITS
            return None if short else PublicKey(rsa, _RSA)
        case "EC" if given.get("crv") in _CURVES:
            return PublicKey(ECKey.import_key(given), frozenset({_CURVES[given["crv"]]}))
        case "OKP" if given.get("crv") == "Ed25519":
            return PublicKey(OKPKey.import_key(given), frozenset({"EdDSA", "Ed25519"}))
        case _:
            return None
