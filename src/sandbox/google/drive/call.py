"""One call to Drive: who asks, what they may see, which fields they want."""

from typing import TYPE_CHECKING, Any

from src.sandbox.google import errors
from src.sandbox.google.drive.fields import BadFields, masked, read_mask
from src.sandbox.google.drive.records import Drive, File, World
from src.sandbox.google.oauth import PREFIX
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.google.callers import Caller

_SMALL = "kind,id,name,mimeType,resourceKey"
_READERS = {f"{PREFIX}drive", f"{PREFIX}drive.readonly", f"{PREFIX}drive.metadata.readonly"}


class Call:
    """Reads a request the way Drive does; what cannot be answered is raised as Refused."""

    def __init__(self, request: "Request", world: World) -> None:
        """Take the caller that the gate has found."""
        self.request = request
        self.params = request.query_params
        self.caller: Caller = request.scope["google.caller"]
        self.world = world

    @property
    def login(self) -> str:
        """Return who asks."""
        return self.caller.user.login

    def flag(self, name: str) -> bool:
        """Return a parameter that is true or false."""
        return self.params.get(name) == "true"

    def sees(self, file: File) -> bool:
        """Tell whether a file exists for this caller."""
        if not self.caller.scopes & _READERS and not file.is_of_app:
            return False
        if file.drive is not None and self.is_member(file.drive):
            return True
        return self.login in {file.owner, *file.readers} or self._has_key(file)

    def is_member(self, drive_id: str) -> bool:
        """Tell whether a shared drive exists for this caller."""
        drive = self.world.drive(drive_id)
        return drive is not None and self.login in drive.members

    def _has_key(self, file: File) -> bool:
        if file.link_key is None:
            return False
        keys = self.request.headers.get("x-goog-drive-resource-keys", "").split(",")
        return f"{file.id}/{file.link_key}" in keys

    def file(self, file_id: str | None = None) -> File:
        """Find the file that the address names."""
        wanted = file_id or self.request.path_params["file"]
        if wanted == "root":
            return self.world.root(self.login)
        found = self.world.file(wanted)
        # Whoever does not say that they know shared drives does not see what is in them.
        hidden = found is not None and found.drive is not None and not self.knows_drives
        if found is None or hidden or not self.sees(found):
            raise errors.file_not_found(wanted)
        return found

    @property
    def knows_drives(self) -> bool:
        """Tell whether the caller speaks of shared drives; lists of comments need not."""
        return self.flag("supportsAllDrives") or "/comments" in self.request.url.path

    def drive(self, drive_id: str) -> Drive:
        """Find a shared drive."""
        found = self.world.drive(drive_id)
        if found is None or not self.is_member(drive_id):
            raise errors.drive_not_found(drive_id)
        return found

    def partial(self, answer: dict[str, Any], default: str | None = _SMALL) -> "Response":
        """Answer with the fields that are wanted; without a default they must be named."""
        text = self.params.get("fields", default)
        if text is None:
            message = "The 'fields' parameter is required for this method."
            raise errors.bad_request(message, reason="required", parameter="fields")
        try:
            return json_answer(masked(answer, read_mask(text)))
        except BadFields as error:
            message = f"Invalid field selection {error}"
            raise errors.bad_request(
                message, reason="invalidParameter", parameter="fields"
            ) from error

    def size(self, *, most: int) -> None:
        """Refuse a page size out of range."""
        text = self.params.get("pageSize")
        if text is not None and not (text.isdecimal() and 1 <= int(text) <= most):
            message = f"Invalid value '{text}'. Values must be within the range: [1, {most}]"
            raise errors.bad_request(message, reason="invalidParameter", parameter="pageSize")


def invalid_token() -> "Response":
    """Return the refusal of a page token that is old, or of another question."""
    return errors.legacy(400, "invalid", "Invalid Value", parameter="pageToken")
