"""New files: metadata alone as JSON, or with content as multipart/related."""

from email import message_from_bytes
from typing import TYPE_CHECKING, Annotated

import msgspec

from src.sandbox.google import errors
from src.sandbox.google.drive.records import DOCUMENT, FOLDER, GOOGLE, SPREADSHEET, File
from src.sandbox.google.oauth import PREFIX

if TYPE_CHECKING:
    from src.sandbox.google.drive.call import Call

_CONVERTED = {
    DOCUMENT: {"text/plain", "text/markdown", "text/html"},
    SPREADSHEET: {"text/csv", "text/tab-separated-values"},
    f"{GOOGLE}presentation": set[str](),
}
_PARTS = 2


class Metadata(msgspec.Struct, rename="camel"):
    """What a new file is to be."""

    name: Annotated[str, msgspec.Meta(max_length=32_767)] = "Untitled"
    mime_type: str = "application/octet-stream"
    parents: Annotated[list[str], msgspec.Meta(max_length=1)] = []


class Update(msgspec.Struct, rename="camel"):
    """What is to be changed of a file."""

    name: str | None = None
    description: str | None = None
    trashed: bool | None = None


def updated(call: "Call", file: File, content: bytes, now: str) -> File:
    """Return the file as it will be, where the caller may write."""
    need_writer(call, file)
    try:
        wanted = msgspec.json.decode(content or b"{}", type=Update)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise errors.bad_request("Parse Error", reason="parseError") from error
    values = {
        name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None
    }
    parent = call.params.get("addParents")
    if parent is not None:
        above = call.file(parent)
        values |= {"parent": above.id, "drive": above.drive}
        values["owner"] = None if above.drive else file.owner or call.login
    # What only moves, or goes into the trash, keeps the time of its last change.
    if {"name", "description"} & values.keys():
        values["modified"] = now
    return msgspec.structs.replace(file, **values)


def need_writer(call: "Call", file: File) -> None:
    """Refuse whoever may not change a file."""
    may_write = file.is_of_app or f"{PREFIX}drive" in call.caller.scopes
    if not may_write or (file.drive is None and file.owner != call.login):
        raise errors.file_not_found(file.id)


def read_metadata(content: bytes) -> Metadata:
    """Read the JSON of a request or of its first part."""
    try:
        return msgspec.json.decode(content, type=Metadata)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise errors.bad_request("Parse Error", reason="parseError") from error


def read_parts(content_type: str, content: bytes) -> tuple[Metadata, bytes, str]:
    """Read metadata, content and its type out of a multipart body (RFC 2387)."""
    if not content_type.lower().startswith("multipart/related"):
        raise errors.bad_request("Malformed multipart body.", reason="badContent")
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + content)
    parts = message.get_payload()
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise errors.bad_request("Malformed multipart body.", reason="badContent")
    metadata, media = (part.get_payload(decode=True) for part in parts)  # type: ignore[union-attr]
    return read_metadata(bytes(metadata)), bytes(media), parts[1].get_content_type()  # type: ignore[union-attr]


def made(
    call: "Call", metadata: Metadata, content: bytes | None, media_type: str, now: str
) -> File:
    """Return the file as it will be, where the caller may write."""
    parent = _parent(call, metadata)
    is_googles = metadata.mime_type.startswith(GOOGLE)
    if content is not None and is_googles:
        allowed = _CONVERTED.get(metadata.mime_type, set())
        if media_type not in allowed:
            raise errors.bad_request("Bad Request", reason="badRequest")
    return File(
        id="",
        name=metadata.name,
        mime_type=metadata.mime_type,
        owner=None if parent.drive else call.login,
        parent=parent.id,
        drive=parent.drive,
        created=now,
        modified=now,
        content=content if content is not None else b"",
        text=(content or b"").decode("utf-8", "replace"),
        is_of_app=True,
    )


def _parent(call: "Call", metadata: Metadata) -> File:
    root = call.world.root(call.login)
    if not metadata.parents or metadata.parents[0] in {"root", root.id}:
        return root
    parent = call.file(metadata.parents[0])
    if parent.mime_type != FOLDER:
        raise errors.bad_request("The specified parent is not a folder.", reason="parentNotAFolder")
    # What the app may only use because it made it, or because the grant covers all files.
    need_writer(call, parent)
    return parent
