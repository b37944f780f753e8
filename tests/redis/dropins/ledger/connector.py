"""One book with many entries: as little of a provider as a long sync needs."""

from collections.abc import AsyncGenerator
from typing import ClassVar

import msgspec

from src.connectors.base import BrowsesContainers, Identity, Syncs
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Deletions,
    KeyField,
    Manifest,
    Stream,
    UpdatedSince,
)
from src.connectors.syncing import PartPage, SyncPage, SyncQuery, Unit, over_parts
from src.models.connection import Account
from src.models.query import ContainerQuery
from src.models.unified import Container, Item, Page

BOOK = Container(id="book", type="book", name="The book")


class Me(msgspec.Struct):
    id: str
    name: str


class Entry(msgspec.Struct):
    id: str
    text: str


class Entries(msgspec.Struct):
    entries: list[Entry]
    next: str | None = None


def to_item(entry: Entry) -> Item:
    return Item(id=entry.id, type="entry", container_id=BOOK.id, title=entry.text)


class LedgerConnector(BrowsesContainers, Syncs):
    """One account of the ledger."""

    manifest: ClassVar[Manifest] = Manifest(
        id="ledger",
        version="0.1.0",
        name="Ledger",
        description="A book with many entries.",
        category="writing",
        docs_url="https://ledger.example/docs",
        api_url="https://ledger.example",
        auth_methods=(
            AuthMethod(
                id="key",
                kind=AuthKind.API_KEY,
                label="Key",
                fields=(KeyField(name="apiKey", label="Key", secret=True),),
            ),
        ),
        streams=(
            Stream(
                name="entries",
                incremental=False,
                deletions=Deletions.SWEEP,
                checkpoint=UpdatedSince,
            ),
        ),
    )

    async def identify(self) -> Identity:
        me = await self.rest.get("/me", Me)
        return Identity(Account(id=me.id, name=me.name))

    async def containers(self, query: ContainerQuery) -> Page[Container]:  # noqa: ARG002
        return Page(items=[BOOK])

    async def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        async for page in over_parts(query, self._parts, self._read):
            yield page
        yield SyncPage(checkpoint=UpdatedSince(updated_since=query.started_at))

    async def fetch(self, stream: str, record_id: str) -> Unit | None:  # noqa: ARG002
        return to_item(await self.rest.get("/entries/{id}", Entry, id=record_id))

    async def _parts(self) -> list[str]:
        return [BOOK.id]

    async def _read(self, part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        assert part == BOOK.id
        after: str | None = token or "0"
        while after is not None:
            page = await self.rest.get("/entries", Entries, params={"after": after})
            after = page.next
            yield PartPage(records=[to_item(entry) for entry in page.entries], next_token=after)
