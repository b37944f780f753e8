"""Fragments of Jira's answers, of the cloud (v3) and of a data center (v2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from src.connectors.rest.decoding import Fragment

R = TypeVar("R")


class Avatars(Fragment, rename={"large": "48x48"}):
    """Pictures by size."""

    large: str | None = None


class User(Fragment, rename="camel"):
    """A user: by ``accountId`` in the cloud, by ``key`` and ``name`` in a data center."""

    account_id: str | None = None
    key: str | None = None
    name: str | None = None
    display_name: str | None = None
    email_address: str | None = None
    avatar_urls: Avatars | None = None


class Myself(User, rename="camel"):
    """The account itself."""

    time_zone: str | None = None


class ServerInfo(Fragment, rename="camel"):
    """What an installation says of itself."""

    base_url: str
    server_title: str | None = None


class TenantInfo(Fragment, rename="camel"):
    """Which site of the cloud stands at an address."""

    cloud_id: str


class Insight(Fragment, rename="camel"):
    """What Jira knows of a project's issues."""

    last_issue_update_time: str | None = None


class Project(Fragment, rename="camel"):
    """A project."""

    id: str
    key: str
    name: str
    description: str | None = None
    project_type_key: str | None = None
    avatar_urls: Avatars | None = None
    insight: Insight | None = None


class Named(Fragment):
    """A thing with a name: a priority, a resolution, a component, a version."""

    name: str | None = None


class StatusCategory(Fragment):
    """To do, in progress, done: ``key`` is the same in every language."""

    key: str | None = None


class Status(Fragment, rename="camel"):
    """Where an issue stands in its workflow."""

    name: str
    status_category: StatusCategory | None = None


class IssueType(Fragment, rename="camel"):
    """Epic 1, story 0, sub-task -1: the level in the hierarchy."""

    name: str
    subtask: bool = False
    hierarchy_level: int | None = None


class Link(Fragment):
    """Another issue."""

    id: str
    key: str | None = None


class Attachment(Fragment, rename="camel"):
    """A file; its content is behind an address of the API."""

    id: str | int
    filename: str
    author: User | None = None
    created: str | None = None
    size: int | None = None
    mime_type: str | None = None


class Comments(Fragment):
    """How many comments an issue has."""

    total: int | None = None


class IssueFields(Fragment, rename={"fix_versions": "fixVersions"}):
    """The fields that we ask for by name; any may be null."""

    summary: str | None = None
    status: Status | None = None
    issuetype: IssueType | None = None
    priority: Named | None = None
    resolution: Named | None = None
    project: Link | None = None
    parent: Link | None = None
    subtasks: tuple[Link, ...] | None = None
    assignee: User | None = None
    reporter: User | None = None
    creator: User | None = None
    labels: tuple[str, ...] | None = None
    components: tuple[Named, ...] | None = None
    fix_versions: tuple[Named, ...] | None = None
    duedate: str | None = None
    resolutiondate: str | None = None
    created: str | None = None
    updated: str | None = None
    attachment: tuple[Attachment, ...] | None = None
    comment: Comments | None = None
    description: Any = None


class Issue(Fragment):
    """An issue in a list."""

    id: str
    key: str
    fields: IssueFields


class WholeIssue(Fragment):
    """An issue with fields of the site's own; in a single answer with what they are called."""

    id: str
    key: str
    fields: dict[str, Any]
    names: dict[str, str] = msgspec.field(default_factory=dict)


class Visibility(Fragment):
    """Who may see a comment."""

    type: str | None = None
    value: str | None = None


class Comment(Fragment, rename="camel"):
    """A comment; its own address names the issue by its number."""

    id: str
    address: str | None = msgspec.field(default=None, name="self")
    author: User | None = None
    update_author: User | None = None
    body: Any = None
    created: str | None = None
    updated: str | None = None
    parent_id: str | int | None = None
    jsd_public: bool | None = None
    visibility: Visibility | None = None


class Talk(Fragment):
    """The first comments of an issue, as a search tells them; the cloud tells twenty."""

    comments: tuple[Comment, ...] = ()
    total: int = 0


class TalkFields(Fragment):
    """The fields of an issue whose comments are wanted."""

    project: Link | None = None
    created: str | None = None
    updated: str | None = None
    comment: Talk | None = None


class TalkedIssue(Fragment):
    """An issue with its comments."""

    id: str
    key: str
    fields: TalkFields


class Created(Fragment):
    """What a new issue is called."""

    id: str
    key: str


class Transition(Fragment, rename="camel"):
    """A way from one status to another."""

    id: str
    name: str
    to: Status | None = None
    has_screen: bool | None = None


class Transitions(Fragment):
    """The ways that are open now."""

    transitions: list[Transition]


class Location(Fragment, rename="camel"):
    """Where a board belongs."""

    project_id: int | None = None


class Board(Fragment):
    """A board."""

    id: int
    name: str
    type: str | None = None
    location: Location | None = None


class Values(Fragment, Generic[R], rename="camel"):
    """A page by offset, of projects or boards. The end is told by ``isLast``, or by the total."""

    values: list[R]
    total: int | None = None
    is_last: bool | None = None

    @property
    def rows(self) -> Sequence[R]:
        """What stands on the page."""
        return self.values

    truncated = False


class FoundIssues(Fragment, Generic[R], rename="camel"):
    """A page of the cloud's search: a token, and no total."""

    issues: list[R]
    next_page_token: str | None = None
    is_last: bool | None = None
    names: dict[str, str] | None = None

    @property
    def rows(self) -> Sequence[R]:
        """What was found."""
        return self.issues

    truncated = False


class CountedIssues(Fragment, Generic[R]):
    """A page of a data center's search, by offset."""

    issues: list[R]
    total: int
    names: dict[str, str] | None = None

    @property
    def rows(self) -> Sequence[R]:
        """What was found."""
        return self.issues

    truncated = False


class CommentPage(Fragment, Generic[R]):
    """A page of comments: by offset, and nothing says that it is the last."""

    comments: list[R]
    total: int

    @property
    def rows(self) -> Sequence[R]:
        """What was said."""
        return self.comments

    truncated = False
