"""Several writes as one: all of them or none (a replica set is required for it)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from src.db.client import Database
from src.db.errors import translated

T = TypeVar("T")

current_session: ContextVar[Any] = ContextVar("current_session", default=None)
"""The driver's session of the transaction that this task is in."""


async def in_transaction(database: Database, work: Callable[[], Awaitable[T]]) -> T:
    """Run ``work``; its writes are kept together, or not at all when it raises.

    The driver runs it again when it met another transaction, so ``work`` must read what it decides
    by inside.
    """

    async def run(session: Any) -> T:
        token = current_session.set(session)
        try:
            return await work()
        finally:
            current_session.reset(token)

    async with await database.client.start_session() as session:
        # Motor leaves these to us when the commit itself is refused.
        with translated("TransientTransactionError", "UnknownTransactionCommitResult"):
            result: T = await session.with_transaction(run)
    return result
