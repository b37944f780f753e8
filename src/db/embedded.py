"""A real MongoDB for development, shared by every process that uses the same DATA_DIR."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from src.db import mongod
from src.db.folder import (
    EXCLUSIVE,
    REPLICA_SET,
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

__all__ = ["EmbeddedMongo", "EmbeddedMongoError", "start"]

POLL_SECONDS = 0.02
ANSWER_MILLISECONDS = 2_000
PROJECT = Path(__file__).resolve().parents[2]
# The keeper outlives the API: it must not carry the API's secrets in its environment.
ENVIRONMENT = (
    "PATH PYTHONPATH LD_LIBRARY_PATH DYLD_LIBRARY_PATH HOME USERPROFILE LANG TMPDIR TEMP SYSTEMROOT"
)
DETACHED = 0x00000008 | 0x00000200  # Windows: DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP


@dataclass(slots=True)
class EmbeddedMongo:
    """This process's use of the shared mongod."""

    url: str
    _use: IO[bytes]

    async def close(self) -> None:
        """Give up this use; the last one out lets the keeper stop mongod."""
        self._use.close()


async def start(
    data_dir: Path,
    *,
    idle_seconds: float = 10.0,
    start_seconds: float = 60.0,
    candidates: Sequence[Path] | None = None,
) -> EmbeddedMongo:
    """Attach to the mongod of this folder, or start one; returns with a writable primary."""
    opening = _Opening(data_dir, idle_seconds, start_seconds, candidates)
    try:
        return await asyncio.to_thread(opening.run)
    except asyncio.CancelledError:
        opening.is_abandoned.set()
        raise


class _Opening:
    """One attempt to attach or start, in a thread of its own."""

    def __init__(
        self,
        data_dir: Path,
        idle_seconds: float,
        start_seconds: float,
        candidates: Sequence[Path] | None,
    ) -> None:
        self.files = Files(data_dir.resolve())
        self.idle_seconds = idle_seconds
        self.start_seconds = start_seconds
        self.candidates = candidates
        self.deadline = time.monotonic() + start_seconds
        self.is_abandoned = threading.Event()

    def run(self) -> EmbeddedMongo:
        """Whatever the file system refuses becomes a sentence."""
        try:
            self.files.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.files.database.mkdir(mode=0o700, exist_ok=True)
            with self._lock(self.files.starter, EXCLUSIVE):
                return self._open()
        except OSError as error:
            raise EmbeddedMongoError(mongod.explain_os_error(error, self.files)) from error

    def _open(self) -> EmbeddedMongo:
        use = self._lock(self.files.users, SHARED)
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(use.close)
            port = self._serve()
            if self.is_abandoned.is_set():
                raise self._late()
            on_failure.pop_all()
        url = f"mongodb://127.0.0.1:{port}/?directConnection=true&replicaSet={REPLICA_SET}"
        return EmbeddedMongo(url, use)

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
        keeper: subprocess.Popen[bytes] | None = None
        for _ in self._ticks():
            if keeper is None and not is_locked(self.files.keeper):
                keeper = self._start_keeper()
            if keeper and keeper.poll() is not None:
                raise EmbeddedMongoError(self._reason("MongoDB ended before it was ready"))
            state = State.read(self.files.state)
            if sentence := state and mongod.explain(state.failure or "", self.files):
                raise EmbeddedMongoError(sentence)
            if state and state.pid and self._is_ready(state.port):
                return state.port
        raise self._late()

    def _start_keeper(self) -> subprocess.Popen[bytes]:
        self._stop_orphan()
        chosen = mongod.choose(
            self.files, mongod.candidates() if self.candidates is None else self.candidates
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
            f"--idle-seconds={self.idle_seconds}",
        ]

    def _stop_orphan(self) -> None:
        """A mongod whose keeper was killed is asked over the wire: a pid could be a stranger's."""
        lock = self.files.database / "mongod.lock"
        for _ in self._ticks():
            if not is_locked(lock):
                return
            state = State.read(self.files.state)
            if state and accepts(state.port):
                with connect(state.port) as client, contextlib.suppress(PyMongoError):
                    if serves(client, self.files):
                        client.admin.command("shutdown", force=True, timeoutSecs=0)
        raise EmbeddedMongoError(
            f"Another mongod has {self.files.database} open and does not stop: stop it by hand, "
            f"{mongod.ELSEWHERE}."
        )

    def _is_ready(self, port: int) -> bool:
        if not accepts(port):
            return False
        try:
            with connect(port) as client:
                return serves(client, self.files) and is_primary(client, f"127.0.0.1:{port}")
        except PyMongoError:  # still starting, or just ended: the deadline decides
            return False

    def _late(self) -> EmbeddedMongoError:
        return EmbeddedMongoError(
            self._reason(f"MongoDB did not start within {self.start_seconds:g} seconds")
        )

    def _reason(self, otherwise: str) -> str:
        """What mongod said last, in words, or where to read it."""
        state = State.read(self.files.state)
        words = (state and state.failure) or mongod.last_words(self.files.log)
        unknown = f"{otherwise}: the reason is at the end of {self.files.log}."
        return mongod.explain(words, self.files) or unknown


def accepts(port: int) -> bool:
    """Cheaper than a client, which would wait half a second between its attempts."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def connect(port: int) -> MongoClient[dict[str, Any]]:
    """A short-lived client to exactly this server."""
    return MongoClient(
        "127.0.0.1",
        port,
        directConnection=True,
        serverSelectionTimeoutMS=ANSWER_MILLISECONDS,
        socketTimeoutMS=ANSWER_MILLISECONDS,
    )


def serves(client: MongoClient[dict[str, Any]], files: Files) -> bool:
    """Whether this server is the one of our folder, and not a stranger on our old port."""
    options = client.admin.command("getCmdLineOpts")["parsed"]
    return bool(options.get("storage", {}).get("dbPath") == str(files.database))


def is_primary(client: MongoClient[dict[str, Any]], host: str) -> bool:
    """Bring the set of one member one step nearer to a writable primary."""
    hello = client.admin.command("hello")
    if hello.get("isWritablePrimary"):
        return bool(hello["me"] == host)
    config = client.local["system.replset"].find_one()
    if config is None:
        members = [{"_id": 0, "host": host}]
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    elif config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
    return False
