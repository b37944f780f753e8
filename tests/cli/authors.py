"""A connector's author at the command line, without a database, and a provider on a real socket."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from typer.testing import CliRunner

from src.cli.__main__ import app
from src.connectors.registry import load, module_of
from src.sandbox.kit import MemoryStore

ANSWER_WIDTH = "200"


@dataclass(frozen=True)
class Told:
    """What a command said on both channels, and how it ended."""

    code: int
    said: str
    complained: str

    @property
    def json(self) -> Any:
        return json.loads(self.said)


def connector(*arguments: str | Path, typed: str | None = None, **settings: str) -> Told:
    """Run `connector …` in this process."""
    result = CliRunner().invoke(
        app,
        ["connector", *map(str, arguments)],
        input=typed,
        env={"COLUMNS": ANSWER_WIDTH, **settings},
    )
    assert not isinstance(result.exception, Exception), result.exception
    return Told(result.exit_code, result.stdout, result.stderr)


@contextmanager
def provider(folder: Path) -> Iterator[dict[str, str]]:
    """The imitation of a connector on a real socket, and the setting that leads to it."""
    loaded = load(folder.name, module_of(folder))
    with socket.socket() as listening:
        # Whoever connects before the server runs waits in the queue.
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            loaded.sandbox_factory()(MemoryStore()),
            log_config=None,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield {f"CONNECTORS__{folder.name.upper()}__API_URL": url}
        finally:
            server.should_exit = True
            thread.join()
