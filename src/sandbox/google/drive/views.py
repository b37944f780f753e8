"""Drive's objects as its API shows them, whole; `fields` cuts them down."""

from typing import Any

from src.sandbox.google.drive.records import (
    DOCUMENT,
    FOLDER,
    PRESENTATION,
    SHORTCUT,
    SPREADSHEET,
    Comment,
    Drive,
    File,
    Reply,
    World,
)
from src.sandbox.google.people import User, user_of

_EDITORS = {
    DOCUMENT: "https://docs.google.com/document/d/{}/edit?usp=drivesdk",
    SPREADSHEET: "https://docs.google.com/spreadsheets/d/{}/edit?usp=drivesdk",
    PRESENTATION: "https://docs.google.com/presentation/d/{}/edit?usp=drivesdk",
    FOLDER: "https://drive.google.com/drive/folders/{}",
}
_VIEWER = "https://drive.google.com/file/d/{}/view?usp=drivesdk"


def _user(login: str | None, viewer: User, *, with_email: bool = True) -> dict[str, Any]:
    user = user_of(login or "")
    if user is None:
        return {"kind": "drive#user", "displayName": "", "me": False}
    shown: dict[str, Any] = {
        "kind": "drive#user",
        "displayName": user.name,
        "photoLink": f"https://lh3.googleusercontent.com/a/{user.login}=s64",
        "me": user.login == viewer.login,
    }
    if with_email:
        shown |= {"permissionId": user.sub, "emailAddress": user.email}
    return shown


def file_view(file: File, world: World, viewer: User) -> dict[str, Any]:
    """Return a file; what it does not have is left out."""
    shown: dict[str, Any] = {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime_type,
        "description": file.description,
        "starred": False,
        "trashed": file.trashed,
        "version": "7",
        "createdTime": file.created,
        "modifiedTime": file.modified,
        "webViewLink": _EDITORS.get(file.mime_type, _VIEWER).format(file.id),
        "iconLink": f"https://drive-thirdparty.googleusercontent.com/16/type/{file.mime_type}",
        "shared": bool(file.readers) or file.drive is not None,
        "ownedByMe": file.owner == viewer.login,
        "lastModifyingUser": _user(file.owner or "ann", viewer),
        "capabilities": {"canDownload": file.may_copy},
        "resourceKey": file.link_key,
        "driveId": file.drive,
        "parents": _parents(file, world, viewer),
        "owners": [_user(file.owner, viewer)] if file.owner else None,
        "shortcutDetails": _shortcut(file, world),
        **_bytes(file),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _parents(file: File, world: World, viewer: User) -> list[str] | None:
    """Return the folder that it is in, if the viewer may see that one."""
    above = world.file(file.parent) if file.parent else None
    if above is None:
        return None
    drive = world.drive(above.drive) if above.drive else None
    members = drive.members if drive else ()
    return [above.id] if viewer.login in {above.owner, *above.readers, *members} else None


def _bytes(file: File) -> dict[str, Any]:
    if file.mime_type.startswith("application/vnd.google-apps."):
        return {}
    size = len(file.content or b"") if file.size is None else file.size
    return {"size": str(size), "md5Checksum": "9e107d9d372bb6826bd81d3542a419d6"}


def _shortcut(file: File, world: World) -> dict[str, Any] | None:
    if file.mime_type != SHORTCUT or file.target is None:
        return None
    target = world.file(file.target)
    shown = {"targetId": file.target, "targetMimeType": target.mime_type if target else DOCUMENT}
    if target is not None and target.link_key:
        shown["targetResourceKey"] = target.link_key
    return shown


def drive_view(drive: Drive) -> dict[str, Any]:
    """Return a shared drive."""
    return {
        "kind": "drive#drive",
        "id": drive.id,
        "name": drive.name,
        "createdTime": drive.created,
        "hidden": False,
    }


def comment_view(comment: Comment, viewer: User) -> dict[str, Any]:
    """Return a comment with its answers; addresses of e-mail are never shown."""
    shown: dict[str, Any] = {
        "kind": "drive#comment",
        "id": comment.id,
        "createdTime": comment.created,
        "modifiedTime": comment.modified,
        "deleted": comment.deleted,
        "resolved": comment.resolved,
        "replies": [_reply_view(reply, viewer) for reply in comment.replies],
    }
    if not comment.deleted:
        shown |= {
            "content": comment.content,
            "htmlContent": comment.content,
            "author": _user(comment.author, viewer, with_email=False),
        }
    if comment.quoted is not None:
        shown["quotedFileContent"] = {"mimeType": "text/html", "value": comment.quoted}
    return shown


def _reply_view(reply: Reply, viewer: User) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "kind": "drive#reply",
        "id": reply.id,
        "createdTime": reply.created,
        "modifiedTime": reply.created,
        "action": reply.action,
        "deleted": reply.deleted,
    }
    if not reply.deleted:
        shown |= {
            "content": reply.content,
            "author": _user(reply.author, viewer, with_email=False),
        }
    return {name: value for name, value in shown.items() if value is not None}
