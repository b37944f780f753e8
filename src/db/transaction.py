"""Several writes as one: all of them or none (a replica set is required for it)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from bson.binary import UUID_SUBTYPE, Binary
from pymongo.errors import OperationFailure

from src.db.client import Database
from src.db.errors import translated

T = TypeVar("T")

current_session: ContextVar[Any] = ContextVar("current_session", default=None)
"""The driver's session of the transaction that this task is in."""

_own: ContextVar[Any] = ContextVar("_own", default=None)
"""The driver's session that this task keeps for its transactions."""

_afterwards: ContextVar[list[Callable[[], Awaitable[None]]]] = ContextVar("_afterwards")
"""What is to be done once that transaction has been kept."""


async def in_transaction(database: Database, work: Callable[[], Awaitable[T]]) -> T:
    """Run ``work``; its writes are kept together, or not at all when it raises.

    The driver runs it again when it met another transaction, so ``work`` must read what it decides
    by inside.
    """
    waiting: list[Callable[[], Awaitable[None]]] = []

    async def run(session: Any) -> T:
        waiting.clear()
        token, list_token = current_session.set(session), _afterwards.set(waiting)
        try:
            return await work()
        finally:
            current_session.reset(token)
            _afterwards.reset(list_token)

    async with _session(database) as session:
        # Motor leaves these to us when the commit itself is refused.
        with translated("TransientTransactionError", "UnknownTransactionCommitResult"):
            result: T = await session.with_transaction(run)
    for follow in waiting:
        await follow()
    return result


@asynccontextmanager
async def _session(database: Database) -> AsyncGenerator[Any, None]:
    own = _own.get()
    if own is not None and own.client is database.client:
        yield own
        return
    async with await database.client.start_session() as session:
        yield session


class OwnSession:
    """A session that somebody keeps, whose name another can learn and end it by.

    The server goes on with the transaction of a process that was killed for up to a minute, and
    whatever it has written to is locked for so long.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self.id = bytes(session.session_id["id"])

    @contextmanager
    def used(self) -> Iterator[None]:
        """Have the transactions of this task in it, one after the other."""
        token = _own.set(self._session)
        try:
            yield
        finally:
            _own.reset(token)


@asynccontextmanager
async def own_session(database: Database) -> AsyncGenerator[OwnSession, None]:
    """Keep a session."""
    with translated():
        session = await database.client.start_session()
    async with session:
        yield OwnSession(session)


async def end_session(database: Database, session_id: bytes) -> None:
    """End a session of a process that is dead, and with it what it had not committed.

    Where the server does not allow that, it ends by itself.
    """
    with translated(), suppress(OperationFailure):
        await database.command({"killSessions": [{"id": Binary(session_id, UUID_SUBTYPE)}]})


async def afterwards(follow: Callable[[], Awaitable[None]]) -> None:
    """Do this once the transaction that this task is in has been kept; at once if it is in none.

    It is a convenience, never a promise: a process can die between the two.
    """
    if current_session.get() is None:
        await follow()
    else:
        _afterwards.get().append(follow)
