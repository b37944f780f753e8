"""Fragments of Confluence's answers: only the fields that we read, with Confluence's own nouns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import field

from src.connectors.rest.decoding import Fragment

R = TypeVar("R")


class Links(Fragment):
    """``_links``: of a list, or of one thing."""

    next: str | None = None
    base: str | None = None
    webui: str | None = None


class Results(Fragment, Generic[R]):
    """A listing."""

    results: list[R]
    links: Links | None = field(name="_links", default=None)

    @property
    def rows(self) -> Sequence[R]:
        """What is listed."""
        return self.results

    @property
    def truncated(self) -> bool:
        """Confluence does not say so of a list."""
        return False


class Plain(Fragment):
    """One representation of a text."""

    value: str | None = None


class Text(Fragment):
    """A text in the representation that was asked for."""

    storage: Plain | None = None
    atlas_doc_format: Plain | None = None
    plain: Plain | None = None


class Space(Fragment, rename="camel"):
    """A space."""

    id: str
    key: str
    name: str
    type: str = "global"
    description: Text | None = None
    created_at: str | None = None
    links: Links | None = field(name="_links", default=None)


class Version(Fragment, rename="camel"):
    """The present version of something: when, and by whom."""

    number: int = 0
    created_at: str | None = None
    message: str | None = None
    author_id: str | None = None


class Label(Fragment):
    """A label."""

    name: str


class Content(Fragment, rename="camel"):
    """A page or a blog post; or a folder, a whiteboard, a database, an embed, which have less."""

    id: str
    title: str | None = None
    status: str | None = None
    space_id: str | None = None
    parent_id: str | None = None
    parent_type: str | None = None
    position: int | None = None
    author_id: str | None = None
    owner_id: str | None = None
    subtype: str | None = None
    embed_url: str | None = None
    created_at: str | None = None
    version: Version | None = None
    body: Text | None = None
    labels: Results[Label] | None = None
    direct_children: Results[Child] | None = None
    links: Links | None = field(name="_links", default=None)


class Child(Fragment, rename="camel"):
    """An entry of the tree."""

    id: str
    type: str
    title: str | None = None
    status: str | None = None
    space_id: str | None = None
    child_position: int | None = None


class Ancestor(Fragment):
    """A step on the way from the top."""

    id: str
    type: str


class Anchor(Fragment, rename="camel"):
    """Where an inline comment stands; the text is gone from the page when it is dangling."""

    inline_marker_ref: str | None = None
    inline_original_selection: str | None = None


class Comment(Fragment, rename="camel"):
    """A footer or inline comment."""

    id: str
    status: str | None = None
    page_id: str | None = None
    blog_post_id: str | None = None
    parent_comment_id: str | None = None
    version: Version | None = None
    body: Text | None = None
    resolution_status: str | None = None
    properties: Anchor | None = None
    links: Links | None = field(name="_links", default=None)


class Picture(Fragment):
    """A profile picture; its path is of the site, or a whole address."""

    path: str | None = None


class User(Fragment, rename="camel"):
    """A user: of ``users-bulk``, or the caller itself."""

    account_id: str
    display_name: str | None = None
    public_name: str | None = None
    email: str | None = None
    profile_picture: Picture | None = None
    links: Links | None = field(name="_links", default=None)


class TenantInfo(Fragment, rename="camel"):
    """What a site tells everybody about itself."""

    cloud_id: str


class FoundSpace(Fragment):
    """A space in a search, as v1 has it."""

    id: int
    key: str
    name: str
    type: str = "global"
    links: Links | None = field(name="_links", default=None)


class SpaceHit(Fragment):
    """A search result about a space."""

    space: FoundSpace | None = None


class Editor(Fragment, rename="camel"):
    """Somebody in v1."""

    account_id: str | None = None
    display_name: str | None = None


class FoundVersion(Fragment):
    """A version in v1."""

    number: int = 0
    when: str | None = None
    message: str | None = None
    by: Editor | None = None


class History(Fragment, rename="camel"):
    """How something began, in v1."""

    created_date: str | None = None
    created_by: Editor | None = None


class FoundAncestor(Fragment):
    """An ancestor in v1."""

    id: str
    type: str = "page"


class Metadata(Fragment):
    """What v1 tells of labels."""

    labels: Results[Label] | None = None


class Found(Fragment):
    """A page or a blog post that a search found, as v1 has it."""

    id: str
    type: str
    title: str | None = None
    status: str | None = None
    space: FoundSpace | None = None
    version: FoundVersion | None = None
    history: History | None = None
    ancestors: tuple[FoundAncestor, ...] = ()
    metadata: Metadata | None = None
    body: Text | None = None
    links: Links | None = field(name="_links", default=None)
