"""Books of entries: a connector with a stream for each way of finding out what is gone."""

import re
from collections.abc import AsyncGenerator
from functools import partial
from typing import ClassVar

from msgspec import Struct

from src.connectors.base import Identity, Syncs
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Checkpoint,
    Deletions,
    KeyField,
    Manifest,
    Stream,
)
from src.connectors.rest.client import Dialect
from src.connectors.rest.pacing import BackgroundPace
from src.connectors.syncing import (
    CheckpointExpired,
    PartPage,
    SyncPage,
    SyncQuery,
    Unit,
    Unread,
    over_parts,
)
from src.core.errors import ProviderForbidden, ProviderNotFound
from src.models.connection import Account
from src.models.record import RecordKind
from src.models.unified import Item

_NAME = re.compile(r"[a-z0-9-]{1,64}")


class Me(Struct):
    id: str
    name: str
    revision: int


class Entry(Struct):
    id: str
    book: str
    text: str
    revision: int
    is_locked: bool = False


class Entries(Struct):
    entries: list[Entry]
    next: str | None = None
    partial: bool = False


class Changes(Struct):
    entries: list[Entry]
    gone: list[str]
    revision: int
    more: bool
    expired: bool = False


class Revision(Checkpoint):
    """Everything up to this revision of the ledger has been read."""

    revision: int


def to_item(entry: Entry) -> Item:
    return Item(
        id=entry.id,
        type="entry",
        container_id=entry.book,
        title=f"Entry {entry.id}",
        body=entry.text,
        body_format="text",
    )


class LedgerConnector(Syncs):
    """One ledger."""

    manifest: ClassVar[Manifest] = Manifest(
        id="ledger",
        version="0.1.0",
        name="Ledger",
        description="Books of entries.",
        category="planning",
        docs_url="https://ledger.example/docs",
        api_url="https://api.ledger.example",
        dialect=Dialect(path_patterns={"book": _NAME, "entry": _NAME}),
        auth_methods=(
            AuthMethod(
                id="key",
                kind=AuthKind.API_KEY,
                label="Key",
                fields=(KeyField(name="apiKey", label="Key", secret=True),),
            ),
        ),
        background=BackgroundPace(units_per_minute=1_000_000, costs={"GET /books": 10_000}),
        streams=(
            Stream(
                name="entries", incremental=True, deletions=Deletions.SWEEP, checkpoint=Revision
            ),
            Stream(
                name="feed",
                incremental=True,
                deletions=Deletions.FEED,
                checkpoint=Revision,
                scopes=("feed:read",),
            ),
        ),
    )

    async def identify(self) -> Identity:
        me = await self.rest.get("/me", Me)
        return Identity(Account(id=me.id, name=me.name))

    def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        return self._entries(query) if query.stream == "entries" else self._feed(query)

    async def fetch(self, stream: str, record_id: str) -> Unit | None:
        assert stream in {"entries", "feed"}
        try:
            entry = await self.rest.get("/entries/{entry}", Entry, entry=record_id)
        except ProviderNotFound:
            return None
        if entry.is_locked:
            raise ProviderForbidden("It is locked.")
        return to_item(entry)

    async def _entries(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        me = await self.rest.get("/me", Me)
        since = query.checkpoint.revision if isinstance(query.checkpoint, Revision) else 0
        if query.position is None:
            yield SyncPage(checkpoint=Revision(revision=me.revision))
        async for page in over_parts(query, self._books, partial(self._book, since)):
            yield page

    async def _books(self) -> list[str]:
        return await self.rest.get("/books", list[str])

    async def _book(
        self, since: int, book: str, token: str | None
    ) -> AsyncGenerator[PartPage, None]:
        while True:
            params = {"after": token, "since": since}
            page = await self.rest.get("/books/{book}", Entries, params=params, book=book)
            yield PartPage(
                records=[to_item(entry) for entry in page.entries if not entry.is_locked],
                unread=[
                    Unread(id=entry.id, kind=RecordKind.ITEM, error=ProviderForbidden("locked"))
                    for entry in page.entries
                    if entry.is_locked
                ],
                next_token=page.next,
                truncated=page.partial,
            )
            if page.next is None:
                return
            token = page.next

    async def _feed(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        since = query.checkpoint.revision if isinstance(query.checkpoint, Revision) else 0
        at = int(query.position) if query.position is not None else since
        more = True
        while more:
            page = await self.rest.get("/changes", Changes, params={"since": at, "known": since})
            if page.expired:
                raise CheckpointExpired
            at, more = page.revision, page.more
            yield SyncPage(
                records=[to_item(entry) for entry in page.entries],
                deleted=page.gone,
                container_id="feed",
                position=str(at),
                checkpoint=Revision(revision=at),
            )
