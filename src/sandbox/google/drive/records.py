"""What the imitation Drive holds."""

from collections.abc import Callable

import msgspec

GOOGLE = "application/vnd.google-apps."
FOLDER = f"{GOOGLE}folder"
SHORTCUT = f"{GOOGLE}shortcut"
DOCUMENT = f"{GOOGLE}document"
SPREADSHEET = f"{GOOGLE}spreadsheet"
PRESENTATION = f"{GOOGLE}presentation"
FORM = f"{GOOGLE}form"


class Drive(msgspec.Struct, frozen=True, kw_only=True):
    """A shared drive; its top folder has its id, and is called Drive."""

    id: str
    name: str
    created: str
    members: tuple[str, ...]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to a comment."""

    id: str
    author: str
    content: str | None
    action: str | None = None
    created: str
    deleted: bool = False


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment; one that was deleted shows nothing but that."""

    id: str
    author: str
    content: str
    created: str
    modified: str
    resolved: bool = False
    deleted: bool = False
    quoted: str | None = None
    replies: tuple[Reply, ...] = ()


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file, a folder or a shortcut."""

    id: str
    name: str
    mime_type: str
    owner: str | None
    """A login; what is in a shared drive belongs to nobody."""
    parent: str | None = None
    drive: str | None = None
    readers: tuple[str, ...] = ()
    """With whom it is shared by name."""
    link_key: str | None = None
    """Whoever knows this resource key may read it."""
    created: str = "2026-01-10T09:00:00.000Z"
    modified: str = "2026-02-10T09:00:00.000Z"
    content: bytes | None = None
    size: int | None = None
    """Where it is not that of the content: of files too large to be kept here."""
    text: str = ""
    """What a search through texts finds."""
    description: str | None = None
    target: str | None = None
    trashed: bool = False
    may_copy: bool = True
    is_abusive: bool = False
    exports_too_much: bool = False
    is_of_app: bool = False
    """The calling app has made it."""
    comments: Callable[[], tuple[Comment, ...]] | None = None


class World(msgspec.Struct, frozen=True):
    """Everything, the seed and what was written since."""

    files: tuple[File, ...]
    drives: tuple[Drive, ...]

    def file(self, file_id: str) -> File | None:
        """Find a file."""
        return next((one for one in self.files if one.id == file_id), None)

    def drive(self, drive_id: str) -> Drive | None:
        """Find a shared drive."""
        return next((one for one in self.drives if one.id == drive_id), None)

    def children(self, folder_id: str) -> list[File]:
        """Return what is directly in a folder."""
        return [one for one in self.files if one.parent == folder_id]

    def root(self, login: str) -> File:
        """Return the top folder of somebody's My Drive."""
        return next(
            one
            for one in self.files
            if one.owner == login and one.parent is None and one.name == "My Drive"
        )
