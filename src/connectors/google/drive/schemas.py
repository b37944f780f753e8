"""The parts of Drive's answers that we read. Source: developers.google.com/workspace/drive/api."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from src.connectors.rest.decoding import Fragment

R = TypeVar("R")


class User(Fragment, rename="camel"):
    """Somebody; comments never tell an e-mail address."""

    display_name: str | None = None
    email_address: str | None = None
    photo_link: str | None = None
    me: bool = False


class Shortcut(Fragment, rename="camel"):
    """Where a shortcut leads."""

    target_id: str | None = None
    target_mime_type: str | None = None
    target_resource_key: str | None = None


class Capabilities(Fragment, rename="camel"):
    """What the account may do with a file."""

    can_download: bool = True


class File(Fragment, rename="camel"):
    """A file, a folder or a shortcut."""

    id: str
    name: str = ""
    mime_type: str = ""
    description: str | None = None
    parents: tuple[str, ...] = ()
    drive_id: str | None = None
    size: str | None = None
    created_time: str | None = None
    modified_time: str | None = None
    web_view_link: str | None = None
    icon_link: str | None = None
    owners: tuple[User, ...] = ()
    owned_by_me: bool = False
    last_modifying_user: User | None = None
    shared: bool | None = None
    starred: bool | None = None
    trashed: bool = False
    md5_checksum: str | None = None
    resource_key: str | None = None
    shortcut_details: Shortcut | None = None
    capabilities: Capabilities | None = None


FILE_FIELDS = (
    "id,name,mimeType,description,parents,driveId,size,createdTime,modifiedTime,webViewLink,"
    "iconLink,owners(displayName,emailAddress,photoLink,me),ownedByMe,"
    "lastModifyingUser(displayName,emailAddress,photoLink,me),shared,starred,trashed,md5Checksum,"
    "resourceKey,shortcutDetails,capabilities(canDownload)"
)
"""Without ``fields`` Drive tells id, name and type only."""

LIST_FIELDS = f"nextPageToken,incompleteSearch,files({FILE_FIELDS})"


class Files(Struct, Generic[R], rename="camel"):
    """A page of files; a search over all drives may be cut short."""

    rows: list[R] = msgspec.field(name="files", default_factory=list)
    truncated: bool = msgspec.field(name="incompleteSearch", default=False)
    next_page_token: str | None = None


class StartToken(Fragment, rename="camel"):
    """Where a feed goes on from now."""

    start_page_token: str


class Change(Fragment, rename="camel"):
    """What has become of a file, or of a shared drive; of one that is gone only its id is told."""

    change_type: str = "file"
    file_id: str | None = None
    drive_id: str | None = None
    removed: bool = False
    file: File | None = None


class Changes(Fragment, rename="camel"):
    """A page of a feed; the last one says where it goes on later."""

    changes: list[Change] = msgspec.field(default_factory=list)
    next_page_token: str | None = None
    new_start_page_token: str | None = None


CHANGE_FIELDS = (
    "nextPageToken,newStartPageToken,"
    f"changes(changeType,fileId,driveId,removed,file({FILE_FIELDS}))"
)


class SharedDrive(Fragment, rename="camel"):
    """A drive that belongs to an organisation."""

    id: str
    name: str
    created_time: str | None = None


class SharedDrives(Struct, Generic[R], rename="camel"):
    """A page of shared drives."""

    rows: list[R] = msgspec.field(name="drives", default_factory=list)
    next_page_token: str | None = None

    @property
    def truncated(self) -> bool:
        """Never: a list of drives is whole."""
        return False


class Quoted(Fragment):
    """The part of the text that a comment is about."""

    value: str | None = None


class Reply(Fragment, rename="camel"):
    """An answer to a comment; one that resolves it may be without words."""

    id: str
    content: str | None = None
    action: str | None = None
    author: User | None = None
    created_time: str | None = None
    modified_time: str | None = None
    deleted: bool = False


class Comment(Fragment, rename="camel"):
    """A comment with its answers."""

    id: str
    content: str | None = None
    author: User | None = None
    created_time: str | None = None
    modified_time: str | None = None
    resolved: bool = False
    quoted_file_content: Quoted | None = None
    replies: tuple[msgspec.Raw, ...] = ()


COMMENT_FIELDS = (
    "nextPageToken,comments(id,content,author(displayName,photoLink,me),createdTime,modifiedTime,"
    "resolved,quotedFileContent(value),replies(id,content,action,author(displayName,photoLink,me),"
    "createdTime,modifiedTime,deleted))"
)
"""Drive refuses a list of comments that does not name its fields."""


class Comments(Struct, Generic[R], rename="camel"):
    """A page of comments."""

    rows: list[R] = msgspec.field(name="comments", default_factory=list)
    next_page_token: str | None = None

    @property
    def truncated(self) -> bool:
        """Never: a list of comments is whole."""
        return False


def next_page_token(body: Any) -> str | None:
    """Where the next page begins."""
    token: str | None = body.next_page_token
    return token
