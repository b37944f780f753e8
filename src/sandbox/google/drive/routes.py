"""The addresses of Drive. Source: developers.google.com/workspace/drive/api/reference/rest/v3."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.google import errors
from src.sandbox.google.channels import HOUR, Channel, Channels
from src.sandbox.google.drive.call import Call, invalid_token
from src.sandbox.google.drive.changes import list_changes, show_start
from src.sandbox.google.drive.contents import download, export
from src.sandbox.google.drive.listing import list_files
from src.sandbox.google.drive.making import (
    Metadata,
    made,
    need_writer,
    read_metadata,
    read_parts,
    updated,
)
from src.sandbox.google.drive.query import Asker, BadQuery, compiled
from src.sandbox.google.drive.records import File
from src.sandbox.google.drive.views import comment_view, drive_view, file_view
from src.sandbox.google.drive.written import Written
from src.sandbox.google.oauth import PREFIX
from src.sandbox.google.tokens import cut
from src.sandbox.kit import Refused, base_url

if TYPE_CHECKING:
    from starlette.background import BackgroundTask
    from starlette.requests import Request

    from src.sandbox.kit import SandboxStore

_ALL, _READ = f"{PREFIX}drive", f"{PREFIX}drive.readonly"
_FILE, _METADATA = f"{PREFIX}drive.file", f"{PREFIX}drive.metadata.readonly"
_ID = "[^/]+"

SCOPES = (
    ("GET", "/drive/v3/files", (_ALL, _FILE, _METADATA, _READ)),
    ("POST", "/drive/v3/files", (_ALL, _FILE)),
    ("POST", "/upload/drive/v3/files", (_ALL, _FILE)),
    ("GET", f"/drive/v3/files/{_ID}", (_ALL, _FILE, _METADATA, _READ)),
    ("PATCH", f"/drive/v3/files/{_ID}", (_ALL, _FILE)),
    ("DELETE", f"/drive/v3/files/{_ID}", (_ALL, _FILE)),
    ("GET", f"/drive/v3/files/{_ID}/export", (_ALL, _FILE, _READ)),
    ("GET", f"/drive/v3/files/{_ID}/comments", (_ALL, _FILE, _READ)),
    ("GET", "/drive/v3/drives", (_ALL, _READ)),
    ("GET", f"/drive/v3/drives/{_ID}", (_ALL, _READ)),
    ("GET", "/drive/v3/changes(/startPageToken)?", (_ALL, _FILE, _METADATA, _READ)),
    ("POST", "/drive/v3/changes/watch", (_ALL, _FILE, _METADATA, _READ)),
    ("POST", "/drive/v3/channels/stop", (_ALL, _FILE, _METADATA, _READ)),
)
REQUESTS = 12_000
"""That a user of an older project may send in a minute."""
Answer = Callable[["Call"], "Awaitable[Response]"]


def routes(
    store: "SandboxStore",
    clock: Callable[[], float],
    channels: Channels,
    limit: int = REQUESTS,
) -> tuple[Route, ...]:
    """Return the routes; what is made is kept in the store, and a user may ask `limit` a minute."""
    written = Written(store)
    deeds = _Deeds(written, clock, channels)

    def route(path: str, answer: Answer, method: str = "GET") -> Route:
        async def endpoint(request: "Request") -> "Response":
            call = Call(request, await written.world())
            minute = f"google/drive/{call.login}/requests/{int(clock()) // 60}"
            if await store.increment(minute, "requests") > limit:
                raise Refused(errors.user_limit())
            return await answer(call)

        return Route(path, endpoint, methods=[method])

    return (
        route("/drive/v3/files", _list),
        route("/drive/v3/files", deeds.create, "POST"),
        route("/upload/drive/v3/files", deeds.upload, "POST"),
        route("/drive/v3/files/{file}", _show),
        route("/drive/v3/files/{file}", deeds.update, "PATCH"),
        route("/drive/v3/files/{file}", deeds.delete, "DELETE"),
        route("/drive/v3/files/{file}/export", _export),
        route("/drive/v3/files/{file}/comments", _comments),
        route("/drive/v3/drives", _drives),
        route("/drive/v3/drives/{drive}", _drive),
        route("/drive/v3/changes/startPageToken", deeds.show_start),
        route("/drive/v3/changes", deeds.list_changes),
        route("/drive/v3/changes/watch", deeds.watch, "POST"),
        route("/drive/v3/channels/stop", deeds.stop, "POST"),
    )


class _Deeds:
    """What changes something, and who is told."""

    def __init__(self, written: Written, clock: Callable[[], float], channels: Channels) -> None:
        self._written = written
        self._clock = clock
        self._channels = channels

    @property
    def _now(self) -> str:
        moment = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")
        return moment.replace("+00:00", "Z")

    async def create(self, call: Call) -> "Response":
        return await self._keep(call, read_metadata(await call.request.body()), None, "")

    async def upload(self, call: Call) -> "Response":
        content_type = call.request.headers.get("content-type", "")
        metadata, content, kind = read_parts(content_type, await call.request.body())
        return await self._keep(call, metadata, content, kind)

    async def _keep(
        self, call: Call, metadata: Metadata, content: bytes | None, kind: str
    ) -> "Response":
        file = await self._written.add(made(call, metadata, content, kind, self._now))
        answer = _shown(call, file)
        answer.background = self._telling(file)
        return answer

    async def update(self, call: Call) -> "Response":
        before = call.file()
        after = updated(call, before, await call.request.body(), self._now)
        await self._written.change(before, after)
        answer = _shown(call, after)
        answer.background = self._telling(before, after)
        return answer

    async def delete(self, call: Call) -> "Response":
        """Delete for good; what is in a folder goes with it."""
        doomed = [call.file()]
        need_writer(call, doomed[0])
        for file in doomed:
            doomed += call.world.children(file.id)
        for file in doomed:
            await self._written.change(file, None)
        return Response(status_code=204, background=self._telling(*doomed))

    def _telling(self, *files: File) -> "BackgroundTask":
        drives = {file.drive for file in files}
        logins = {login for file in files for login in (file.owner, *file.readers)}

        def is_told(channel: Channel) -> bool:
            product, _, drive = channel.feed.partition(":")
            if product != "drive":
                return False
            return drive in drives if drive else channel.login in logins

        return self._channels.telling("change", is_told)

    async def show_start(self, call: Call) -> "Response":
        answer = await show_start(call, self._written)
        answer.headers["date"] = format_datetime(
            datetime.fromtimestamp(self._clock(), UTC), usegmt=True
        )
        return answer

    async def list_changes(self, call: Call) -> "Response":
        return await list_changes(call, self._written)

    async def watch(self, call: Call) -> "Response":
        await list_changes(call, self._written)
        drive = call.params.get("driveId", "")
        uri = f"{base_url(call.request)}/drive/v3/changes?alt=json"
        return await self._channels.open(
            await call.request.body(), call.login, f"drive:{drive}", uri, life=HOUR
        )

    async def stop(self, call: Call) -> "Response":
        return await self._channels.stop(await call.request.body(), call.login)


def controls(store: "SandboxStore") -> tuple[Route, ...]:
    """Return the switch that lets somebody into a shared drive (PUT), or out of it (DELETE)."""

    async def seat(request: "Request") -> Response:
        written = Written(store)
        drive = (await written.world()).drive(request.path_params["drive"])
        if drive is None:
            return Response(status_code=404)
        is_member = request.method == "PUT"
        await written.seat(drive, request.path_params["login"], is_member=is_member)
        return Response(status_code=204)

    return (Route("/drives/{drive}/members/{login}", seat, methods=["PUT", "DELETE"]),)


async def _list(call: Call) -> "Response":
    return list_files(call)


async def _show(call: Call) -> "Response":
    file = call.file()
    return download(file) if call.params.get("alt") == "media" else _shown(call, file)


def _shown(call: Call, file: File) -> "Response":
    return call.partial(file_view(file, call.world, call.caller.user))


async def _export(call: Call) -> "Response":
    # An export is of one document: it needs not say that it knows shared drives.
    found = call.world.file(call.request.path_params["file"])
    file = found if found is not None and call.sees(found) else call.file()
    return export(call, file)


async def _comments(call: Call) -> "Response":
    file = call.file()
    call.size(most=100)
    found = file.comments() if file.comments else ()
    wanted = [one for one in found if call.flag("includeDeleted") or not one.deleted]
    rows, token = cut(
        call.request, wanted, size="pageSize", default=20, most=100, invalid=invalid_token()
    )
    answer = {
        "kind": "drive#commentList",
        "comments": [comment_view(one, call.caller.user) for one in rows],
    }
    return call.partial(answer if token is None else {**answer, "nextPageToken": token}, None)


async def _drives(call: Call) -> "Response":
    call.size(most=100)
    found = [drive for drive in call.world.drives if call.is_member(drive.id)]
    if query := call.params.get("q"):
        found = [drive for drive in found if _is_found(call, query, drive.id, drive.name)]
    rows, token = cut(
        call.request, found, size="pageSize", default=10, most=100, invalid=invalid_token()
    )
    answer = {"kind": "drive#driveList", "drives": [drive_view(drive) for drive in rows]}
    whole = "kind,nextPageToken,drives(kind,id,name)"
    return call.partial(answer if token is None else {**answer, "nextPageToken": token}, whole)


def _is_found(call: Call, query: str, drive_id: str, name: str) -> bool:
    """Tell whether a query about names finds a drive."""
    try:
        test = compiled(query, Asker(call.login, call.caller.user.email, call.world))
    except BadQuery:
        return False
    return test(File(id=drive_id, name=name, mime_type="", owner=None))


async def _drive(call: Call) -> "Response":
    drive = call.drive(call.request.path_params["drive"])
    return call.partial(drive_view(drive), "kind,id,name")
