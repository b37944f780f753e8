"""A connector that does nothing but synchronize; the tests spoil a copy of it."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from msgspec import Struct

from src.connectors import overlap
from src.connectors.base import Identity, Syncs
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Deletions,
    KeyField,
    Manifest,
    Stream,
    UpdatedSince,
)
from src.connectors.rest.ahead import Sheet, read_ahead
from src.connectors.rest.client import Dialect, List
from src.connectors.rest.keyset import by_change
from src.connectors.rest.paginators import LinkHeader
from src.connectors.rest.sheets import LinkedSheets, Turn
from src.connectors.rest.values import timestamp, whole_seconds
from src.connectors.syncing import PartPage, SyncPage, SyncQuery, Unit, over_parts
from src.models.connection import Account
from src.models.unified import Item

AT_ONCE = 3


class User(Struct):
    id: int


class Book(Struct):
    number: int


class Entry(Struct):
    number: int
    text: str
    updated_at: str


class Numbered(Struct):
    number: int


class Changed(Struct):
    updated_at: str


ENTRIES = List("/books/{book}/entries", Entry, LinkHeader())


class LedgerConnector(Syncs):
    manifest = Manifest(
        id="ledger",
        version="1.0.0",
        name="Ledger",
        description="Entries in books.",
        category="documents",
        docs_url="https://ledger.example/docs",
        api_url="https://api.ledger.example",
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
                incremental=True,
                deletions=Deletions.SWEEP,
                checkpoint=UpdatedSince,
            ),
        ),
        dialect=Dialect(
            path_patterns={"book": re.compile(r"[0-9]{1,9}"), "entry": re.compile(r"[0-9]{1,9}")}
        ),
        sandbox="tests.testing.bookkeeping:create_app",
    )

    async def identify(self) -> Identity:
        user = await self.rest.get("/me", User)
        return Identity(Account(id=str(user.id), name="keeper"))

    async def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        yield SyncPage(checkpoint=overlap.next_checkpoint(query))
        since = overlap.since(query)

        async def entries(part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
            async with aclosing(self.entries(part, token, since and whole_seconds(since))) as pages:
                async for page in pages:
                    yield page

        async with aclosing(over_parts(query, self.books, entries)) as pages:
            async for page in pages:
                yield page

    async def books(self) -> list[str]:
        return [f"book:{book.number}" for book in await self.rest.get("/books", list[Book])]

    async def entries(
        self, part: str, token: str | None, since: str | None
    ) -> AsyncGenerator[PartPage, None]:
        book = part.removeprefix("book:")

        def sheets(noted: type[Numbered | Changed], **params: str) -> LinkedSheets[Entry, Item]:
            return LinkedSheets(
                rest=self.rest,
                listing=ENTRIES,
                mapping=lambda entry: to_item(entry, book),
                noted=noted.__struct_fields__[0],
                noted_row=noted,
                known_by="number",
                params=params,
                at={"book": book},
                limit=4,
                turn=Turn(AT_ONCE),
            )

        async def changed(since: str, number: int) -> Sheet[Item]:
            return await sheets(Changed, since=since).read(number)

        if since is None:
            pages = read_ahead(sheets(Numbered), token, at_once=AT_ONCE)
        else:
            pages = by_change(changed, since, token)
        async with aclosing(pages):
            async for page in pages:
                yield PartPage(
                    records=page.items, next_token=page.next_token, truncated=page.truncated
                )

    async def fetch(self, stream: str, record_id: str) -> Unit | None:  # noqa: ARG002
        book, _, entry = record_id.partition(":")
        return await self.rest.find_one(
            "/books/{book}/entries/{entry}",
            Entry,
            lambda found: to_item(found, book),
            raw=False,
            book=book,
            entry=entry,
        )


def to_item(entry: Entry, book: str) -> Item:
    return Item(
        id=f"{book}:{entry.number}",
        type="entry",
        container_id=f"book:{book}",
        title=entry.text,
        updated_at=timestamp(entry.updated_at),
    )
