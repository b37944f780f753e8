"""Listening to server-sent events as they come, which httpx's transport for tests cannot."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

PATIENCE = 60.0


@dataclass
class Listener:
    """One answer that goes on."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    _chunks: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self.begun.set()
            return
        self._chunks.put_nowait(message.get("body", b""))
        if not message.get("more_body", False):
            self._chunks.put_nowait(None)

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def job(self) -> dict[str, Any] | None:
        """The job of the next event; None when there are no more."""
        async with asyncio.timeout(PATIENCE):
            while (chunk := await self._chunks.get()) is not None:
                lines = dict(line.split(": ", 1) for line in chunk.decode().splitlines() if line)
                if lines.get("event") == "job":
                    told: dict[str, Any] = json.loads(lines["data"])
                    return told
        return None


@asynccontextmanager
async def listening(
    app: FastAPI, path: str, headers: dict[str, str] | None = None
) -> AsyncIterator[Listener]:
    """Ask for what goes on, and hang up in the end."""
    listener = Listener()
    sent = {"Host": "localhost", "X-Tenant-Id": "acme", **(headers or {})}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 4711),
        "server": ("localhost", 80),
    }
    answering = asyncio.create_task(app(scope, listener.receive, listener.send))
    async with asyncio.timeout(PATIENCE):
        await listener.begun.wait()
    yield listener
    listener.left.set()
    async with asyncio.timeout(PATIENCE):
        await answering
