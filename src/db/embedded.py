"""A real MongoDB for development, shared by every process that uses the same DATA_DIR."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from src.core.logging import get_logger
from src.db import mongod
from src.db.folder import REPLICA_SET, State, files_of, is_locked
from src.db.mongod import EmbeddedMongoError
from src.db.opening import Opening, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["EmbeddedMongo", "EmbeddedMongoError", "start"]

WATCH_SECONDS = 0.5
MAX_BACKOFF_SECONDS = 8.0
LEAVE_SECONDS = 10.0

log = get_logger(__name__)


async def start(
    data_dir: Path,
    *,
    idle_seconds: float = 10.0,
    start_seconds: float = 60.0,
    candidates: Sequence[Path] | None = None,
) -> EmbeddedMongo:
    """Attach to the mongod of this folder, or start one; returns with a writable primary.

    Raises:
        EmbeddedMongoError: It does not start.
    """
    terms = Terms(files_of(data_dir), idle_seconds, start_seconds, candidates)
    is_abandoned = threading.Event()
    try:
        port, use = await asyncio.to_thread(Opening(terms, is_abandoned).enter)
    except asyncio.CancelledError:
        is_abandoned.set()
        raise
    return EmbeddedMongo(terms, port, use)


class EmbeddedMongo:
    """This process's use of the shared mongod, which is opened again when its keeper is gone."""

    def __init__(self, terms: Terms, port: int, use: IO[bytes]) -> None:
        self._terms = terms
        self._files = terms.files
        self._port = port
        self._use = use
        self._failure: str | None = None
        self._is_closing = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="embedded-mongodb", daemon=True)
        self._watcher.start()

    @property
    def url(self) -> str:
        """Where it is now: the port changes when a stranger took the old one meanwhile."""
        return f"mongodb://127.0.0.1:{self._port}/?directConnection=true&replicaSet={REPLICA_SET}"

    def trouble(self) -> str:
        """Why it does not answer, and what to do about it."""
        state = State.read(self._files.state)
        known = self._failure or mongod.explain((state and state.failure) or "", self._files)
        return known or (
            "the embedded MongoDB does not answer and is being started again; "
            f"if that lasts, the reason is at the end of {self._files.log}"
        )

    async def close(self) -> None:
        """Give up this use; the last one out lets the keeper stop mongod."""
        self._is_closing.set()
        await asyncio.to_thread(self._leave)

    def _leave(self) -> None:
        self._watcher.join()
        if self._use.closed:
            return
        leaving = Opening(replace(self._terms, start_seconds=LEAVE_SECONDS), threading.Event())
        with contextlib.suppress(EmbeddedMongoError):  # the next start tries again, and says why
            leaving.leave(self._use)

    def _watch(self) -> None:
        """Look after the keeper, which looks after mongod."""
        pause = WATCH_SECONDS
        while not self._is_closing.wait(pause):
            try:
                if self._is_deleted():
                    self._fail("DATA_DIR was deleted or replaced: start this service again")
                    return
                if not self._is_kept():
                    self._port = Opening(self._terms, self._is_closing).enter_again()
                    log.info("database.reopened", port=self._port)
            except (EmbeddedMongoError, OSError) as error:
                self._fail(str(error))
                pause = min(pause * 2, MAX_BACKOFF_SECONDS)
            else:
                self._failure, pause = None, WATCH_SECONDS

    def _is_deleted(self) -> bool:
        """Whether our lock is on a file that nobody finds any more."""
        try:
            found = self._files.users.stat()
        except FileNotFoundError:
            return True
        return not os.path.samestat(found, os.fstat(self._use.fileno()))

    def _is_kept(self) -> bool:
        state = State.read(self._files.state)
        is_moved = state is not None and state.port != self._port
        return is_locked(self._files.keeper) and not is_moved

    def _fail(self, reason: str) -> None:
        if reason != self._failure and not self._is_closing.is_set():
            log.warning("reopening.failed", reason=reason)
        self._failure = reason
