"""A second connector, small and awkward: two-part key, config, no items, no comments, no streams.

Its provider is an application of a few lines that answers as the test tells it.
"""

from typing import Any, ClassVar

import httpx
import msgspec
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from src.connectors.base import BrowsesContainers, Identity
from src.connectors.manifest import AuthKind, AuthMethod, KeyField, Manifest
from src.connectors.rest.client import List
from src.connectors.rest.paginators import LinkHeader
from src.models.connection import Account
from src.models.query import ContainerQuery
from src.models.unified import Container, Page

NOTES_URL = "http://notes.sandbox"


class Config(BaseModel):
    """Which site the notes are on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: str = Field(min_length=1)


class Preferences(BaseModel):
    """What a connection may be set to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pages: int = Field(default=10, ge=1, le=100)


class Me(msgspec.Struct):
    id: str
    name: str


class Book(msgspec.Struct):
    id: str
    name: str


class NotesConnector(BrowsesContainers):
    """One account of the notes."""

    manifest: ClassVar[Manifest] = Manifest(
        id="notes",
        version="0.1.0",
        name="Notes",
        description="Books of notes.",
        category="writing",
        docs_url="https://notes.example/docs",
        api_url="https://notes.example",
        auth_methods=(
            AuthMethod(
                id="pair",
                kind=AuthKind.API_KEY,
                label="Key and secret",
                fields=(
                    KeyField(name="apiKey", label="Key", secret=True),
                    KeyField(name="apiSecret", label="Secret", secret=True),
                    KeyField(name="config.site", label="Site", secret=False),
                ),
                signs="basic",
            ),
        ),
        config_model=Config,
        settings_model=Preferences,
    )

    async def identify(self) -> Identity:
        me = await self.rest.get("/me", Me)
        return Identity(Account(id=me.id, name=me.name))

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        books = List("/books", Book, LinkHeader())
        return await self.rest.page(
            books, lambda book: Container(id=book.id, type="book", name=book.name), query
        )


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


class WithNotes(httpx.AsyncBaseTransport):
    """A network that has the provider of the notes, too."""

    def __init__(self, provider: NotesProvider, others: httpx.AsyncBaseTransport) -> None:
        self._notes = httpx.ASGITransport(provider)
        self._others = others

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        notes = request.url.host == "notes.sandbox"
        return await (self._notes if notes else self._others).handle_async_request(request)
