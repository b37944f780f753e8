"""Every index, as data; made at start.

Partial indexes use equality only, so that the planner can always tell that a query is inside one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import IndexModel
from pymongo.errors import OperationFailure

from src.core.errors import ServiceUnavailable, StartError
from src.core.logging import get_logger
from src.db.client import Database, Document
from src.db.errors import translated

# The server's codes.
_DIFFERS = frozenset({85, 86})
"""There is an index of this name, or of these fields, that is defined otherwise."""
_REFUSED = frozenset({11000})
"""What is stored is not unique."""
_DISTURBED = frozenset({276})
"""Somebody dropped the index while it was made."""
_NOT_FOUND = 27
_TURNS = 10
_PAUSE_SECONDS = 0.1

log = get_logger(__name__)

JOBS_KEPT_SECONDS = 90 * 24 * 3600
"""How long jobs that are over can be read, and what they could not read."""

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
        IndexModel(
            [("updatedAt", 1)],
            name="disconnected",
            partialFilterExpression={"status": "disconnected"},
        ),
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
    "jobs": [
        IndexModel([("tenantId", 1), ("createdAt", -1), ("_id", -1)], name="newest"),
        IndexModel(
            [("tenantId", 1), ("connectionId", 1), ("createdAt", -1), ("_id", -1)],
            name="by_connection",
        ),
        IndexModel(
            [("tenantId", 1), ("connectionId", 1), ("stream", 1)],
            name="one_live_per_stream",
            unique=True,
            partialFilterExpression={"live": True},
        ),
        IndexModel([("dueAt", 1)], name="due", partialFilterExpression={"live": True}),
        IndexModel(
            [("live", 1), ("tenantId", 1), ("dueAt", 1), ("connectorId", 1)],
            name="due_by_tenant",
            partialFilterExpression={"live": True},
        ),
        IndexModel([("finishedAt", 1)], name="over", expireAfterSeconds=JOBS_KEPT_SECONDS),
    ],
    "records": [
        IndexModel(
            [("tenantId", 1), ("connectionId", 1), ("stream", 1), ("seq", 1)], name="by_change"
        ),
        # Live records, of which there are many, have no time at which they go.
        IndexModel(
            [("dropAt", 1)],
            name="over",
            expireAfterSeconds=0,
            partialFilterExpression={"live": False},
        ),
    ],
    "record_heads": [
        IndexModel(
            [("tenantId", 1), ("connectionId", 1), ("stream", 1)], name="one_each", unique=True
        )
    ],
    "job_failures": [
        IndexModel([("tenantId", 1), ("jobId", 1), ("at", 1), ("_id", 1)], name="oldest"),
        IndexModel(
            [("tenantId", 1), ("connectionId", 1), ("stream", 1), ("mendedAt", 1), ("at", 1)],
            name="unmended",
        ),
        IndexModel([("at", 1)], name="over", expireAfterSeconds=JOBS_KEPT_SECONDS),
    ],
    "schedules": [
        IndexModel([("tenantId", 1), ("createdAt", -1), ("_id", -1)], name="newest"),
        IndexModel([("tenantId", 1), ("connectionId", 1)], name="by_connection"),
        IndexModel([("nextRunAt", 1)], name="due"),
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
    "webhook_endpoints": [
        IndexModel([("tenantId", 1), ("createdAt", -1), ("_id", -1)], name="newest"),
    ],
    "events": [
        IndexModel([("tenantId", 1), ("_id", 1)], name="by_id"),
        IndexModel([("expiresAt", 1)], name="over", expireAfterSeconds=0),
    ],
    "event_deliveries": [
        IndexModel(
            [("tenantId", 1), ("endpointId", 1), ("createdAt", -1), ("_id", -1)], name="newest"
        ),
        IndexModel(
            [("tenantId", 1), ("endpointId", 1), ("status", 1), ("dueAt", 1)], name="by_due"
        ),
        IndexModel([("dueAt", 1)], name="due", partialFilterExpression={"status": "pending"}),
        IndexModel([("expiresAt", 1)], name="over", expireAfterSeconds=0),
    ],
    "hook_receivers": [
        IndexModel(
            [("connectorId", 1), ("app.owner", 1), ("app.tokenOrigin", 1), ("app.clientId", 1)],
            name="one_per_app",
            unique=True,
            partialFilterExpression={"isShared": True},
        ),
    ],
    "webhooks": [
        IndexModel(
            [("tenantId", 1), ("connectionId", 1), ("containerId", 1)],
            name="one_per_container",
            unique=True,
        ),
        IndexModel([("receiverId", 1), ("keys", 1)], name="by_receiver"),
        IndexModel([("renewAt", 1)], name="to_renew"),
    ],
    "hook_deliveries": [
        IndexModel([("tenantId", 1), ("webhookId", 1), ("dueAt", 1)], name="by_webhook"),
        IndexModel([("dueAt", 1)], name="due"),
        IndexModel([("expiresAt", 1)], name="over", expireAfterSeconds=0),
    ],
    "sandbox_state": [IndexModel([("provider", 1), ("key", 1)], name="one_each", unique=True)],
}


class IndexRefused(StartError):
    """What is stored does not allow an index of ours."""


async def ensure_indexes(database: Database) -> None:
    """Make the indexes that are missing, and those anew that another version made otherwise.

    Raises:
        IndexRefused: One cannot be made; what was there before is there again.
        ServiceUnavailable: The database is away.
    """
    # Side by side: most starts find everything there, and wait for nothing but the answers.
    await asyncio.gather(*(_ensure_all(database[name], INDEXES[name]) for name in INDEXES))


async def _ensure_all(
    collection: AsyncIOMotorCollection[Document], models: list[IndexModel]
) -> None:
    with translated():
        try:
            await collection.create_indexes(models)
        except OperationFailure as error:
            if error.code not in _DIFFERS | _REFUSED:
                raise
            for model in models:
                await _ensure(collection, model)


async def _ensure(collection: AsyncIOMotorCollection[Document], model: IndexModel) -> None:
    """Make one index, in place of one with its name that is defined otherwise."""
    former: Document | None = None
    name = model.document["name"]
    for _ in range(_TURNS):
        try:
            await collection.create_indexes([model])
        except OperationFailure as error:
            if error.code not in _DIFFERS | _REFUSED | _DISTURBED:
                raise
            made = await collection.index_information()
            present = made.get(name)
            if error.code in _REFUSED or (present is None and _stands_in_the_way(made, model)):
                await _put_back(collection, name, former)
                raise IndexRefused(_refusal(collection.name, name, error)) from error
            # None: another process that starts has dropped it meanwhile.
            if error.code in _DIFFERS and present is not None:
                former = former or present
                log.warning("index.replaced", collection=collection.name, index=name)
                await _drop(collection, name)
        else:
            return
        await asyncio.sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311 (not a secret)
    raise ServiceUnavailable("Other processes make the same indexes. Try again in a moment.")


def _stands_in_the_way(made: Mapping[str, Mapping[str, Any]], model: IndexModel) -> bool:
    """Whether another index, which is not ours to drop, has the fields of this one."""
    keys = list(model.document["key"].items())
    return any(
        name != model.document["name"] and list(other["key"]) == keys
        for name, other in made.items()
    )


async def _drop(collection: AsyncIOMotorCollection[Document], name: str) -> None:
    try:
        await collection.drop_index(name)
    except OperationFailure as error:
        # Another process that starts has done it.
        if error.code != _NOT_FOUND:
            raise


async def _put_back(
    collection: AsyncIOMotorCollection[Document], name: str, former: Document | None
) -> None:
    if former is not None:
        options = {key: value for key, value in former.items() if key not in {"key", "v", "ns"}}
        await collection.create_index(former["key"], name=name, **options)


def _refusal(collection: str, name: str, error: OperationFailure) -> str:
    if error.code in _REFUSED:
        keys = ", ".join((error.details or {}).get("keyPattern", {}))
        return (
            f"The index {name} of the collection {collection} must be unique, and documents that"
            f" are stored there have the same {keys}. Remove all but one of each, and start again."
        )
    return (
        f"The index {name} of the collection {collection} cannot be made: another index there has"
        " the same fields under another name. Drop that one, and start again."
    )
