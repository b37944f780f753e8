"""JWTs of the host application: who its user is, told by a signature (RFC 7519, RFC 8725).

The algorithm is ours to say: HS256 for a shared secret, and for a key set what fits the key that
the token names. Nothing that stands in a token chooses how it is checked.
"""

from __future__ import annotations

import hashlib
import re
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OctKey
from pydantic import SecretStr

from src.core.errors import Unauthorized
from src.models.ids import TENANT_ID_PATTERN, USER_ID_PATTERN
from src.models.principal import ALL_PERMISSIONS, Permission
from src.services.key_sets import PublicKey

LEEWAY_SECONDS = 5
"""How far the host's clock may be off."""

_MOST_CHARACTERS = 8192
_MOST_KNOWN = 10_000
_HS256 = frozenset({"HS256"})
_UNREADABLE = (JoseError, ValueError, TypeError, RecursionError)
_TENANT = re.compile(TENANT_ID_PATTERN)
_USER = re.compile(USER_ID_PATTERN)


class KeySource(Protocol):
    """Knows the key that a token must have been signed with."""

    @property
    def generation(self) -> int:
        """Changes when keys have changed."""

    async def refresh(self) -> None:
        """See to it that the keys are of today."""

    async def find(self, kid: str) -> PublicKey | None:
        """The key of this id."""

    async def close(self) -> None:
        """Give back what is held."""


class SharedSecret:
    """``JWT_SECRET``: one key for all tokens, whatever id they name."""

    generation = 0

    def __init__(self, secret: SecretStr) -> None:
        self._key = PublicKey(OctKey.import_key(secret.get_secret_value()), _HS256)

    async def refresh(self) -> None:
        """Nothing: it changes with a start only."""

    async def find(self, kid: str) -> PublicKey | None:  # noqa: ARG002  there is one key
        """The secret."""
        return self._key

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token must say, and where it says the rest."""

    issuer: str
    audience: str
    tenant_claim: str
    roles_claim: str
    role_permissions: Mapping[str, frozenset[Permission]]
    needs_key_id: bool


@dataclass(frozen=True, slots=True)
class HostUser:
    """Whom a token names."""

    tenant_id: str
    user_id: str
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class _Known:
    user: HostUser
    until: float
    generation: int


class HostTokens:
    """Reads tokens; one that was verified is known again by its hash until it ends."""

    def __init__(
        self, source: KeySource, claims: Claims, clock: Callable[[], float] = time.time
    ) -> None:
        self._source = source
        self._claims = claims
        self._clock = clock
        self._known: dict[bytes, _Known] = {}
        self._registry = jwt.JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": claims.issuer},
            aud={"essential": True, "value": claims.audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def read(self, token: str) -> HostUser:
        """The user whom a good token names.

        Raises:
            Unauthorized: It is no good token: one answer for all reasons.
            ServiceUnavailable: The keys cannot be had at present.
        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(digest)
        if known is not None:
            await self._source.refresh()
            if known.generation == self._source.generation and self._clock() < known.until:
                return known.user
            self._known.pop(digest, None)
        if len(token) > _MOST_CHARACTERS or not token.isascii():
            raise _refused()
        claims, generation = await self._verified(token)
        user = self._user(claims)
        self._keep(digest, _Known(user, float(claims["exp"]), generation))
        return user

    async def close(self) -> None:
        """Give back what the keys' source holds."""
        await self._source.close()

    async def _verified(self, token: str) -> tuple[dict[str, Any], int]:
        """The claims of a token whose signature and times hold."""
        try:
            header = jws.extract_compact(token.encode()).headers()
        except _UNREADABLE as error:
            raise _refused() from error
        kid = header.get("kid")
        if not isinstance(kid, str) or not kid:
            if self._claims.needs_key_id:
                raise _refused()
            kid = ""
        found = await self._source.find(kid)
        generation = self._source.generation
        if found is None:
            raise _refused()
        try:
            claims = self._decoded(token, found)
            self._registry.validate(claims)
        except _UNREADABLE as error:
            raise _refused() from error
        # No leeway for what has ended; it is for clocks that are ahead.
        if claims["exp"] <= self._clock():
            raise _refused()
        return claims, generation

    @staticmethod
    def _decoded(token: str, found: PublicKey) -> dict[str, Any]:
        with warnings.catch_warnings():
            # Hosts still write EdDSA for what RFC 9864 calls Ed25519.
            warnings.simplefilter("ignore", SecurityWarning)
            return jwt.decode(token, found.key, algorithms=sorted(found.algorithms)).claims

    def _user(self, claims: Mapping[str, Any]) -> HostUser:
        tenant, subject = claims.get(self._claims.tenant_claim), claims["sub"]
        if not isinstance(tenant, str) or _TENANT.fullmatch(tenant) is None:
            raise _refused()
        if _USER.fullmatch(subject) is None:
            raise _refused()
        return HostUser(tenant, subject, self._permissions(claims.get(self._claims.roles_claim)))

    def _permissions(self, roles: Any) -> frozenset[Permission]:
        """What the roles give; one that is not known gives nothing."""
        named = roles.split() if isinstance(roles, str) else roles
        given: set[Permission] = set()
        for role in named if isinstance(named, list) else ():
            if isinstance(role, str):
                given |= self._claims.role_permissions.get(role, frozenset())
        return ALL_PERMISSIONS if Permission.ADMIN in given else frozenset(given)

    def _keep(self, digest: bytes, known: _Known) -> None:
        self._known[digest] = known
        while len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]


def _refused() -> Unauthorized:
    return Unauthorized("The token is not valid.")
