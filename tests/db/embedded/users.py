"""Processes that use the embedded database, and what can be seen of it from outside."""

import contextlib
import os
import socketserver
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import psutil
from pymongo import MongoClient, WriteConcern

from src.db.folder import Files, State
from src.db.keeper import port_is_free

IDLE_SECONDS = 0.5
PATIENCE_SECONDS = 60.0
DURABLE = WriteConcern(w="majority", j=True)
PROGRAM = f"""
import asyncio, pathlib, sys
from src.core.logging import configure_logging
from src.db.embedded import start
async def use():
    mongo = await start(pathlib.Path(sys.argv[1]), idle_seconds={IDLE_SECONDS})
    print(mongo.url, flush=True)
    while await asyncio.to_thread(sys.stdin.readline) == "where\\n":
        print(mongo.url, flush=True)
    await mongo.close()
configure_logging("INFO", as_json=False)
asyncio.run(use())
"""


class User:
    """A process of its own that uses the embedded database until it is told to leave."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(  # our own program, our own Python
            [sys.executable, "-c", PROGRAM, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def url(self) -> str:
        """Where the database was when this process had started."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def url_now(self) -> str:
        assert self.process.stdin
        self.process.stdin.write("where\n")
        self.process.stdin.flush()
        return self.url

    def leave(self) -> int:
        self.process.communicate("\n", timeout=PATIENCE_SECONDS)
        return self.process.returncode

    def crash(self) -> None:
        self.process.kill()
        if self.process.stdin and not self.process.stdin.closed:
            self.process.communicate()


Join = Callable[[], User]


def processes_of(files: Files, name: str = "") -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            command = " ".join(process.cmdline())
            if process.pid != os.getpid() and str(files.data_dir) in command and name in command:
                found.append(process)
    return [process for process in found if is_alive(process)]


def is_alive(process: psutil.Process) -> bool:
    """Whether it still holds its files: a zombie does, as long as one of its threads is dying."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1
    return False


def mongods_of(files: Files) -> list[psutil.Process]:
    return processes_of(files, f"--dbpath={files.database}")


def keepers_of(files: Files) -> list[psutil.Process]:
    return processes_of(files, "src.db.keeper")


def kill(*processes: psutil.Process) -> None:
    """``kill -9`` them all at once, and return when they are gone."""
    for process in processes:
        process.kill()
    eventually(lambda: not any(map(is_alive, processes)))


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_quiet(files: Files) -> bool:
    return not mongods_of(files) and not keepers_of(files)


def state_of(files: Files) -> State:
    state = State.read(files.state)
    assert state
    return state


def write(url: str, number: int) -> None:
    with MongoClient(url) as client:
        client.test.get_collection("kept", write_concern=DURABLE).insert_one({"_id": number})


def numbers(url: str) -> list[int]:
    with MongoClient(url, serverSelectionTimeoutMS=int(PATIENCE_SECONDS * 1000)) as client:
        return [document["_id"] for document in client.test.kept.find().sort("_id")]


class Stranger(socketserver.ThreadingTCPServer):
    """Another program, which hangs up on whoever calls."""

    allow_reuse_address = True


@contextlib.contextmanager
def stranger_at(port: int) -> Iterator[None]:
    """A stranger on the port of a mongod that was just killed."""
    # A killed process gives its port back a moment after its death.
    eventually(lambda: port_is_free(port))
    with Stranger(("127.0.0.1", port), socketserver.BaseRequestHandler) as stranger:
        Thread(target=stranger.serve_forever, args=(0.01,)).start()
        yield
        stranger.shutdown()
