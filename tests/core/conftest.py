"""A log that can be read back, and real servers on the loopback."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, redirect_stderr
from dataclasses import dataclass
from typing import Any

import pytest

from src.core.logging import begin_log_context, configure_logging
from src.core.outbound import Outbound
from tests.core.servers import Answer, Server


@dataclass(frozen=True)
class Log:
    """What the process writes to standard error."""

    stream: io.StringIO

    def text(self) -> str:
        """Everything that was written since the last reading."""
        written = self.stream.getvalue()
        self.stream.seek(0)
        self.stream.truncate()
        return written

    def lines(self) -> list[dict[str, Any]]:
        """The same, each line read as JSON."""
        return [json.loads(line) for line in self.text().splitlines()]


StartLog = Callable[..., Log]


@pytest.fixture
def start_log() -> Iterator[StartLog]:
    """Configure logging; afterwards it is as it was."""
    root = logging.getLogger()  # noqa: TID251  to leave the library as it was found
    handlers, level = root.handlers[:], root.level
    begin_log_context()

    def start(level: str = "DEBUG", *, as_json: bool = True) -> Log:
        stream = io.StringIO()
        with redirect_stderr(stream):
            configure_logging(level, as_json=as_json)
        return Log(stream)

    yield start
    begin_log_context()
    root.handlers[:] = handlers
    root.setLevel(level)


Serve = Callable[[Answer], Awaitable[Server]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers that give this answer to everything; they end with the test."""
    tasks: set[asyncio.Task[None]] = set()
    async with AsyncExitStack() as stack:

        async def start(answer: Answer) -> Server:
            server = Server(answer)

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                tasks.add(asyncio.ensure_future(server.serve(reader, writer)))

            listening = await asyncio.start_server(connected, "127.0.0.1", 0)
            stack.callback(listening.close)
            server.port = listening.sockets[0].getsockname()[1]
            return server

        yield start
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def outbound() -> AsyncIterator[Outbound]:
    """The door as production opens it."""
    door = Outbound()
    yield door
    await door.close()
