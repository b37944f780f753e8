"""Processes of a benchmark: started on free ports of 127.0.0.1, and all ended, whatever happens."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
_KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.005


class BenchmarkFailed(Exception):
    """The benchmark cannot go on; the message says why."""


class Workshop:
    """A folder and the processes that work in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        talks: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Run Python with ``command``; its words go to ``name.log``, unless it ``talks`` to us.

        It stands in our folder and gets none of our environment, so that no ``.env`` and no
        setting of the developer changes what is measured.
        """
        inherited = {key: os.environ[key] for key in _KEPT if key in os.environ}
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=self.folder,
                env={**inherited, "PYTHONPATH": str(ROOT), **(env or {})},
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours alone: we end them in order
            )
        self._processes.append(process)
        return process

    def start_server(
        self, name: str, app: Sequence[str], env: Mapping[str, str] | None = None
    ) -> tuple[subprocess.Popen[bytes], int]:
        """Run uvicorn; the port answers a moment later."""
        port = free_port()
        command = ["-m", "uvicorn", *app, "--host", HOST, "--port", str(port)]
        return self.start(name, command, env), port

    def wait(
        self, name: str, process: subprocess.Popen[bytes], port: int, path: str, seconds: float
    ) -> None:
        """Wait for a 200.

        Raises:
            BenchmarkFailed: The process ended, or did not answer in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise BenchmarkFailed(f"{name} ended by itself:\n{self.last_words(name)}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if request(port, "GET", path)[0] == http.HTTPStatus.OK:
                    return
            time.sleep(_POLL_SECONDS)
        raise BenchmarkFailed(f"{name} did not answer in time:\n{self.last_words(name)}")

    def last_words(self, name: str) -> str:
        """The end of a process's log."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End one of ours, kindly first."""
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def stop_database(self, data_dir: Path) -> None:
        """End the embedded MongoDB of a folder: its keeper first, who then ends it cleanly."""
        keepers = [one for one in using(data_dir) if "mongod" not in one.name()]
        for process in keepers:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
        psutil.wait_procs(keepers, _STOP_SECONDS)
        for process in using(data_dir):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def stop_all(self) -> None:
        """End everything that was started here, the newest first."""
        for process in reversed(self._processes):
            self.stop(process)
        self.stop_database(self.folder)


@contextlib.contextmanager
def workshop() -> Iterator[Workshop]:
    """A workshop that is gone afterwards, also after Ctrl-C, SIGTERM or a failure."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shop = Workshop(Path(tempfile.mkdtemp(prefix="benchmark-")))
    try:
        yield shop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        shop.stop_all()
        shutil.rmtree(shop.folder, ignore_errors=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)


def using(folder: Path) -> list[psutil.Process]:
    """Processes that were started with a path below ``folder``, which is ours alone."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or ()
        if process.pid != os.getpid() and any(str(folder) in word for word in words):
            found.append(process)
    return found


def mongod_of(data_dir: Path) -> psutil.Process:
    """The embedded MongoDB of a folder.

    Raises:
        BenchmarkFailed: None is running.
    """
    for process in using(data_dir):
        if "mongod" in process.name():
            return process
    raise BenchmarkFailed(f"no mongod is running for {data_dir}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def request(
    port: int, method: str, path: str, headers: Mapping[str, str] | None = None, body: Any = None
) -> tuple[int, bytes]:
    """Status and body of one call."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    content = None if body is None else json.dumps(body)
    sent = {"Content-Type": "application/json", **(headers or {})} if body else headers or {}
    try:
        connection.request(method, path, content, dict(sent))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
