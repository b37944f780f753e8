"""Kinds of keys, by their form.

Source: supabase.com/docs, "Understanding API keys": since April 2026 only a secret key may read the
description of a project's tables; legacy keys are JWTs, and end with 2026.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

import msgspec

SECRET = "secret"  # noqa: S105  a kind
PUBLISHABLE = "publishable"
SERVICE_ROLE = "service_role"
ANON = "anon"
JWT = "jwt"
"""A legacy key whose role cannot be read."""
ACCESS_TOKEN = "access_token"  # noqa: S105  a kind

LEGACY = frozenset({SERVICE_ROLE, ANON, JWT})
BOUND_BY_POLICIES = frozenset({PUBLISHABLE, ANON})
"""Row level security holds for these, and they may not list tables."""

_PREFIXES = {"sb_secret_": SECRET, "sb_publishable_": PUBLISHABLE, "sbp_": ACCESS_TOKEN}
_PARTS = 3


def kind_of(key: str) -> str | None:
    """The kind of a key; None for one of no known form."""
    for prefix, kind in _PREFIXES.items():
        if key.startswith(prefix):
            return kind
    parts = key.split(".")
    if key.startswith("eyJ") and len(parts) == _PARTS:
        role = _claims(parts[1]).get("role")
        return role if role in {SERVICE_ROLE, ANON} else JWT
    return None


def _claims(payload: str) -> dict[str, Any]:
    """What a JWT says; nobody trusts it, it only decides what is asked."""
    try:
        claims = msgspec.json.decode(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, msgspec.DecodeError):
        return {}
    return claims if isinstance(claims, dict) else {}
