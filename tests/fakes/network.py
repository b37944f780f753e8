"""A network without wires: hosts are ASGI applications."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from src.sandbox.kit import ConnectionCut
from tests.secrecy import SECRETS


class Network(httpx.AsyncBaseTransport):
    """Leads each host name to an application; every other host is unreachable."""

    def __init__(self, hosts: Mapping[str, Any]) -> None:
        self._hosts = {name: httpx.ASGITransport(app=app) for name, app in hosts.items()}
        self.requests: list[httpx.Request] = []
        self.asked = asyncio.Event()

    def add(self, host: str, app: Any) -> None:
        """Let one more host be reached."""
        self._hosts[host] = httpx.ASGITransport(app=app)

    def alias(self, host: str, known: str) -> None:
        """Let a host be another name of one that is there."""
        self._hosts[host] = self._hosts[known]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        SECRETS.note_headers(request.headers.raw)
        SECRETS.note_body(await request.aread())
        self.asked.set()
        host = self._hosts.get(request.url.host)
        if host is None:
            raise httpx.ConnectError("no such host")
        try:
            return await host.handle_async_request(request)
        except ConnectionCut as error:
            raise httpx.ReadError("the connection was lost") from error
