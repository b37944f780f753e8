"""Fragments of what GitHub answers about branches, trees and files."""

from __future__ import annotations

from src.connectors.rest.decoding import Fragment


class Ref(Fragment):
    """A branch in the list of branches."""

    name: str


class TreeEntry(Fragment):
    """An entry of a tree; ``path`` is relative to it."""

    path: str
    mode: str
    type: str
    sha: str
    size: int | None = None


class Tree(Fragment):
    """A directory, or with ``recursive`` all that is below it."""

    sha: str
    tree: list[TreeEntry]
    truncated: bool = False


class Contents(Fragment):
    """A file by its path, with its content if that is not too large, or what is there instead."""

    type: str
    path: str
    sha: str
    size: int = 0
    encoding: str | None = None
    content: str | None = None
    target: str | None = None
    html_url: str | None = None


class Commit(Fragment):
    """The commit that a write made."""

    sha: str


class Written(Fragment):
    """The answer to a write."""

    content: Contents
    commit: Commit
