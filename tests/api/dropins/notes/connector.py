"""A small, awkward connector: two-part key, config, no items, no comments, no streams."""

from typing import ClassVar

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from src.connectors.base import BrowsesContainers, Identity
from src.connectors.manifest import AuthKind, AuthMethod, KeyField, Manifest
from src.connectors.rest.client import List
from src.connectors.rest.paginators import LinkHeader
from src.models.connection import Account
from src.models.query import ContainerQuery
from src.models.unified import Container, Page


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
