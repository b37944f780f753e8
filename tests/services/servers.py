"""MongoDB servers that are set up wrongly in one way."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from src.db.folder import Files
from src.db.keeper import free_port
from src.db.mongod import candidates, choose


@contextmanager
def mongod(folder: Path, *options: str) -> Iterator[int]:
    """A server of its own; the answer is its port, which may not answer yet."""
    folder.mkdir()
    program, port = choose(Files(folder), candidates()).path, free_port()
    command = [program, f"--dbpath={folder}", f"--port={port}", "--bind_ip=127.0.0.1", *options]
    process = subprocess.Popen([*command, "--nounixsocket"], stdout=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.kill()
        process.wait()
