"""What a form lets its user pick in Drive: folders, files, spreadsheets."""

from __future__ import annotations

from functools import partial
from typing import Literal

from pydantic import Field

from src.connectors.google.drive import search
from src.connectors.google.drive.access import DriveAccess
from src.connectors.google.drive.ids import Ref, parse_container
from src.connectors.google.drive.kinds import FOLDER, SPREADSHEET
from src.connectors.google.drive.mapping import (
    FOLDERS,
    container_of,
    container_to_resource,
    drive_to_container,
    file_to_resource,
    folder_to_container,
    shared_with_me,
)
from src.connectors.google.drive.schemas import File, SharedDrive
from src.connectors.google.scopes import DRIVE_READ
from src.connectors.manifest import ResourceType
from src.connectors.rest.decoding import decode
from src.connectors.rest.errors import unreadable
from src.connectors.rest.paginators import chain
from src.core.errors import InvalidCursor
from src.models.base import Model
from src.models.query import ResourceQuery
from src.models.unified import Page, Resource

FILES, SHEETS = "google_drive_file", "google_sheets"
_DEEPEST = 60
"""Folders above a file; Drive itself allows a hundred in a shared drive."""


class FileFilters(Model):
    """Which files."""

    mime_type: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9.+-]{1,64}/[A-Za-z0-9.+-]{1,64}$"
    )


class SheetFilters(Model):
    """Which spreadsheets: there is one kind of them."""

    mime_type: Literal["application/vnd.google-apps.spreadsheet"] | None = None


RESOURCE_TYPES = (
    ResourceType(name=FOLDERS, label="Folder", scopes=(DRIVE_READ,)),
    ResourceType(
        name=FILES, label="File", parent=FOLDERS, filters=FileFilters, scopes=(DRIVE_READ,)
    ),
    ResourceType(
        name=SHEETS, label="Spreadsheet", parent=FOLDERS, filters=SheetFilters, scopes=(DRIVE_READ,)
    ),
)


class Picker:
    """Lists of the one kind that the query names."""

    def __init__(self, access: DriveAccess) -> None:
        self._access = access

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """A folder's content; at the top the drives, or what a search finds in all of them.

        Spreadsheets are listed at the top as they are, the latest first: there they are wanted.
        """
        if query.parent_id is not None:
            return await self._below(query, query.parent_id)
        if query.q is not None or query.type == SHEETS:
            return await self._everywhere(query)
        return await chain(query, (self._places, self._drives))

    async def _places(self, query: ResourceQuery) -> Page[Resource]:
        if query.token not in {None, "1"}:
            raise InvalidCursor("The list has another form now. Start without a cursor.")
        mine = folder_to_container(decode(await self._access.my_drive(), File))
        places = [container_to_resource(place, query.type) for place in (mine, shared_with_me())]
        given = int(query.token or 0)
        reached = given + query.limit
        return Page(
            items=tuple(places[given:reached]), next_token="1" if reached < len(places) else None
        )

    async def _drives(self, query: ResourceQuery) -> Page[Resource]:
        return await self._access.drives(
            partial(_drive_to_resource, resource_type=query.type), query
        )

    async def _below(self, query: ResourceQuery, parent_id: str) -> Page[Resource]:
        parent = parse_container(parent_id, "parentId")
        wanted = _wanted(query)
        if query.type != FOLDERS and query.q is None:
            # Folders are the way to what is wanted.
            wanted = f"({search.FOLDERS} or {wanted})" if wanted else None
        return await self._access.children(
            parent,
            partial(file_to_resource, resource_type=query.type, parent=parent_id),
            query,
            wanted,
            search.words("name", query.q) if query.q is not None else None,
            order="folder,name_natural",
        )

    async def _everywhere(self, query: ResourceQuery) -> Page[Resource]:
        return await self._access.everywhere(
            partial(file_to_resource, resource_type=query.type, parent=None),
            query,
            _wanted(query) or f"not {search.FOLDERS}",
            search.words("name", query.q) if query.q is not None else None,
            # Not by name: over all drives some orders are refused.
            order="modifiedTime desc",
        )

    async def parents(self, resource_type: str, parent_id: str) -> tuple[Resource, ...]:
        """The folders above, one request for each, from the drive down to ``parent_id``."""
        place = parse_container(parent_id, "parentId")
        way: list[Resource] = []
        while place is not None and place.kind == "folder":
            file = await self._access.file(place)
            folder = folder_to_container(file)
            way.append(container_to_resource(folder, resource_type))
            if folder.parent_id is None:
                return tuple(reversed(way))
            if len(way) > _DEEPEST:
                raise unreadable("folders are within each other")
            place = parse_container(container_of(file), "parentId")
        way.append(await self._top(place, resource_type))
        return tuple(reversed(way))

    async def _top(self, place: Ref | None, resource_type: str) -> Resource:
        if place is None:
            return container_to_resource(shared_with_me(), resource_type)
        return _drive_to_resource(await self._access.drive(place.id), resource_type)


def _drive_to_resource(drive: SharedDrive, resource_type: str) -> Resource:
    return container_to_resource(drive_to_container(drive), resource_type)


def _wanted(query: ResourceQuery) -> str | None:
    """What may be picked, as a clause; None = any file."""
    if query.type == FOLDERS:
        return search.of_type(FOLDER)
    if query.type == SHEETS:
        return search.of_type(SPREADSHEET)
    return search.of_type(getattr(query.filters, "mime_type", None))
