"""What is in a file: its bytes, or an export of one that has none."""

from typing import TYPE_CHECKING

from starlette.responses import Response

from src.sandbox.google import errors
from src.sandbox.google.drive.records import DOCUMENT, GOOGLE, PRESENTATION, SPREADSHEET
from src.sandbox.kit import Refused

if TYPE_CHECKING:
    from src.sandbox.google.drive.call import Call
    from src.sandbox.google.drive.records import File

_EXPORTS = {
    DOCUMENT: {"text/markdown", "text/plain", "text/html", "application/pdf"},
    SPREADSHEET: {"text/csv", "text/tab-separated-values", "application/pdf"},
    PRESENTATION: {"text/plain", "application/pdf"},
}


def download(file: "File") -> Response:
    """Answer `alt=media`."""
    if file.mime_type.startswith(GOOGLE):
        words = (
            "Only files with binary content can be downloaded. Use Export with Docs Editors files."
        )
        raise Refused(errors.legacy(403, "fileNotDownloadable", words, parameter="alt"))
    if not file.may_copy:
        raise Refused(errors.legacy(403, "cannotDownloadFile", "This file cannot be downloaded."))
    if file.is_abusive:
        words = "This file has been identified as malware or spam and cannot be downloaded."
        raise Refused(errors.legacy(403, "cannotDownloadAbusiveFile", words))
    return Response(file.content or b"", media_type=file.mime_type)


def export(call: "Call", file: "File") -> Response:
    """Answer with a document in another form."""
    if not file.mime_type.startswith(GOOGLE):
        words = "Export only supports Docs Editors files."
        raise Refused(errors.legacy(403, "fileNotExportable", words))
    wanted = call.params.get("mimeType")
    if wanted is None:
        raise errors.bad_request(
            "Required parameter: mimeType", reason="required", parameter="mimeType"
        )
    if wanted not in _EXPORTS.get(file.mime_type, set()):
        words = "The requested conversion is not supported."
        raise errors.bad_request(words, reason="badRequest", parameter="convertTo")
    if not file.may_copy:
        words = "This file cannot be exported by the user."
        raise Refused(errors.legacy(403, "cannotExportFile", words))
    if file.exports_too_much:
        words = "This file is too large to be exported."
        raise Refused(errors.legacy(403, "exportSizeLimitExceeded", words))
    return Response(file.content or b"", media_type=wanted)
