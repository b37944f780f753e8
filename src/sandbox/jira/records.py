"""The imitation's own records: what Jira would keep, not how it shows it."""

from typing import Any

import msgspec


class Person(msgspec.Struct, frozen=True):
    """A user of a site; one who was deleted keeps a number and nothing else."""

    account_id: str
    login: str
    """The name in a data center."""
    name: str
    email: str | None = None
    active: bool = True

    @property
    def key(self) -> str:
        """Return the key in a data center, which survives a change of the name."""
        return f"JIRAUSER{sum(map(ord, self.login)):05}"


class Project(msgspec.Struct, frozen=True):
    """A project."""

    id: int
    key: str
    name: str
    kind: str
    description: str = ""
    is_simplified: bool = False
    members: frozenset[str] | None = None
    """Logins of those who see it; None = everybody."""


class Issue(msgspec.Struct, frozen=True):
    """An issue; `body` names one of the seeded bodies, or holds one that was written."""

    id: int
    project: int
    number: int
    type: str
    summary: str
    status: str
    created: int
    updated: int
    priority: str | None = "Medium"
    reporter: str | None = "mia"
    assignee: str | None = None
    labels: tuple[str, ...] = ()
    parent: int | None = None
    body: Any = None
    comments: int = 0
    resolved: int | None = None
    due: str | None = None
    components: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    files: int = 0
    custom: dict[str, Any] = msgspec.field(default_factory=dict)


class Comment(msgspec.Struct, frozen=True):
    """A comment."""

    id: int
    author: str | None
    body: Any
    created: int
    parent: int | None = None
    is_public: bool = True
    visible_to: str | None = None


class Board(msgspec.Struct, frozen=True):
    """A board of Jira Software."""

    id: int
    name: str
    kind: str
    project: int | None


class World(msgspec.Struct, frozen=True):
    """All that stands on one site, or in one data center."""

    name: str
    projects: tuple[Project, ...]
    issues: dict[int, Issue]
    boards: tuple[Board, ...]
    children: dict[int, tuple[int, ...]]
