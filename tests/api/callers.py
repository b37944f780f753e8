"""How tests prove who is calling."""

from typing import Any

import httpx

from tests.api.answers import data_of

ADMIN_KEY = "platform-key-0123456789"
ADMIN = {"Authorization": f"Bearer {ADMIN_KEY}"}
LOCKED: dict[str, Any] = {"auth_required": True, "admin_api_key": ADMIN_KEY}
"""Settings of a service that asks everybody who they are."""


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def make_key(client: httpx.AsyncClient, tenant: str = "acme", **body: Any) -> str:
    """A new API key, made by the platform."""
    headers = {**ADMIN, "X-Tenant-Id": tenant}
    answer = await client.post("/api/auth/api-keys", json=body, headers=headers)
    key: str = data_of(answer, 201)["apiKey"]
    return key


def id_of(key: str) -> str:
    """The id inside a key."""
    return key.removeprefix("uck_").rpartition("_")[0]
