"""The stream of files: every file that the account reaches, kept up by Drive's feeds.

The account has a feed of its own, and each shared drive another, which alone tells all that happens
there. Source: developers.google.com/workspace/drive/api/guides/about-changes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import msgspec

from src.connectors.google.drive import ids
from src.connectors.google.drive.ids import ACCOUNT, Ref
from src.connectors.google.drive.kinds import FOLDER
from src.connectors.google.drive.mapping import drive_to_container, ref_of, to_record
from src.connectors.google.drive.schemas import Change, File, StartToken
from src.connectors.google.feeds import FeedReader, FeedTokens
from src.connectors.google.scopes import DRIVE_READ
from src.connectors.manifest import Deletions, Stream
from src.connectors.rest.decoding import decode
from src.connectors.rest.paginators import walk
from src.connectors.rest.together import together
from src.connectors.syncing import CheckpointExpired, PartPage
from src.core.errors import ProviderNotFound
from src.models.base import now
from src.models.query import PageQuery
from src.models.unified import Item, Page

if TYPE_CHECKING:
    from src.connectors.google.drive.access import DriveAccess

STREAM = Stream(
    name="files",
    incremental=True,
    deletions=Deletions.FEED,
    checkpoint=FeedTokens,
    scopes=(DRIVE_READ,),
)
LIMIT = 500
AT_ONCE = 5


class _Below(msgspec.Struct):
    """Where a walk through folders stands: those still to be read, and a page of the last one."""

    folders: list[str]
    page: str | None = None


class DriveReader(FeedReader):
    """Reads files; their texts are left to whoever reads one."""

    stream: ClassVar[Stream] = STREAM

    def __init__(self, access: DriveAccess, *, limit: int = LIMIT) -> None:
        super().__init__()
        self._access = access
        self._limit = limit

    @staticmethod
    def check(container_id: str) -> None:
        """Folders and shared drives."""
        if container_id != ACCOUNT:
            ids.parse_container(container_id, "containerIds")

    async def plan(self) -> Sequence[str]:
        """The account and its shared drives, of which the account's feed tells whether they stay.

        Chosen folders have no feed: they are read whole, with all that is below them.
        """
        if self.chosen is not None:
            for chosen in self.chosen:
                self.check(chosen)
            return self.chosen
        if self.known:
            return tuple(self.known)
        # Before the drives are listed, so that it tells of one that comes meanwhile.
        await self._begin_feed(ACCOUNT)
        pages = await walk(PageQuery(limit=100), partial(self._access.drives, drive_to_container))
        return (ACCOUNT, *(drive.id for page in pages for drive in page.items))

    @property
    def _drives(self) -> tuple[str, ...]:
        """The shared drives that the run reads."""
        return tuple(drive for part in self.parts if (drive := _drive_of(part)) is not None)

    async def whole(self, part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        """The feed's present end first, so that it tells what changes meanwhile."""
        drive = _drive_of(part)
        if part != ACCOUNT and drive is None:
            start = _Below([part]) if token is None else msgspec.json.decode(token, type=_Below)
            async for files, stand in self._below(start):
                more = msgspec.json.encode(stand).decode() if stand.folders else None
                yield PartPage(records=_records(files), next_token=more)
            return
        if token is None and part not in self.feeds:
            await self._begin_feed(part)
        while True:
            page = await self._access.of_corpus(PageQuery(limit=self._limit, token=token), drive)
            token = page.next_token
            yield PartPage(
                records=_records(self._within(part, page.items)),
                next_token=token,
                truncated=page.truncated,
            )
            if token is None:
                return

    async def _begin_feed(self, part: str) -> None:
        answer = await self._access.start(_drive_of(part))
        self.feeds[part] = decode(answer.content, StartToken).start_page_token

    async def changes(
        self, part: str, since: str, token: str | None
    ) -> AsyncGenerator[PartPage, None]:
        """What the feed tells; and what is below a folder, of which the feed may say nothing."""
        at: str | None = token or since
        while at is not None:
            asked_at = now()
            page = await self._access.changes(at, _drive_of(part), self._limit)
            if part == ACCOUNT:
                self._need_same_drives(page.changes)
            files = self._within(part, [one.file for one in page.changes if one.file is not None])
            gone = [one.file_id for one in page.changes if one.file is None and one.file_id]
            folders = [str(ref_of(file)) for file in files if file.mime_type == FOLDER]
            async for below, _ in self._below(_Below(folders), with_trashed=True):
                yield PartPage(records=_records(below), deleted=_trashed(below), next_token=at)
            found = await self._elsewhere(gone)
            if page.next_page_token is None:
                self.feeds[part] = page.new_start_page_token or at
            at = page.next_page_token
            yield PartPage(
                records=_records([*files, *found]),
                deleted=[*_trashed([*files, *found]), *self._lost(gone, found)],
                next_token=at,
                asked_at=asked_at,
            )

    def _need_same_drives(self, changes: Sequence[Change]) -> None:
        """A shared drive that came is to be read whole, one that went takes its files along.

        Raises:
            CheckpointExpired: There is one.
        """
        for one in changes:
            is_known = one.drive_id in self._drives
            if one.change_type == "drive" and one.removed == is_known:
                raise CheckpointExpired("the account is in other shared drives now")

    def _within(self, part: str, files: Sequence[File]) -> list[File]:
        """Of the account's list and feed what no other part tells better."""
        if part != ACCOUNT:
            return list(files)
        return [file for file in files if file.drive_id not in self._drives]

    async def _elsewhere(self, gone: Sequence[str]) -> list[File]:
        """Those that have left one part for another: each feed tells its own side, in any order."""
        if self.chosen is None and len(self.parts) == 1:
            return []
        calls = [partial(self._access.find, Ref("file", file_id)) for file_id in gone]
        return [file for file in await together(calls, at_once=AT_ONCE) if file is not None]

    def _lost(self, gone: Sequence[str], found: Sequence[File]) -> list[str]:
        """Ids of records that are no more, also those under which a file was found elsewhere."""
        kept = {str(_plain(file)) for file in found}
        every = (one for file_id in gone for one in ids.every_id(file_id, self._drives))
        return [one for one in every if one not in kept]

    async def _below(
        self, stand: _Below, *, with_trashed: bool = False
    ) -> AsyncGenerator[tuple[Sequence[File], _Below], None]:
        """All files below folders, and where the walk stands behind them."""
        folders, token = list(stand.folders), stand.page
        tops = set(folders)
        while folders:
            folder = folders[-1]
            found = await self._children(folder, token, folder in tops, with_trashed=with_trashed)
            token = found.next_token
            inner = [str(_plain(file)) for file in found.items if file.mime_type == FOLDER]
            folders = [*inner, *folders] if token else [*inner, *folders[:-1]]
            yield found.items, _Below(folders, token)

    async def _children(
        self, folder: str, token: str | None, is_chosen: bool, *, with_trashed: bool
    ) -> Page[File]:
        query = PageQuery(limit=self._limit, token=token)
        try:
            return await self._access.children(
                ids.parse_container(folder, "containerIds"),
                _as_it_is,
                query,
                with_trashed=with_trashed,
            )
        # Folders go while a walk is under way; the feed, or the next run, tells of them.
        except ProviderNotFound:
            if is_chosen and not with_trashed:
                raise
            return Page(items=())

    async def fetch(self, record_id: str) -> Item | None:
        """A file, unless it is gone, in the trash, or another record by now."""
        file = await self._access.find(ids.parse_item(record_id, "recordId"))
        if file is None or file.trashed:
            return None
        item = to_record(file)
        return item if item.id == record_id else None


def _drive_of(part: str) -> str | None:
    """The shared drive that a part is."""
    if part == ACCOUNT:
        return None
    container = ids.parse_container(part, "containerIds")
    return container.id if container is not None and container.kind == "drive" else None


def _plain(file: File) -> Ref:
    return ref_of(msgspec.structs.replace(file, resource_key=None))


def _records(files: Sequence[File]) -> list[Item]:
    return [to_record(file) for file in files if not file.trashed]


def _trashed(files: Sequence[File]) -> list[str]:
    return [str(_plain(file)) for file in files if file.trashed]


def _as_it_is(file: File) -> File:
    return file
