"""Feeds of changes: one of each user, one of each shared drive.

Of each file the newest change stands in them, with the file as it is now. What is in a folder that
goes into the trash has no entry of its own: nobody promises one. Source:
developers.google.com/workspace/drive/api/guides/about-changes.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.google.drive.call import Call, invalid_token
from src.sandbox.google.drive.records import File
from src.sandbox.google.drive.views import drive_view, file_view
from src.sandbox.google.drive.written import Entry, Written, read_file
from src.sandbox.google.errors import bad_request
from src.sandbox.kit import Refused

if TYPE_CHECKING:
    from starlette.responses import Response

_MOST = 1000
_SMALL = (
    "kind,nextPageToken,newStartPageToken,"
    "changes(kind,changeType,removed,fileId,driveId,file(kind,id,name,mimeType))"
)


async def show_start(call: Call, written: Written) -> "Response":
    """Answer where the feed goes on from now."""
    _feed_of(call)
    token = str(await written.log.end())
    return call.partial({"kind": "drive#startPageToken", "startPageToken": token}, "*")


async def list_changes(call: Call, written: Written) -> "Response":
    """Answer with a page of a feed."""
    call.size(most=_MOST)
    is_in_feed = _feed_of(call)
    found = await written.log.since(call.params.get("pageToken", ""))
    if found is None:
        raise Refused(invalid_token())
    told = _told(call, [(number, msgspec.convert(one, Entry)) for number, one in found], is_in_feed)
    size = int(call.params.get("pageSize", 100))
    answer: dict[str, Any] = {
        "kind": "drive#changeList",
        "changes": [change for _, change in told[:size]],
    }
    if len(told) > size:
        answer["nextPageToken"] = str(told[size - 1][0])
    else:
        answer["newStartPageToken"] = str(await written.log.end())
    return call.partial(answer, _SMALL)


def _feed_of(call: Call) -> Callable[[File], bool]:
    """Return which files the feed is about."""
    drive_id = call.params.get("driveId")
    if drive_id is not None:
        if not call.flag("supportsAllDrives"):
            message = "The driveId parameter requires supportsAllDrives."
            raise bad_request(message, reason="invalid", parameter="supportsAllDrives")
        call.drive(drive_id)
        return lambda file: file.drive == drive_id
    # Of shared drives a user's own feed tells what was shared by itself.
    return lambda file: call.sees(file) and (file.drive is None or call.login in file.readers)


def _told(
    call: Call, entries: list[tuple[int, Entry]], is_in_feed: Callable[[File], bool]
) -> list[tuple[int, dict[str, Any]]]:
    """Return for each thing its newest change."""
    newest: dict[str, int] = {}
    was_there: set[str] = set()
    for number, entry in entries:
        newest[entry.file or f"{entry.drive}"] = number
        if entry.file and entry.before and is_in_feed(read_file(entry.before)):
            was_there.add(entry.file)
    told: list[tuple[int, dict[str, Any]]] = []
    for number, entry in entries:
        if newest[entry.file or f"{entry.drive}"] != number:
            continue
        change = _of_drive(call, entry) if entry.file is None else None
        if entry.file is not None:
            change = _of_file(call, entry.file, is_in_feed, was_there=entry.file in was_there)
        if change is not None:
            told.append((number, {"kind": "drive#change", **change}))
    return told


def _of_file(
    call: Call, file_id: str, is_in_feed: Callable[[File], bool], *, was_there: bool
) -> dict[str, Any] | None:
    file = call.world.file(file_id)
    told = {"changeType": "file", "fileId": file_id}
    if file is not None and is_in_feed(file):
        view = file_view(file, call.world, call.caller.user)
        return {**told, "removed": False, "file": view}
    return {**told, "removed": True} if was_there else None


def _of_drive(call: Call, entry: Entry) -> dict[str, Any] | None:
    if entry.login != call.login or "driveId" in call.params:
        return None
    drive = call.world.drive(entry.drive or "")
    told = {"changeType": "drive", "driveId": entry.drive}
    if drive is None or not call.is_member(drive.id):
        return {**told, "removed": True}
    return {**told, "removed": False, "drive": drive_view(drive)}
