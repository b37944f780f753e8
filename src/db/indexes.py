"""Every index, as data; made at start.

Partial indexes use equality only, so that the planner can always tell that a query is inside one.
"""

from __future__ import annotations

from pymongo import IndexModel

from src.db.client import Database
from src.db.errors import translated

INDEXES: dict[str, list[IndexModel]] = {
    "connections": [
        IndexModel([("tenantId", 1), ("createdAt", -1), ("_id", -1)], name="newest"),
        IndexModel(
            [("tenantId", 1), ("connectorId", 1), ("userId", 1), ("account.id", 1)],
            name="one_live_per_account",
            unique=True,
            partialFilterExpression={"live": True},
        ),
        IndexModel(
            [("tenantId", 1), ("connectorId", 1), ("userId", 1), ("reserved", 1)],
            name="one_reserved_per_user",
            unique=True,
            partialFilterExpression={"reserved": True},
        ),
        IndexModel(
            [("tenantId", 1), ("connectorId", 1), ("account.id", 1), ("userId", 1)],
            name="by_account",
        ),
        IndexModel([("connectorId", 1), ("status", 1)], name="by_status"),
        IndexModel([("grantHash", 1)], name="by_grant", partialFilterExpression={"live": True}),
        IndexModel([("selectionUntil", 1)], name="by_selection", sparse=True),
    ],
    "tokens": [
        IndexModel([("tenantId", 1), ("connectionId", 1)], name="one_each", unique=True),
        IndexModel([("keepAliveAt", 1)], name="to_keep_alive"),
    ],
    "refresh_leases": [
        IndexModel([("tenantId", 1), ("connectionId", 1)], name="one_each", unique=True)
    ],
    "connector_settings": [
        IndexModel([("tenantId", 1), ("connectorId", 1)], name="one_each", unique=True)
    ],
    "sync_states": [
        IndexModel(
            [("tenantId", 1), ("connectionId", 1), ("stream", 1)], name="one_each", unique=True
        )
    ],
    "audit_logs": [
        IndexModel([("tenantId", 1), ("at", -1), ("_id", -1)], name="newest"),
        IndexModel([("tenantId", 1), ("_id", 1)], name="by_id"),
        IndexModel(
            [("tenantId", 1), ("at", 1), ("_id", 1)],
            name="unsealed",
            partialFilterExpression={"unsealed": True},
        ),
    ],
    "audit_blocks": [IndexModel([("tenantId", 1), ("number", 1)], name="one_each", unique=True)],
    "audit_heads": [IndexModel([("tenantId", 1)], name="one_each", unique=True)],
    "api_keys": [
        IndexModel([("tenantId", 1), ("createdAt", -1), ("_id", -1)], name="newest"),
        IndexModel([("tenantId", 1), ("userId", 1), ("createdAt", -1)], name="by_user"),
    ],
    "users": [
        IndexModel([("tenantId", 1), ("ids", 1)], name="one_per_id", unique=True),
        IndexModel([("tenantId", 1), ("emailKey", 1)], name="one_per_email", unique=True),
    ],
    "oauth_states": [
        IndexModel([("stateHash", 1)], name="by_state", unique=True),
        IndexModel(
            [("tenantId", 1), ("connectionId", 1)],
            name="one_per_connection",
            unique=True,
            partialFilterExpression={"named": True},
        ),
        IndexModel([("expiresAt", 1)], name="until", expireAfterSeconds=0),
    ],
    "connect_sessions": [
        IndexModel([("tokenHash", 1)], name="by_token", unique=True),
        IndexModel([("cookieHash", 1)], name="by_cookie"),
        IndexModel([("expiresAt", 1)], name="until", expireAfterSeconds=0),
    ],
    "idempotency_keys": [IndexModel([("expiresAt", 1)], name="over", expireAfterSeconds=0)],
    "usage_counts": [IndexModel([("expiresAt", 1)], name="over", expireAfterSeconds=0)],
    "app_points": [IndexModel([("expiresAt", 1)], name="over", expireAfterSeconds=0)],
    "sandbox_state": [IndexModel([("provider", 1), ("key", 1)], name="one_each", unique=True)],
}


async def ensure_indexes(database: Database) -> None:
    """Make the indexes that are missing; an existing one of another shape is an error, loudly."""
    with translated():
        for name, models in INDEXES.items():
            await database[name].create_indexes(models)
