"""Git's objects, as far as the imitation needs them: files and trees with their true ids."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha1
from typing import TypeAlias

import msgspec

FILE = "100644"
EXECUTABLE = "100755"
SYMLINK = "120000"
TREE = "040000"
SUBMODULE = "160000"


def object_id(kind: str, content: bytes) -> str:
    """Return the id of a git object."""
    header = f"{kind} {len(content)}\0".encode()
    return sha1(header + content, usedforsecurity=False).hexdigest()


class Blob(msgspec.Struct, frozen=True):
    """A file; of a symlink the content is its target, of a submodule the id of a commit."""

    content: bytes
    mode: str = FILE

    @property
    def sha(self) -> str:
        """Return its id."""
        if self.mode == SUBMODULE:
            return self.content.decode()
        return object_id("blob", self.content)


class Tree:
    """A directory."""

    mode = TREE

    def __init__(self, entries: "Mapping[str, Entry]") -> None:
        """Sort as git does: a directory as if its name ended with a slash."""
        self.entries = dict(sorted(entries.items(), key=_git_order))
        self.sha = object_id("tree", b"".join(map(_packed, self.entries.items())))

    def walk(self, prefix: str = "") -> "Iterator[tuple[str, Entry]]":
        """Yield everything below, each directory before what it holds."""
        for name, entry in self.entries.items():
            yield f"{prefix}{name}", entry
            if isinstance(entry, Tree):
                yield from entry.walk(f"{prefix}{name}/")


Entry: TypeAlias = Blob | Tree


def _git_order(pair: tuple[str, Entry]) -> bytes:
    name, entry = pair
    return f"{name}/".encode() if isinstance(entry, Tree) else name.encode()


def _packed(pair: tuple[str, Entry]) -> bytes:
    name, entry = pair
    return f"{entry.mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(entry.sha)


class Files:
    """All files of a branch, by path."""

    def __init__(self, blobs: Mapping[str, Blob]) -> None:
        """Build the trees only when somebody looks."""
        self._blobs = dict(blobs)

    @cached_property
    def root(self) -> Tree:
        """Return the uppermost directory."""
        return _tree([(path.split("/"), blob) for path, blob in self._blobs.items()])

    @cached_property
    def objects(self) -> dict[str, Entry]:
        """Return every object by its id."""
        return {self.root.sha: self.root, **{entry.sha: entry for _, entry in self.root.walk()}}

    def find(self, path: str) -> Entry | None:
        """Return what is at a path, if there is anything."""
        found: Entry | None = self.root
        for part in filter(None, path.split("/")):
            found = found.entries.get(part) if isinstance(found, Tree) else None
        return found

    def with_file(self, path: str, blob: Blob) -> "Files":
        """Return the files with one more, or with one replaced."""
        return Files({**self._blobs, path: blob})


def _tree(files: list[tuple[list[str], Blob]]) -> Tree:
    entries: dict[str, Entry] = {parts[0]: blob for parts, blob in files if len(parts) == 1}
    below: dict[str, list[tuple[list[str], Blob]]] = {}
    for parts, blob in files:
        if len(parts) > 1:
            below.setdefault(parts[0], []).append((parts[1:], blob))
    return Tree({**entries, **{name: _tree(inner) for name, inner in below.items()}})


class Branch:
    """A branch: a name for a commit, of which only the files are kept."""

    def __init__(self, name: str, files: Files, *, protected: bool = False) -> None:
        """Name the files."""
        self.name = name
        self.files = files
        self.protected = protected

    @property
    def commit(self) -> str:
        """Return the id of the commit, which differs for other files."""
        return object_id("commit", f"{self.name}\0{self.files.root.sha}".encode())
