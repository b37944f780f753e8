"""A host application that signs tokens and publishes its keys."""

import time
import warnings
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

HOST = "host.example"
ISSUER = "https://host.example/"
AUDIENCE = "connectors"
KEYS_URL = f"https://{HOST}/.well-known/jwks.json"
ROLES = {"member": ["connections:read", "connections:write"], "boss": ["admin"]}
FIRST = RSAKey.generate_key(2048, {"kid": "first"})
SECOND = ECKey.generate_key("P-256", {"kid": "second"})
THIRD = OKPKey.generate_key("Ed25519", {"kid": "third"})
DAY = 86_400
STRANGER = RSAKey.generate_key(2048, {"kid": "first"})
"""Somebody else's key under a name of the host's."""

JWT: dict[str, Any] = {
    "jwt_issuer": ISSUER,
    "jwt_audience": AUDIENCE,
    "role_permissions": ROLES,
}
BY_KEYS = {**JWT, "auth_required": True, "jwt_jwks_url": KEYS_URL}


def claims(**changes: Any) -> dict[str, Any]:
    """What a good token says, with these changes; None takes away."""
    moment = int(time.time())
    good = {
        "sub": "ada",
        "tenant_id": "acme",
        "roles": ["member"],
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": moment + DAY,
        "iat": moment,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(key: Key, alg: str, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token."""
    head = {"alg": alg, "kid": key.kid, **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    with warnings.catch_warnings():
        # EdDSA is an old name, which hosts still write.
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.encode(head, claims(**changes), key, algorithms=[alg])


def good(**changes: Any) -> str:
    """A token of the host's first key."""
    return signed(FIRST, "RS256", **changes)


@dataclass
class Host:
    """The address of the key set."""

    keys: list[Key] = field(default_factory=lambda: [FIRST])
    raw: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    asked: int = 0

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/.well-known/jwks.json", self._answer)])

    async def _answer(self, _: Request) -> Response:
        self.asked += 1
        published = [key.as_dict(private=False) for key in self.keys]
        return JSONResponse({"keys": [*self.raw, *published]}, self.status)
