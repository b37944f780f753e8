"""The provider of the connector in ``dropins/notes``: a few lines that answer as a test tells."""

from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes.network import Network

NOTES_URL = "http://notes.sandbox"
DROPINS = Path(__file__).parent / "dropins"


class NotesProvider:
    """The provider of the notes; ``answers`` replaces what a path says."""

    def __init__(self) -> None:
        self.answers: dict[str, Response] = {
            "/me": JSONResponse({"id": "u1", "name": "Ada"}),
            "/books": JSONResponse([{"id": "b1", "name": "Diary"}]),
        }
        self.authorizations: list[str | None] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.authorizations.append(request.headers.get("authorization"))
        await self.answers[request.url.path](scope, receive, send)


class WithNotes(Network):
    """Another network that has the provider of the notes, too."""

    def __init__(self, provider: NotesProvider, others: Network) -> None:
        super().__init__({"notes.sandbox": provider})
        self._others = others

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "notes.sandbox":
            return await super().handle_async_request(request)
        return await self._others.handle_async_request(request)
