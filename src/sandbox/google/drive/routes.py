"""The addresses of Drive. Source: developers.google.com/workspace/drive/api/reference/rest/v3."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.routing import Route

from src.sandbox.google import errors
from src.sandbox.google.drive.call import Call, invalid_token
from src.sandbox.google.drive.contents import download, export
from src.sandbox.google.drive.listing import list_files
from src.sandbox.google.drive.making import Metadata, made, read_metadata, read_parts
from src.sandbox.google.drive.query import Asker, BadQuery, compiled
from src.sandbox.google.drive.records import File
from src.sandbox.google.drive.views import comment_view, drive_view, file_view
from src.sandbox.google.drive.written import Written
from src.sandbox.google.oauth import PREFIX
from src.sandbox.google.tokens import cut
from src.sandbox.kit import Refused

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.kit import SandboxStore

_ALL, _READ = f"{PREFIX}drive", f"{PREFIX}drive.readonly"
_FILE, _METADATA = f"{PREFIX}drive.file", f"{PREFIX}drive.metadata.readonly"
_ID = "[^/]+"

SCOPES = (
    ("GET", "/drive/v3/files", (_ALL, _FILE, _METADATA, _READ)),
    ("POST", "/drive/v3/files", (_ALL, _FILE)),
    ("POST", "/upload/drive/v3/files", (_ALL, _FILE)),
    ("GET", f"/drive/v3/files/{_ID}", (_ALL, _FILE, _METADATA, _READ)),
    ("GET", f"/drive/v3/files/{_ID}/export", (_ALL, _FILE, _READ)),
    ("GET", f"/drive/v3/files/{_ID}/comments", (_ALL, _FILE, _READ)),
    ("GET", "/drive/v3/drives", (_ALL, _READ)),
    ("GET", f"/drive/v3/drives/{_ID}", (_ALL, _READ)),
)
REQUESTS = 12_000
"""That a user of an older project may send in a minute."""
Answer = Callable[["Call"], "Awaitable[Response]"]


def routes(
    store: "SandboxStore", clock: Callable[[], float], limit: int = REQUESTS
) -> tuple[Route, ...]:
    """Return the routes; what is made is kept in the store, and a user may ask `limit` a minute."""
    written = Written(store)

    def route(path: str, answer: Answer, method: str = "GET") -> Route:
        async def endpoint(request: "Request") -> "Response":
            call = Call(request, await written.world())
            minute = f"google/drive/{call.login}/requests/{int(clock()) // 60}"
            if await store.increment(minute, "requests") > limit:
                raise Refused(errors.user_limit())
            return await answer(call)

        return Route(path, endpoint, methods=[method])

    async def keep(call: Call, metadata: Metadata, content: bytes | None, kind: str) -> "Response":
        moment = datetime.fromtimestamp(clock(), UTC).isoformat(timespec="milliseconds")
        file = made(call, metadata, content, kind, moment.replace("+00:00", "Z"))
        return _shown(call, await written.add(file))

    async def create(call: Call) -> "Response":
        return await keep(call, read_metadata(await call.request.body()), None, "")

    async def upload(call: Call) -> "Response":
        content_type = call.request.headers.get("content-type", "")
        metadata, content, kind = read_parts(content_type, await call.request.body())
        return await keep(call, metadata, content, kind)

    return (
        route("/drive/v3/files", _list),
        route("/drive/v3/files", create, "POST"),
        route("/upload/drive/v3/files", upload, "POST"),
        route("/drive/v3/files/{file}", _show),
        route("/drive/v3/files/{file}/export", _export),
        route("/drive/v3/files/{file}/comments", _comments),
        route("/drive/v3/drives", _drives),
        route("/drive/v3/drives/{drive}", _drive),
    )


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
