"""The parent of the embedded `mongod`: it outlives every API process and ends with the last one."""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import secrets
import signal
import socket
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import IO

from src.db.folder import EXCLUSIVE, REPLICA_SET, Files, State, append_private, try_lock

POLL_SECONDS = 1.0
STOP_SECONDS = 15.0
MAX_BACKOFF_SECONDS = 10.0
LOG_LIMIT_BYTES = 16 * 1024 * 1024
PORT_ATTEMPTS = 5
LAST_WORDS = 4_000
READY = '"id":23016'  # mongod's log id for "Waiting for connections"
PORT_IN_USE = "Address already in use"
LAST_WITH_FREE_MONITORING = 6
FIRST_WITH_QUIESCE = 5
# Below the ephemeral range, where a client's retry could connect to itself and hold the port.
FIRST_PORT, PORT_COUNT = 27_100, 5_000


def port_is_free(port: int) -> bool:
    """Whether mongod could listen there now."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A random start keeps two folders that start together apart."""
    while not port_is_free(port := FIRST_PORT + secrets.randbelow(PORT_COUNT)):
        pass
    return port


class Keeper:
    """Keeps one mongod alive while somebody uses it."""

    def __init__(self, files: Files, binary: str, version: str, idle_seconds: float) -> None:
        last = State.read(files.state)
        port = last.port if last and port_is_free(last.port) else free_port()
        self.files = files
        self.state = State(port, version, binary)
        self.idle_seconds = idle_seconds
        self.poll_seconds = min(POLL_SECONDS, max(idle_seconds / 4, 0.05))
        self.last_use = time.monotonic()
        self.users: IO[bytes] | None = None
        self.is_asked_to_stop = False
        self.has_been_ready = False
        self.wake: queue.SimpleQueue[None] = queue.SimpleQueue()  # safe inside a signal handler

    def run(self) -> None:
        """Supervise until nobody is left; then the locks fall in the order newcomers rely on."""
        while not (lock := try_lock(self.files.keeper, EXCLUSIVE)):
            time.sleep(0.02)  # a starter is probing it: only one keeper is ever started
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_soon)
        with lock:
            self._tell(replace(self.state, keeper=os.getpid()))
            failure = self._keep()
            self._tell(replace(self.state, keeper=None, pid=None, failure=failure))
        if self.users:
            self.users.close()

    def _tell(self, state: State) -> None:
        self.state = state
        state.write(self.files.state)

    def _stop_soon(self, _number: int, _frame: object) -> None:
        self.is_asked_to_stop = True
        self.wake.put(None)

    def _keep(self) -> str | None:
        """Run mongod again and again; the answer is why it cannot run at all."""
        attempts, backoff = 1, 0.1
        while (words := self._run_mongod()) is not None:
            if PORT_IN_USE in words and attempts < PORT_ATTEMPTS:
                attempts += 1
                self._tell(replace(self.state, pid=None, port=free_port()))
            elif self.has_been_ready:
                self._tell(replace(self.state, pid=None, failure=words))
                if self._is_over_after(backoff):
                    break
                backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)
            else:
                return words
        return None

    def _run_mongod(self) -> str | None:
        """One life of mongod: its last words, or None when it was ended on purpose."""
        self._bound_log()
        with append_private(self.files.log) as log:
            beginning = log.tell()
            process = subprocess.Popen(  # noqa: S603  # the starter chose and tried this binary
                self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        threading.Thread(target=self._report_end, args=[process], daemon=True).start()
        try:
            self._tell(replace(self.state, pid=process.pid, failure=None))
            while process.poll() is None:
                if self._is_over_after(self.poll_seconds):
                    return None
                self._bound_log(process)
        finally:
            stop(process)  # also when the folder was deleted or the disk is full
        return self._last_words(beginning)

    def _command(self) -> list[str]:
        options = [
            f"--dbpath={self.files.database}",
            f"--logpath={self.files.log}",
            f"--port={self.state.port}",
            f"--replSet={REPLICA_SET}",
            "--bind_ip=127.0.0.1",
            "--wiredTigerCacheSizeGB=0.25",
            "--quiet",
            "--logappend",
            "--logRotate=reopen",
            "--setParameter=diagnosticDataCollectionEnabled=false",
            # What a killed process has left open is in the way of others for so long.
            "--setParameter=transactionLifetimeLimitSeconds=15",
        ]
        if os.name == "posix":
            options.append("--nounixsocket")
        major = int(self.state.version.split(".")[0])
        if major <= LAST_WITH_FREE_MONITORING:
            options.append("--enableFreeMonitoring=off")
        if major >= FIRST_WITH_QUIESCE:
            # Ended before its election, it would wait 15 s for clients to go elsewhere.
            options.append("--setParameter=shutdownTimeoutMillisForSignaledShutdown=0")
        return [self.state.binary, *options]

    def _report_end(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self.wake.put(None)

    def _is_over_after(self, seconds: float) -> bool:
        """Sleep, unless mongod ends or a signal comes; then ask whether anybody is left."""
        with contextlib.suppress(queue.Empty):
            self.wake.get(timeout=seconds)
        return self.is_asked_to_stop or self._is_abandoned()

    def _is_abandoned(self) -> bool:
        """The exclusive lock is kept when the answer is yes, so that a newcomer waits."""
        self.users = try_lock(self.files.users, EXCLUSIVE)
        if self.users is None:
            self.last_use = time.monotonic()
        elif time.monotonic() - self.last_use < self.idle_seconds:
            self.users.close()
            self.users = None
        return self.users is not None

    def _bound_log(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """Keep this log and the one before; a running mongod opens the new one on SIGUSR1."""
        log = self.files.log
        can_rotate = process is None or os.name == "posix"
        if not can_rotate or not log.exists() or log.stat().st_size < LOG_LIMIT_BYTES:
            return
        log.replace(log.with_name("mongod.log.1"))
        if process:
            process.send_signal(signal.SIGUSR1)
            self.has_been_ready = True

    def _last_words(self, beginning: int) -> str:
        """Errors of this life only: JSON lines marked so, and whatever is no JSON."""
        with self.files.log.open("rb") as log:
            log.seek(beginning)
            lines = log.read().decode(errors="replace").splitlines()
        self.has_been_ready = self.has_been_ready or any(READY in line for line in lines)
        return "\n".join(line for line in lines if is_error(line))[-LAST_WORDS:]


def stop(process: subprocess.Popen[bytes]) -> None:
    """End mongod cleanly if it can; its journal forgives the rest."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def is_error(line: str) -> bool:
    """Whether a line of the log is about a failure."""
    return not line.startswith("{") or '"s":"E"' in line or '"s":"F"' in line


def main() -> None:
    """Take the place of the parent of mongod."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--idle-seconds", type=float, required=True)
    given = parser.parse_args()
    Keeper(Files(given.data_dir), given.binary, given.version, given.idle_seconds).run()


if __name__ == "__main__":
    main()
