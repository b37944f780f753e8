"""What the keeper and the API processes agree on: the files of DATA_DIR, their state and locks."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import portalocker

REPLICA_SET = "embedded"
SHARED = portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING
EXCLUSIVE = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING


@dataclass(frozen=True, slots=True)
class Files:
    """Every path under DATA_DIR in one place, because two programs must agree on them."""

    data_dir: Path

    @property
    def database(self) -> Path:
        """The folder that mongod owns."""
        return self.data_dir / "mongo"

    @property
    def log(self) -> Path:
        """The words of mongod and of the keeper, together, so that one file holds every reason."""
        return self.data_dir / "mongod.log"

    @property
    def state(self) -> Path:
        """What the keeper tells the API processes."""
        return self.data_dir / "mongod.json"

    @property
    def version(self) -> Path:
        """The version that wrote the data, kept after the state is gone."""
        return self.data_dir / "mongo.version"

    @property
    def users(self) -> Path:
        """Held shared by each user, exclusive by a keeper that stops."""
        return self.data_dir / "mongod.users"

    @property
    def starter(self) -> Path:
        """Held by the one process that starts or attaches."""
        return self.data_dir / "mongod.starter"

    @property
    def keeper(self) -> Path:
        """Held by the keeper for its whole life: a lock cannot go stale as a pid can."""
        return self.data_dir / "mongod.keeper"


def files_of(data_dir: Path) -> Files:
    """The files of a folder, however its path is written."""
    return Files(data_dir.resolve())


@dataclass(frozen=True, slots=True)
class State:
    """What is running now; `keeper` is None when nobody vouches for the rest but the port."""

    port: int
    version: str
    binary: str
    keeper: int | None = None
    pid: int | None = None
    failure: str | None = None

    @classmethod
    def read(cls, path: Path) -> State | None:
        """A missing or foreign file means that nothing is known, which is never an error."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Readers see the old state or the new one, never half of it."""
        write_private(path, json.dumps(asdict(self)))


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step, readable by its owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def append_private(path: Path) -> IO[bytes]:
    """Open at the end, for the owner only, without touching the process-wide umask."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def try_lock(path: Path, flags: portalocker.LockFlags) -> IO[bytes] | None:
    """The open file is the lock: it ends with `close()` or with the process."""
    file = append_private(path)
    try:
        portalocker.lock(file, flags)
    except portalocker.LockException as error:
        file.close()
        if isinstance(error, portalocker.AlreadyLocked):
            return None
        raise OSError(errno.ENOLCK, "file locks do not work in this folder") from error
    return file


def is_locked(path: Path) -> bool:
    """Whether a living process holds the file, which no crash can leave behind."""
    if not path.exists():
        return False
    try:
        lock = try_lock(path, SHARED)  # two that look at once must not see each other
    except PermissionError:
        if os.name == "nt":  # where mongod's lock does not even open
            return True
        raise
    if lock:
        lock.close()
    return lock is None
