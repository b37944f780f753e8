"""What every connector's content becomes: container, item, comment.

These are msgspec structs and not pydantic models because they are the hot path: a page of a hundred
items is decoded, mapped and encoded five times faster (ADR 0007). Times are RFC 3339 strings in
UTC with milliseconds (``connectors.rest.values.timestamp`` makes them).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

ProviderId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._~:@-]{1,512}$")]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
State = Literal["open", "closed"]
CommentState = Literal["open", "resolved"]
BodyFormat = Literal["text", "markdown", "html"]


class Unified(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """The base of the unified structs: immutable, camelCase in JSON, never in a circle."""


class Person(Unified, frozen=True, kw_only=True, rename="camel"):
    """Somebody at the provider; ``id`` is absent for deleted accounts."""

    name: str
    id: str | None = None
    email: str | None = None
    url: str | None = None
    avatar_url: str | None = None


class Container(Unified, frozen=True, kw_only=True, rename="camel"):
    """What holds items or other containers: a repository, a project, a space, a folder."""

    id: ProviderId
    type: str
    """The provider's own noun, in lower case: ``repository``."""
    name: str
    description: str | None = None
    parent_id: ProviderId | None = None
    has_children: bool = False
    """Whether there are containers below it."""
    url: str | None = None
    created_at: Time | None = None
    updated_at: Time | None = None
    raw: Raw | UnsetType = UNSET
    """The provider's own row; the REST client adds it where it was asked for."""


class Item(Unified, frozen=True, kw_only=True, rename="camel"):
    """One thing in a container: an issue, a page, a file, an activity."""

    id: ProviderId
    type: str
    """The provider's own noun, in lower case: ``issue``."""
    container_id: ProviderId
    title: str
    parent_id: ProviderId | None = None
    """An item above it in the same container."""
    body: str | None = None
    """In lists only where ``include_body`` asks for it."""
    body_format: BodyFormat | None = None
    state: State | None = None
    """Whether it is done; None where the provider has no such thing."""
    status: str | None = None
    """The provider's own word for it."""
    author: Person | None = None
    assignees: tuple[Person, ...] = ()
    labels: tuple[str, ...] = ()
    url: str | None = None
    mime_type: str | None = None
    size: int | None = None
    has_children: bool = False
    """Whether there are items below it."""
    comment_count: int | None = None
    created_at: Time | None = None
    updated_at: Time | None = None
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    """What is typical of the provider, by name, with units in the connector's documentation."""
    raw: Raw | UnsetType = UNSET


class Comment(Unified, frozen=True, kw_only=True, rename="camel"):
    """What somebody said about an item; ``parent_id`` makes threads."""

    id: ProviderId
    item_id: ProviderId
    body: str
    body_format: BodyFormat
    parent_id: ProviderId | None = None
    """The comment that it answers."""
    type: str | None = None
    state: CommentState | None = None
    author: Person | None = None
    url: str | None = None
    created_at: Time | None = None
    updated_at: Time | None = None
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    raw: Raw | UnsetType = UNSET


class Resource(Unified, frozen=True, kw_only=True, rename="camel"):
    """Something that can be picked, or opened to find what can."""

    id: ProviderId
    name: str
    type: str
    mime_type: str | None = None
    parent_id: ProviderId | None = None
    has_children: bool = False
    selectable: bool = True
    """False = it can only be opened."""
    icon_url: str | None = None
    url: str | None = None
    fields: dict[str, Any] | UnsetType = UNSET
    """What is typical of the provider, where a picker's row tells more than a name."""


T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """A page of anything, with the provider's own token for the next one.

    ``truncated`` says that the provider (or a missing scope) keeps back part of the list,
    ``asked_at`` when, at the latest, the provider was not asked for it yet.
    """

    items: tuple[T, ...]
    next_token: str | None = None
    truncated: bool = False
    asked_at: datetime | None = None
