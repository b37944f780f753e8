"""The imitation's own records: what Confluence would keep, not how it shows it."""

from typing import Any

import msgspec


class Space(msgspec.Struct, frozen=True):
    """A space; `members` are the account ids that may see it, None = everybody."""

    id: int
    key: str
    name: str
    type: str = "global"
    status: str = "current"
    description: str | None = None
    homepage: int | None = None
    created_at: str = "2023-02-17T09:08:30.734Z"
    author: str | None = None
    members: frozenset[str] | None = None


class Content(msgspec.Struct, frozen=True):
    """Anything in a space: a page, a blog post, a folder, a whiteboard, a database, an embed."""

    id: int
    kind: str
    space: int
    title: str
    storage: str = ""
    document: dict[str, Any] | None = None
    parent: int | None = None
    parent_kind: str | None = None
    position: int = 0
    status: str = "current"
    author: str | None = None
    editor: str | None = None
    created_at: str = "2024-01-01T10:00:00.000Z"
    changed_at: str = "2024-01-01T10:00:00.000Z"
    version: int = 1
    message: str = ""
    labels: tuple[str, ...] = ()


class Comment(msgspec.Struct, frozen=True):
    """A footer or inline comment; a parent makes it an answer."""

    id: int
    kind: str
    content: int
    storage: str
    parent: int | None = None
    author: str | None = None
    created_at: str = "2024-02-01T10:00:00.000Z"
    version: int = 1
    resolution: str | None = None
    anchor: str | None = None


class Person(msgspec.Struct, frozen=True):
    """Somebody as the site shows them; one who left has no name of their own any more."""

    account_id: str
    name: str
    email: str = ""
    status: str = "active"


class World(msgspec.Struct, frozen=True):
    """All that a site holds."""

    spaces: dict[int, Space]
    contents: dict[int, Content]
    comments: dict[int, Comment]
    people: dict[str, Person]

    def children(self, number: int) -> list[Content]:
        """Find what lies below something, in its order."""
        found = [
            one
            for one in self.contents.values()
            if one.parent == number and one.status == "current"
        ]
        return sorted(found, key=lambda one: (one.position, one.id))

    def ancestors(self, content: Content) -> list[Content]:
        """Find the way from the top to what something lies below."""
        way: list[Content] = []
        parent = content.parent
        while parent is not None and (above := self.contents.get(parent)) is not None:
            way.append(above)
            parent = above.parent
        return way[::-1]
