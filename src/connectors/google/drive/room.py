"""Drive: My Drive, what others share, shared drives and their folders; files and comments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import repeat
from typing import ClassVar

import msgspec

from src.connectors.base import BaseConnector, refuse_filters
from src.connectors.google.drive import search
from src.connectors.google.drive.access import DriveAccess
from src.connectors.google.drive.ids import Ref, parse_container, parse_item
from src.connectors.google.drive.kinds import SPREADSHEET, TYPES
from src.connectors.google.drive.mapping import (
    DRIVE_TYPE,
    MY_DRIVE,
    SHARED,
    Listed,
    drive_to_container,
    folder_to_container,
    ref_of,
    shared_with_me,
    target_of,
    to_item,
    to_listed,
)
from src.connectors.google.drive.pickers import RESOURCE_TYPES, Picker
from src.connectors.google.drive.reader import STREAM, DriveReader
from src.connectors.google.drive.remarks import threads
from src.connectors.google.drive.schemas import File
from src.connectors.google.drive.texts import Text, text_of
from src.connectors.google.rooms import Room
from src.connectors.google.scopes import DRIVE_READ
from src.connectors.google.sheets.titles import sheets_of
from src.connectors.rest.decoding import decode, map_one
from src.connectors.rest.paginators import chain
from src.connectors.rest.together import together
from src.core.errors import InvalidCursor, UnsupportedFilter
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    ResourceQuery,
    Sort,
)
from src.models.unified import Comment, Container, Item, Page, Resource

_ORDERS = {Sort.UPDATED_ASCENDING: "modifiedTime", Sort.UPDATED_DESCENDING: "modifiedTime desc"}
AT_ONCE = 5
"""Requests for texts that are under way at a time."""
LARGEST_PAGE = 4 * 1024 * 1024
"""Characters of texts after which the rest of a page goes without."""
_ITEM_TYPES = (*TYPES, "file")


class Drive(Room):
    """Files of an account."""

    product = "drive"
    scopes = (DRIVE_READ,)
    container_types: ClassVar[frozenset[str]] = frozenset({MY_DRIVE, SHARED, DRIVE_TYPE, "folder"})
    resource_types: ClassVar[frozenset[str]] = frozenset(kind.name for kind in RESOURCE_TYPES)
    stream = STREAM

    def __init__(self, connector: BaseConnector) -> None:
        super().__init__(connector)
        self.access = DriveAccess(self.rest)

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """At the top the places and shared drives, below them folders; ``q`` finds by name.

        A search at the top goes through everything that the account can reach.
        """
        if query.parent_id is not None:
            return await self._folders_below(query, query.parent_id)
        if query.q is not None:
            return await chain(query, (self._drives, self._folders_anywhere))
        return await chain(query, (self._places, self._drives))

    async def _places(self, query: ContainerQuery) -> Page[Container]:
        """My Drive and what others share, which are in no list of Drive's."""
        if query.type not in {None, MY_DRIVE, SHARED}:
            return Page(items=())
        if query.token not in {None, "1"}:
            raise InvalidCursor("The list has another form now. Start without a cursor.")
        mine = map_one(
            await self.access.my_drive(), File, folder_to_container, raw=query.include_raw
        )
        chosen = [place for place in (mine, shared_with_me()) if query.type in {None, place.type}]
        given = int(query.token or 0)
        reached = given + query.limit
        return Page(
            items=tuple(chosen[given:reached]),
            next_token=str(reached) if reached < len(chosen) else None,
        )

    async def _drives(self, query: ContainerQuery) -> Page[Container]:
        if query.type not in {None, DRIVE_TYPE}:
            return Page(items=())
        return await self.access.drives(drive_to_container, query, query.q)

    async def _folders_anywhere(self, query: ContainerQuery) -> Page[Container]:
        if query.type not in {None, "folder"}:
            return Page(items=())
        named = search.words("name", query.q or "")
        return await self.access.everywhere(folder_to_container, query, search.FOLDERS, named)

    async def _folders_below(self, query: ContainerQuery, parent_id: str) -> Page[Container]:
        parent = parse_container(parent_id, "parentId")
        if query.type not in {None, "folder"}:
            return Page(items=())
        named = search.words("name", query.q) if query.q is not None else None
        mapping = partial(folder_to_container, parent=parent_id)
        return await self.access.children(parent, mapping, query, search.FOLDERS, named)

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Files, folders and shortcuts directly in a folder or drive."""
        refuse_filters(query, "parent_id", why="a folder is a container: name it as containerId")
        refuse_filters(query, "state", "status", why="files have none")
        if query.q is not None and query.sort is not None:
            raise UnsupportedFilter("sort", "Drive cannot sort what it finds by words")
        page = await self.access.children(
            parse_container(query.container_id, "containerId"),
            partial(to_listed, container=query.container_id),
            query,
            _of_type(query.type),
            search.words("fullText", query.q) if query.q is not None else None,
            search.since(query.updated_since),
            order=_ORDERS[query.sort] if query.sort else None,
        )
        texts = await self._texts(page.items) if query.include_body else repeat(None)
        items = tuple(one.with_text(text) for one, text in zip(page.items, texts, strict=False))
        return Page(items=items, next_token=page.next_token, truncated=page.truncated)

    async def _texts(self, listed: Sequence[Listed]) -> list[Text]:
        """The texts of a page, one request for each; those that would make it too large are left.

        Drive gives no texts in lists.
        """
        texts: list[Text] = []
        size = 0
        for start in range(0, len(listed), AT_ONCE):
            some = listed[start : start + AT_ONCE]
            if size > LARGEST_PAGE:
                texts += [Text(missing="pageTooLarge") for _ in some]
                continue
            calls = [partial(self._text, one.file, ref_of(one.file)) for one in some]
            found = await together(calls, at_once=AT_ONCE)
            size += sum(len(text.body) for text in found)
            texts += found
        return texts

    async def item(self, query: OneItemQuery) -> Item:
        """A file with its text; a shortcut with the text of what it leads to."""
        ref = parse_item(query.item_id)
        answer = await self.access.get(ref)
        file = decode(answer, File)
        mapping = partial(to_item, text=await self._text(file, ref))
        item = map_one(answer, File, mapping, raw=query.include_raw)
        if file.mime_type != SPREADSHEET:
            return item
        fields = {**item.fields, "sheets": await sheets_of(self.rest, file.id)}
        return msgspec.structs.replace(item, fields=fields)

    async def _text(self, file: File, ref: Ref) -> Text:
        target = target_of(file)
        if target is None:
            return await text_of(self.rest, file, ref)
        found = await self.access.find(target)
        if found is None:
            return Text(missing="targetGone")
        return await text_of(self.rest, found, target)

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """Comments and their answers, by Drive's order of threads; folders have none."""
        ref = parse_item(query.item_id)
        target: Ref | None = ref
        if ref.kind == "shortcut":
            target = target_of(await self.access.file(ref))
        if target is None or target.kind == "folder":
            return Page(items=())
        return await threads(self.rest, target, ref, query)

    def reader(self) -> DriveReader:
        """The stream of files."""
        return DriveReader(self.access)

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Files, folders and spreadsheets for a form to pick."""
        return await Picker(self.access).resources(query)

    async def resource_parents(self, resource_type: str, parent_id: str) -> tuple[Resource, ...]:
        """The way down to a folder, which is the same whatever is picked there."""
        return await Picker(self.access).parents(resource_type, parent_id)


def _of_type(name: str | None) -> str | None:
    if name is not None and name not in _ITEM_TYPES:
        raise UnsupportedFilter("type", f"type must be one of: {', '.join(_ITEM_TYPES)}")
    return search.of_kind(name)
