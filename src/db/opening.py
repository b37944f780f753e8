"""Attaching to the embedded MongoDB of a folder, or starting it: one process at a time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from src.db import mongod, primary
from src.db.folder import (
    EXCLUSIVE,
    SHARED,
    Files,
    State,
    append_private,
    is_locked,
    try_lock,
)
from src.db.mongod import EmbeddedMongoError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portalocker import LockFlags

POLL_SECONDS = 0.02
PROJECT = Path(__file__).resolve().parents[2]
# The keeper outlives the API: it must not carry the API's secrets in its environment.
ENVIRONMENT = (
    "PATH PYTHONPATH LD_LIBRARY_PATH DYLD_LIBRARY_PATH HOME USERPROFILE LANG TMPDIR TEMP SYSTEMROOT"
)
DETACHED = 0x00000008 | 0x00000200  # Windows: DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP


@dataclass(frozen=True, slots=True)
class Terms:
    """What is to be opened, and how long that may take."""

    files: Files
    idle_seconds: float
    start_seconds: float
    candidates: Sequence[Path] | None


class Opening:
    """One attempt, for a thread of its own; ``is_abandoned`` ends its waits."""

    def __init__(self, terms: Terms, is_abandoned: threading.Event) -> None:
        self.terms = terms
        self.files = terms.files
        self.is_abandoned = is_abandoned
        self.deadline = time.monotonic() + terms.start_seconds
        self.keeper: subprocess.Popen[bytes] | None = None

    def enter(self) -> tuple[int, IO[bytes]]:
        """The port of a writable primary, and the lock that keeps it alive.

        Raises:
            EmbeddedMongoError: It does not start; whatever the file system refuses is a sentence.
        """
        with self._explained():
            self.files.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.files.database.mkdir(mode=0o700, exist_ok=True)
            with self._lock(self.files.starter, EXCLUSIVE), contextlib.ExitStack() as on_failure:
                use = self._lock(self.files.users, SHARED)
                on_failure.callback(use.close)
                port = self._serve()
                if self.is_abandoned.is_set():
                    raise self._late()
                on_failure.pop_all()
                return port, use

    def enter_again(self) -> int:
        """The port, for a user whose lock still holds; makes no folder that has been deleted.

        Raises:
            EmbeddedMongoError: As above.
        """
        with self._explained(), self._lock(self.files.starter, EXCLUSIVE):
            return self._serve()

    def leave(self, use: IO[bytes]) -> None:
        """Give up the lock; the last one out ends a mongod that has lost its keeper.

        Raises:
            EmbeddedMongoError: It does not end.
        """
        use.close()
        with self._explained():
            if is_locked(self.files.keeper):
                return
            if last := try_lock(self.files.users, EXCLUSIVE):
                with last:
                    self._stop_orphan()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EmbeddedMongoError(mongod.explain_os_error(error, self.files)) from error

    def _lock(self, path: Path, flags: LockFlags) -> IO[bytes]:
        for _ in self._ticks():
            if lock := try_lock(path, flags):
                return lock
        raise self._late()

    def _ticks(self) -> Iterator[None]:
        """The rhythm of every wait: tight, bounded, and over when the caller is gone."""
        while time.monotonic() < self.deadline and not self.is_abandoned.is_set():
            yield
            time.sleep(POLL_SECONDS)

    def _serve(self) -> int:
        """The port, once a writable primary listens there."""
        for _ in self._ticks():
            if self.keeper is None and not is_locked(self.files.keeper):
                self.keeper = self._start_keeper()
            if self.keeper and self.keeper.poll() is not None:
                raise EmbeddedMongoError(self._reason("MongoDB ended before it was ready"))
            state = State.read(self.files.state)
            if sentence := state and mongod.explain(state.failure or "", self.files):
                raise EmbeddedMongoError(sentence)
            if state and state.pid and primary.is_ready(state.port, self.files):
                return state.port
        raise self._late()

    def _start_keeper(self) -> subprocess.Popen[bytes]:
        self._stop_orphan()
        candidates = self.terms.candidates
        chosen = mongod.choose(
            self.files, mongod.candidates() if candidates is None else candidates
        )
        if last := State.read(self.files.state):
            replace(last, keeper=None, pid=None, failure=None).write(self.files.state)
        with append_private(self.files.log) as log:
            keeper = subprocess.Popen(  # noqa: S603  # our own module, started by our own Python
                self._command(chosen),
                cwd=PROJECT,
                env={name: os.environ[name] for name in ENVIRONMENT.split() if name in os.environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                creationflags=DETACHED if os.name == "nt" else 0,
            )
        threading.Thread(target=keeper.wait, daemon=True).start()  # so that no zombie stays
        return keeper

    def _command(self, chosen: mongod.Mongod) -> list[str]:
        return [
            *(sys.executable, "-m", "src.db.keeper", str(self.files.data_dir)),
            f"--binary={chosen.path}",
            f"--version={chosen.version}",
            f"--idle-seconds={self.terms.idle_seconds}",
        ]

    def _stop_orphan(self) -> None:
        """End a mongod whose keeper was killed: nobody would end it with its last user."""
        lock = self.files.database / "mongod.lock"
        for _ in self._ticks():
            if not is_locked(lock):
                return
            if state := State.read(self.files.state):
                primary.shut_down(state.port, self.files)
        raise EmbeddedMongoError(
            f"Another mongod has {self.files.database} open and does not stop: stop it by hand, "
            f"{mongod.ELSEWHERE}."
        )

    def _late(self) -> EmbeddedMongoError:
        return EmbeddedMongoError(
            self._reason(f"MongoDB did not start within {self.terms.start_seconds:g} seconds")
        )

    def _reason(self, otherwise: str) -> str:
        """What mongod said last, in words, or where to read it."""
        state = State.read(self.files.state)
        words = (state and state.failure) or mongod.last_words(self.files.log)
        unknown = f"{otherwise}: the reason is at the end of {self.files.log}."
        return mongod.explain(words, self.files) or unknown
