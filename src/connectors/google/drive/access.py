"""Drive's addresses, each with the parameters without which it would hide or refuse something."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from src.connectors.google.drive import search
from src.connectors.google.drive.ids import ROOT, Ref
from src.connectors.google.drive.schemas import (
    CHANGE_FIELDS,
    FILE_FIELDS,
    LIST_FIELDS,
    Changes,
    File,
    Files,
    SharedDrive,
    SharedDrives,
    next_page_token,
)
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.decoding import decode
from src.connectors.rest.paginators import Cursor, fallback
from src.core.errors import ProviderNotFound
from src.core.outbound import Response
from src.models.query import PageQuery
from src.models.unified import Page

T = TypeVar("T", bound=msgspec.Struct)

FILES = List("/drive/v3/files", File, Cursor(next_page_token), wrapped_in=Files)
DRIVES = List("/drive/v3/drives", SharedDrive, Cursor(next_page_token), wrapped_in=SharedDrives)

ALL_DRIVES = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}
"""Without these two a list leaves out whatever is in a shared drive."""

DRIVE_FIELDS = "id,name,createdTime"
ONE = {"fields": FILE_FIELDS, "supportsAllDrives": "true"}


class DriveAccess:
    """What Drive answers."""

    def __init__(self, rest: RestClient) -> None:
        self.rest = rest

    async def children(
        self,
        container: Ref | None,
        mapping: Callable[[File], T | None],
        query: PageQuery,
        *clauses: str | None,
        order: str | None = None,
        with_trashed: bool = False,
    ) -> Page[T]:
        """What is directly in a container (None = shared with the account)."""
        in_use = None if with_trashed else search.IN_USE
        found = search.all_of(search.within(container), in_use, *clauses)
        client = self.rest.saying(container.headers) if container else self.rest
        drive = container.drive_id if container else None

        async def of_user(query: PageQuery) -> Page[T]:
            return await _files(client, mapping, query, found, order, {})

        async def of_drive(query: PageQuery) -> Page[T]:
            corpus = {"corpora": "drive", "driveId": drive or ""}
            return await _files(client, mapping, query, found, order, corpus)

        if container is None or drive is None:
            return await of_user(query)
        if container.kind == "drive":
            return await of_drive(query)
        # Only a search of the one shared drive is whole there; and who has been let into a folder
        # of it alone may not search the drive.
        return await fallback(
            query, of_drive, of_user, when=lambda error: isinstance(error, ProviderNotFound)
        )

    async def everywhere(
        self,
        mapping: Callable[[File], T | None],
        query: PageQuery,
        *clauses: str | None,
        order: str | None = None,
    ) -> Page[T]:
        """What is in any drive that the account reaches; the page says if that was too much."""
        found = search.all_of(search.IN_USE, *clauses)
        return await _files(self.rest, mapping, query, found, order, {"corpora": "allDrives"})

    async def of_corpus(self, query: PageQuery, drive: str | None) -> Page[File]:
        """Every file of a shared drive; None = the account's own, and what others share."""
        corpus = {"corpora": "user"} if drive is None else {"corpora": "drive", "driveId": drive}
        return await _files(self.rest, _as_it_is, query, search.IN_USE, None, corpus)

    async def start(self, drive: str | None) -> Response:
        """Where the feed of a shared drive, or of the account, goes on from now; as it came."""
        params = {"supportsAllDrives": "true", "driveId": drive}
        return await self.rest.call("GET", "/drive/v3/changes/startPageToken", params=params)

    async def changes(self, token: str, drive: str | None, limit: int) -> Changes:
        """What a feed tells from a token on."""
        params = {
            "pageToken": token,
            "pageSize": str(limit),
            "driveId": drive,
            "includeRemoved": "true",
            "spaces": "drive",
            "fields": CHANGE_FIELDS,
            **ALL_DRIVES,
        }
        return await self.rest.get("/drive/v3/changes", Changes, params=params)

    async def drives(
        self, mapping: Callable[[SharedDrive], T | None], query: PageQuery, q: str | None = None
    ) -> Page[T]:
        """Shared drives, those whose names have the words of ``q``."""
        named = search.words("name", q) if q is not None else None
        params = {"q": named, "fields": f"nextPageToken,drives({DRIVE_FIELDS})"}
        return await self.rest.page(DRIVES, mapping, query, params=params)

    async def drive(self, drive_id: str) -> SharedDrive:
        """A shared drive, whose name is not that of its top folder."""
        return await self.rest.get(
            "/drive/v3/drives/{drive}", SharedDrive, params={"fields": DRIVE_FIELDS}, drive=drive_id
        )

    async def my_drive(self) -> bytes:
        """The top folder of My Drive, as it came."""
        return await self.get(Ref("folder", ROOT))

    async def get(self, ref: Ref) -> bytes:
        """A file as it came."""
        answer = await self.rest.call(
            "GET", "/drive/v3/files/{file}", params=ONE, headers=ref.headers, file=ref.id
        )
        return answer.content

    async def file(self, ref: Ref) -> File:
        """A file."""
        return decode(await self.get(ref), File)

    async def find(self, ref: Ref) -> File | None:
        """A file, unless it is gone or out of reach."""
        return await self.rest.saying(ref.headers).find_one(
            "/drive/v3/files/{file}", File, _as_it_is, raw=False, params=ONE, file=ref.id
        )


async def _files(
    rest: RestClient,
    mapping: Callable[[File], T | None],
    query: PageQuery,
    found: str,
    order: str | None,
    corpus: dict[str, str],
) -> Page[T]:
    fixed = {"spaces": "drive", "fields": LIST_FIELDS, **ALL_DRIVES}
    return await rest.page(
        FILES, mapping, query, params={**fixed, **corpus, "q": found, "orderBy": order}
    )


def _as_it_is(file: File) -> File:
    return file
