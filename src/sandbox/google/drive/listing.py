"""Lists of files: the question's parameters and what they rule out."""

from typing import TYPE_CHECKING, Any

from src.sandbox.google import errors
from src.sandbox.google.drive.call import Call, invalid_token
from src.sandbox.google.drive.query import (
    Asker,
    BadQuery,
    NoSuchParent,
    Test,
    compiled,
    uses,
)
from src.sandbox.google.drive.records import FOLDER, File
from src.sandbox.google.drive.views import file_view
from src.sandbox.google.drive.written import place_of
from src.sandbox.google.tokens import cut
from src.sandbox.kit import Refused

if TYPE_CHECKING:
    from starlette.responses import Response

_MOST = 1000
_UNSORTED = "kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType,resourceKey)"
_KEYS = {
    "createdTime": lambda file: file.created,
    "folder": lambda file: file.mime_type != FOLDER,
    "modifiedTime": lambda file: file.modified,
    "name": lambda file: file.name,
    "name_natural": lambda file: file.name.lower(),
    "quotaBytesUsed": lambda file: len(file.content or b""),
    "recency": lambda file: file.modified,
}


def list_files(call: Call) -> "Response":
    """Answer with a page of files."""
    call.size(most=_MOST)
    test = _test(call)
    found = [file for file in _corpus(call) if test(file)]
    rows, token = cut(
        call.request,
        _sorted(call, found),
        size="pageSize",
        default=100,
        most=_MOST,
        invalid=invalid_token(),
        keys=None if "orderBy" in call.params else [place_of(file) for file in found],
    )
    user = call.caller.user
    answer: dict[str, Any] = {
        "kind": "drive#fileList",
        "incompleteSearch": call.params.get("corpora") == "allDrives" and user.login == "ben",
        "files": [file_view(file, call.world, user) for file in rows],
    }
    if token is not None:
        answer["nextPageToken"] = token
    return call.partial(answer, _UNSORTED)


def _test(call: Call) -> Test:
    query = call.params.get("q")
    if query is None:
        return lambda _: True
    try:
        return compiled(query, Asker(call.login, call.caller.user.email, call.world))
    except NoSuchParent:
        raise errors.file_not_found("") from None
    except BadQuery:
        raise Refused(errors.legacy(400, "invalid", "Invalid Value", parameter="q")) from None


def _corpus(call: Call) -> list[File]:
    corpora = call.params.get("corpora", "user")
    drive_id = call.params.get("driveId")
    if corpora not in {"user", "drive", "allDrives"}:
        raise errors.bad_request("Invalid Value", reason="invalid", parameter="corpora")
    if (corpora == "drive") != (drive_id is not None):
        words = "The driveId parameter must be specified if and only if corpora is set to drive."
        raise errors.bad_request(words, reason="teamDriveIdRequired", parameter="driveId")
    with_drives = call.flag("includeItemsFromAllDrives")
    if with_drives and not call.flag("supportsAllDrives"):
        words = "The includeItemsFromAllDrives parameter requires supportsAllDrives."
        raise errors.bad_request(words, reason="invalid", parameter="supportsAllDrives")
    if corpora != "user" and not with_drives:
        words = "The includeItemsFromAllDrives parameter must be true for this corpora."
        raise errors.bad_request(words, reason="invalid", parameter="includeItemsFromAllDrives")
    if drive_id is not None:
        call.drive(drive_id)
    return [file for file in call.world.files if _is_listed(call, file, corpora, drive_id)]


def _is_listed(call: Call, file: File, corpora: str, drive_id: str | None) -> bool:
    if not call.sees(file) or file.parent is None:
        return False
    if drive_id is not None:
        return file.drive == drive_id
    # The user's own corpus has of shared drives only what was shared by itself (or opened, which
    # nobody has here).
    is_own = file.drive is None or call.login in file.readers
    return is_own or corpora == "allDrives"


def _sorted(call: Call, found: list[File]) -> list[File]:
    order = call.params.get("orderBy")
    if order is None:
        return found
    if uses(call.params.get("q", ""), "fullText"):
        words = (
            "Sorting is not supported for queries with fullText terms. Results are always in"
            " descending relevance order."
        )
        raise Refused(errors.legacy(403, "forbidden", words))
    for entry in reversed(order.split(",")):
        key, _, direction = entry.strip().partition(" ")
        if key not in _KEYS or direction not in {"", "desc"}:
            raise errors.bad_request("Invalid Value", reason="invalid", parameter="orderBy")
        found = sorted(found, key=_KEYS[key], reverse=direction == "desc")
    return found
