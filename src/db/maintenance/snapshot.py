"""Reading the whole database as it was at one moment, while others go on writing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymongo.errors import OperationFailure

from src.core.errors import StartError
from src.db.client import Database
from src.db.errors import translated
from src.db.transaction import current_session

_SNAPSHOT_TOO_OLD = 239


class SnapshotTooOld(StartError):
    """The database has given up the moment that was being read."""


@asynccontextmanager
async def moment(database: Database) -> AsyncIterator[Any]:
    """A session whose reads all see one moment.

    Raises:
        SnapshotTooOld: It took longer than the server keeps history.
    """
    with translated():
        session = await database.client.start_session(snapshot=True)
    async with session:
        try:
            yield session
        except OperationFailure as error:
            if error.code != _SNAPSHOT_TOO_OLD:
                raise
            raise SnapshotTooOld(
                "Reading took longer than the database keeps its history (five minutes by "
                "default): raise minSnapshotHistoryWindowInSeconds on the server and try again."
            ) from error


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[None]:
    """All reads within see one moment, those of repositories too.

    Raises:
        SnapshotTooOld: It took longer than the server keeps history.
    """
    async with moment(database) as session:
        token = current_session.set(session)
        try:
            yield
        finally:
            current_session.reset(token)
