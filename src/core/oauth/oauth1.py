"""Signatures of OAuth 1.0 (RFC 5849 §3), for the few addresses that still want one."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import SecretStr

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class OAuth1Keys:
    """What signs: the app's pair, and the user's. Its ``repr`` shows no secret."""

    consumer_key: str
    consumer_secret: SecretStr
    token: SecretStr
    token_secret: SecretStr


def header(
    method: str, url: str, fields: Pairs, keys: OAuth1Keys, *, timestamp: int, nonce: str
) -> str:
    """The value of ``Authorization`` with HMAC-SHA1.

    Args:
        method: The HTTP method.
        url: The whole address; its query is signed, too.
        fields: The fields of a form-encoded body.
        keys: What signs.
        timestamp: Seconds since 1970.
        nonce: Never used before with this timestamp.
    """
    protocol = {
        "oauth_consumer_key": keys.consumer_key,
        "oauth_token": keys.token.get_secret_value(),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(timestamp),
        "oauth_nonce": nonce,
        "oauth_version": "1.0",
    }
    signed = signature(method, url, [*fields, *protocol.items()], keys)
    return _written({**protocol, "oauth_signature": signed})


def signature(method: str, url: str, pairs: Pairs, keys: OAuth1Keys) -> str:
    """The signature over the protocol's and the request's parameters (RFC 5849 §3.4)."""
    parts = urlsplit(url)
    every = [*parse_qsl(parts.query, keep_blank_values=True), *pairs]
    normalized = "&".join(
        f"{name}={value}" for name, value in sorted((_escaped(n), _escaped(v)) for n, v in every)
    )
    base = f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path or '/'}"
    text = "&".join((method.upper(), _escaped(base), _escaped(normalized)))
    secrets = (keys.consumer_secret, keys.token_secret)
    key = "&".join(_escaped(secret.get_secret_value()) for secret in secrets)
    return b64encode(hmac.new(key.encode(), text.encode(), sha1).digest()).decode()


def _written(protocol: Mapping[str, str]) -> str:
    pairs = (f'{name}="{_escaped(value)}"' for name, value in protocol.items())
    return f"OAuth {', '.join(pairs)}"


def _escaped(text: str) -> str:
    """RFC 5849 §3.6."""
    return quote(text, safe="-._~")
