"""Directories: one of them page by page, or the names below one looked through.

GitHub hands out trees whole, without pages, and cuts a recursive one that is too large
(``truncated``). Then we go down directory by directory, a bounded number of calls for each page.
Source: docs.github.com/rest/git/trees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec

from src.connectors.github.media import DIRECTORY, SUBMODULE, SYMLINK, media_type
from src.connectors.github.objects import Tree, TreeEntry
from src.connectors.github.places import HEAD, Directory
from src.connectors.rest.client import RestClient
from src.connectors.rest.decoding import decode
from src.core.errors import InvalidCursor, UnreadableAnswer
from src.models.query import ResourceQuery
from src.models.unified import Page, Resource

MOST_CALLS = 20
"""For one page of a search through a tree that GitHub cuts."""
MOST_ENTRIES = 200_000
"""The same, so that what is held for it stays small whatever a server says: two trees of GitHub."""

_LINK = "120000"
_TOKEN = re.compile(r"([0-9a-f]{40,64})\.([0-9]{1,9})")
_RESOURCE = "github_file"


async def read_tree(rest: RestClient, place: Directory, *, recursive: bool = False) -> Tree:
    """A tree; ``recursive`` is told by its presence, any value of it means yes."""
    return await rest.get(
        "/repositories/{repository}/git/trees/{tree}",
        Tree,
        params={"recursive": "1" if recursive else None},
        repository=place.repository,
        tree=place.tree or place.ref or HEAD,
    )


async def list_directory(
    rest: RestClient, place: Directory, query: ResourceQuery
) -> Page[Resource]:
    """One directory, its directories first. Later pages are of the same tree, come what may."""
    start = 0
    if query.token is not None:
        match = _TOKEN.fullmatch(query.token)
        if match is None:
            raise InvalidCursor("The list has another form now. Start without a cursor.")
        start = int(match[2])
        tree = await read_tree(rest, replace(place, tree=match[1]))
    else:
        tree = await read_tree(rest, place)
    entries = sorted(tree.tree, key=_directories_first)
    stop = start + query.limit
    return Page(
        items=tuple(_resource(place, one, query.parent_id) for one in entries[start:stop]),
        next_token=f"{tree.sha}.{stop}" if stop < len(entries) else None,
        truncated=tree.truncated,
    )


def _directories_first(entry: TreeEntry) -> tuple[bool, str, str]:
    return entry.type != "tree", entry.path.casefold(), entry.path


def _resource(place: Directory, entry: TreeEntry, parent_id: str | None) -> Resource:
    """What can be picked is a file; a symlink or a submodule is shown for what it is."""
    is_directory = entry.type == "tree"
    is_file = entry.type == "blob" and entry.mode != _LINK
    below = place.below(entry.path, entry.sha).id if is_directory else None
    return Resource(
        id=below or place.file(entry.path, entry.sha),
        name=entry.path,
        type=_RESOURCE,
        mime_type=_mime_type(entry),
        parent_id=parent_id,
        has_children=is_directory,
        selectable=is_file,
    )


def _mime_type(entry: TreeEntry) -> str | None:
    match entry.type:
        case "tree":
            return DIRECTORY
        case "commit":
            return SUBMODULE
        case _:
            return SYMLINK if entry.mode == _LINK else media_type(entry.path)


@dataclass(frozen=True, slots=True)
class Frame:
    """A tree on the way through a repository, and how far we are in it."""

    tree: str
    path: str
    at: int = 0
    whole: bool = True
    """With all that is below it, as long as GitHub gives it so."""


async def search_directory(
    rest: RestClient, place: Directory, query: ResourceQuery
) -> Page[Resource]:
    """Everything below a directory whose name holds ``q``; a page may be short or empty."""
    search = _Search(rest, place, query)
    return await search.page()


class _Search:
    """One page of a search.

    The way is kept in the token: the trees that are begun and not their content, so that it stays
    small however large the repository is.
    """

    def __init__(self, rest: RestClient, place: Directory, query: ResourceQuery) -> None:
        self._rest = rest
        self._place = place
        self._limit = query.limit
        self._q = (query.q or "").casefold()
        self._found: list[Resource] = []
        self._seen: dict[tuple[str, bool], Tree] = {}
        self._entries = 0
        self._is_cut = False
        self._stack = _frames(query.token) or [Frame(place.tree or place.ref or HEAD, "")]

    async def page(self) -> Page[Resource]:
        """Go on until the page is full, all is seen, or enough was asked."""
        while self._stack and len(self._found) < self._limit and not self._has_read_enough:
            await self._step(self._stack.pop())
        token = _token(self._stack) if self._stack else None
        return Page(items=tuple(self._found), next_token=token, truncated=self._is_cut)

    @property
    def _has_read_enough(self) -> bool:
        return len(self._seen) >= MOST_CALLS or self._entries >= MOST_ENTRIES

    async def _step(self, frame: Frame) -> None:
        key = (frame.tree, frame.whole)
        tree = self._seen.get(key)
        if tree is None:
            place = replace(self._place, tree=frame.tree)
            tree = await read_tree(self._rest, place, recursive=frame.whole)
            self._seen[key] = tree
            self._entries += len(tree.tree)
        # From here on by its own id: the branch may move between two pages.
        frame = replace(frame, tree=tree.sha)
        self._seen[tree.sha, frame.whole] = tree
        if not tree.truncated:
            self._look_through(frame, tree)
        elif frame.whole:
            self._stack.append(replace(frame, whole=False))
        else:
            self._is_cut = True
            self._look_through(frame, tree)

    def _look_through(self, frame: Frame, tree: Tree) -> None:
        for index, entry in _from(tree, frame.at):
            if len(self._found) == self._limit:
                self._stack.append(replace(frame, at=index))
                return
            path = f"{frame.path}/{entry.path}" if frame.path else entry.path
            if self._matches(path):
                found = replace_path(entry, path)
                self._found.append(_resource(self._place, found, None))
            if entry.type == "tree" and not frame.whole:
                self._stack += [replace(frame, at=index + 1), Frame(entry.sha, path)]
                return

    def _matches(self, path: str) -> bool:
        """By the name, or by the path when a part of one is asked for."""
        text = path if "/" in self._q else path.rpartition("/")[2]
        return self._q in text.casefold()


def replace_path(entry: TreeEntry, path: str) -> TreeEntry:
    """The same entry, seen from further above."""
    return TreeEntry(path, entry.mode, entry.type, entry.sha, entry.size)


def _from(tree: Tree, start: int) -> Iterator[tuple[int, TreeEntry]]:
    return zip(range(start, len(tree.tree)), tree.tree[start:], strict=True)


def _token(stack: list[Frame]) -> str:
    parts = [(frame.tree, frame.path, frame.at, frame.whole) for frame in stack]
    return msgspec.json.encode(parts).decode()


def _frames(token: str | None) -> list[Frame]:
    if token is None:
        return []
    try:
        parts = decode(token.encode(), list[tuple[str, str, int, bool]])
    except UnreadableAnswer as error:
        raise InvalidCursor("The list has another form now. Start without a cursor.") from error
    return [Frame(*part) for part in parts]
