"""Drive's files, folders and drives as containers, items and resources."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from src.connectors.google.drive.ids import SHARED_WITH_ME, Kind, Ref
from src.connectors.google.drive.kinds import FOLDER, SHORTCUT, type_of
from src.connectors.google.drive.schemas import File, SharedDrive, User
from src.connectors.google.drive.texts import Text
from src.connectors.rest.values import timestamp
from src.models.unified import Container, Item, Person, Resource

_DRIVES = "https://drive.google.com/drive/folders/"
MY_DRIVE, SHARED, DRIVE_TYPE = "my_drive", "shared_with_me", "shared_drive"
SHARED_NAME = "Shared with me"
FOLDERS = "google_drive_folder"
"""The resource type of folders."""


def ref_of(file: File) -> Ref:
    """The id of a file, a folder or a shortcut."""
    if file.mime_type == FOLDER:
        return Ref("folder", file.id, file.drive_id, file.resource_key)
    kind: Kind = "shortcut" if file.mime_type == SHORTCUT else "file"
    return Ref(kind, file.id, None, file.resource_key)


def container_of(file: File) -> str:
    """Where a file is: a folder or a shared drive; what is in none that one may see is shared."""
    if not file.parents:
        return str(Ref("drive", file.id)) if file.id == file.drive_id else SHARED_WITH_ME
    parent = file.parents[0]
    if parent == file.drive_id:
        return str(Ref("drive", parent))
    return str(Ref("folder", parent, file.drive_id))


def target_of(file: File) -> Ref | None:
    """What a shortcut leads to."""
    details = file.shortcut_details
    if details is None or details.target_id is None:
        return None
    kind: Kind = "folder" if details.target_mime_type == FOLDER else "file"
    return Ref(kind, details.target_id, None, details.target_resource_key)


def to_person(user: User | None) -> Person | None:
    """Somebody."""
    if user is None:
        return None
    name = user.display_name or user.email_address
    if name is None:
        return None
    return Person(name=name, email=user.email_address, avatar_url=user.photo_link)


def folder_to_container(file: File, parent: str | None = None) -> Container:
    """A folder; whether there are others in it only a look would tell."""
    is_root = parent is None and not file.parents and file.owned_by_me
    return Container(
        id=str(ref_of(file)),
        type=MY_DRIVE if is_root else "folder",
        name=file.name,
        description=file.description,
        parent_id=None if is_root else parent or container_of(file),
        has_children=True,
        url=file.web_view_link,
        created_at=timestamp(file.created_time),
        updated_at=timestamp(file.modified_time),
    )


def drive_to_container(drive: SharedDrive) -> Container:
    """A shared drive."""
    return Container(
        id=str(Ref("drive", drive.id)),
        type=DRIVE_TYPE,
        name=drive.name,
        has_children=True,
        url=f"{_DRIVES}{drive.id}",
        created_at=timestamp(drive.created_time),
    )


def shared_with_me() -> Container:
    """The place of what others share."""
    return Container(
        id=SHARED_WITH_ME,
        type=SHARED,
        name=SHARED_NAME,
        has_children=True,
        url="https://drive.google.com/drive/shared-with-me",
    )


def to_item(file: File, container: str | None = None, text: Text | None = None) -> Item:
    """A file, a folder or a shortcut; lists know the container that they list."""
    target = target_of(file)
    to_folder = target is not None and target.kind == "folder"
    return Item(
        id=str(ref_of(file)),
        type=type_of(file.mime_type),
        container_id=container or container_of(file),
        title=file.name,
        body=text.body if text else None,
        body_format=text.format if text else None,
        author=to_person(file.owners[0] if file.owners else None),
        url=file.web_view_link,
        mime_type=file.mime_type,
        size=None if file.size is None else int(file.size),
        has_children=file.mime_type == FOLDER or to_folder,
        created_at=timestamp(file.created_time),
        updated_at=timestamp(file.modified_time),
        fields=_fields(file, target, text),
    )


def to_record(file: File) -> Item:
    """A file as a record, whose id holds no resource key.

    A feed tells of a file that is gone its own id only, from which the record must be found; and
    what an account can list it can open without the key.
    """
    return to_item(msgspec.structs.replace(file, resource_key=None))


class Listed(Struct):
    """A file of a list with its item, and its row as it came if that is asked for."""

    file: File
    item: Item
    raw: Raw | UnsetType = UNSET

    def with_text(self, text: Text | None) -> Item:
        """The item, with its text if it has been read."""
        item = msgspec.structs.replace(self.item, raw=self.raw)
        if text is None:
            return item
        told = {"bodyMissing": text.missing, "bodyCovers": text.covers}
        return msgspec.structs.replace(
            item, body=text.body, body_format=text.format, fields={**item.fields, **told}
        )


def to_listed(file: File, container: str) -> Listed:
    """A file in a list whose texts are still to be read."""
    return Listed(file, to_item(file, container))


def _fields(file: File, target: Ref | None, text: Text | None) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "fileId": file.id,
        "driveId": file.drive_id,
        "description": file.description,
        "owners": [{"name": one.display_name, "email": one.email_address} for one in file.owners],
        "lastModifiedBy": file.last_modifying_user and file.last_modifying_user.display_name,
        "shared": file.shared,
        "starred": file.starred,
        "trashed": file.trashed,
        "md5Checksum": file.md5_checksum,
        "iconUrl": file.icon_link,
    }
    if target is not None and file.shortcut_details is not None:
        fields["targetId"] = str(target)
        fields["targetMimeType"] = file.shortcut_details.target_mime_type
    if text is not None:
        fields["bodyMissing"] = text.missing
        fields["bodyCovers"] = text.covers
    return fields


def file_to_resource(file: File, resource_type: str, parent: str | None) -> Resource:
    """A file or folder that a picker shows."""
    is_folder = file.mime_type == FOLDER
    return Resource(
        id=str(ref_of(file)),
        name=file.name,
        type=resource_type,
        mime_type=file.mime_type,
        parent_id=parent or container_of(file),
        has_children=is_folder,
        selectable=not is_folder or resource_type == FOLDERS,
        icon_url=file.icon_link,
        url=file.web_view_link,
    )


def container_to_resource(container: Container, resource_type: str) -> Resource:
    """A place that a picker opens; whoever picks folders may take it, if it can hold files."""
    return Resource(
        id=container.id,
        name=container.name,
        type=resource_type,
        mime_type=FOLDER,
        parent_id=container.parent_id,
        has_children=True,
        selectable=resource_type == FOLDERS and container.type != SHARED,
        url=container.url,
    )
