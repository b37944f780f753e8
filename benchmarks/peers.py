"""What our service stands beside: two plain proxies that map nothing, and the bytes from memory.

Each is an application factory for uvicorn: ``uvicorn --factory benchmarks.peers:httpx_proxy``.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import httpx
from fastapi import FastAPI, Response

ISSUES = "/repositories/1/issues"


def httpx_proxy() -> FastAPI:
    """(a) What one writes first, all defaults."""
    client = httpx.AsyncClient(base_url=os.environ["UPSTREAM"])
    app = FastAPI()

    @app.get("/items")
    async def items(limit: int) -> Response:
        answer = await client.get(ISSUES, params={"state": "all", "per_page": limit})
        media_type = answer.headers["Content-Type"]
        return Response(answer.content, answer.status_code, media_type=media_type)

    return app


def aiohttp_proxy() -> FastAPI:
    """(b) The same on the fastest client."""
    client: aiohttp.ClientSession

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        nonlocal client
        async with aiohttp.ClientSession(os.environ["UPSTREAM"]) as client:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/items")
    async def items(limit: int) -> Response:
        params: dict[str, str | int] = {"state": "all", "per_page": limit}
        async with client.get(ISSUES, params=params) as answer:
            content = await answer.read()
            return Response(content, answer.status, media_type=answer.headers["Content-Type"])

    return app


def from_memory() -> FastAPI:
    """(c) The bytes of our own answer, and no provider at all."""
    folder = Path(os.environ["ANSWERS"])
    answers = {int(path.stem): path.read_bytes() for path in folder.glob("*.json")}
    app = FastAPI()

    @app.get("/items")
    async def items(limit: int) -> Response:
        return Response(answers[limit], media_type="application/json")

    return app
