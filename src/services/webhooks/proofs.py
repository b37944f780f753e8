"""Who sent a delivery: each kind of proof, checked over the raw body and in constant time."""

from __future__ import annotations

import base64
import binascii
import hmac
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OctKey
from joserfc.jwt import ClaimsOption
from pydantic import SecretStr

from src.connectors.webhooks import AddressOnly, Proof, SecretHeader, Signature, SignedToken
from src.core.oauth import OAuth2App
from src.core.security import same_secret

LEEWAY_SECONDS = 60
"""How far the provider's clock may be off."""

LONGEST_LIFE_SECONDS = 86_400
"""A token does not cover the body: whoever has read one can send hints until its end."""

_AUTHORIZATION = "authorization"
_MOST_TOKEN = 8192


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came; header names are lower case, and none of these came twice."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class ProofKeys:
    """What a proof is checked with."""

    secret: SecretStr
    app: OAuth2App | None = None
    """The app of a shared address; None when it is gone, and nothing can be proved by it."""


def is_proved(
    proof: Proof, keys: ProofKeys, incoming: Incoming, clock: Callable[[], float]
) -> bool:
    """Whether the delivery comes from whom the address was told; False for whatever is odd."""
    match proof:
        case Signature():
            return _is_signed(proof, keys.secret, incoming)
        case SecretHeader():
            given = incoming.headers.get(proof.header.lower())
            return given is not None and same_secret(given, keys.secret.get_secret_value())
        case SignedToken():
            return keys.app is not None and _is_token(proof, keys.app, incoming, clock())
        case AddressOnly():
            return _is_named(proof, keys.app, incoming)


def _is_named(proof: AddressOnly, app: OAuth2App | None, incoming: Incoming) -> bool:
    if proof.client_id_header is None:
        return True
    return app is not None and incoming.headers.get(proof.client_id_header.lower()) == app.client_id


def _is_signed(proof: Signature, secret: SecretStr, incoming: Incoming) -> bool:
    given = incoming.headers.get(proof.header.lower(), "")
    if not given.startswith(proof.prefix):
        return False
    made = hmac.digest(secret.get_secret_value().encode(), incoming.body, proof.algorithm)
    try:
        if proof.encoding == "hex":
            received = bytes.fromhex(given.removeprefix(proof.prefix))
        else:
            received = base64.b64decode(given.removeprefix(proof.prefix), validate=True)
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(received, made)


def _is_token(proof: SignedToken, app: OAuth2App, incoming: Incoming, now: float) -> bool:
    """Whether a JWT holds: HS256 whatever its header says, its times, and who made it."""
    scheme, _, token = incoming.headers.get(_AUTHORIZATION, "").partition(" ")
    if scheme.lower() not in {"bearer", "jwt"} or not 0 < len(token) <= _MOST_TOKEN:
        return False
    secret = app.client_secret
    if secret is None or not secret.get_secret_value():
        return False
    issuer: ClaimsOption = {"essential": True, "value": app.client_id}
    try:
        with warnings.catch_warnings():
            # How long a client secret is, is the provider's to say.
            warnings.simplefilter("ignore", SecurityWarning)
            key = OctKey.import_key(secret.get_secret_value())
            claims = jwt.decode(token.strip(), key, algorithms=["HS256"]).claims
        wanted = jwt.JWTClaimsRegistry(
            now=lambda: int(now),
            leeway=LEEWAY_SECONDS,
            exp={"essential": proof.expires},
            **({"iss": issuer} if proof.issued_by_app else {}),
        )
        wanted.validate(claims)
    except (JoseError, ValueError, TypeError, RecursionError):
        return False
    return all(
        abs(claims[name] - now) <= LONGEST_LIFE_SECONDS + LEEWAY_SECONDS
        for name in ("exp", "iat")
        if name in claims
    )
