"""Values of spreadsheets. Source: developers.google.com/workspace/sheets/api/reference/rest."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from src.sandbox.google.drive.call import Call
from src.sandbox.google.drive.fields import BadFields, masked, read_mask
from src.sandbox.google.drive.records import SPREADSHEET
from src.sandbox.google.drive.seed import BUDGET
from src.sandbox.google.drive.written import Written
from src.sandbox.google.errors import grpc
from src.sandbox.google.oauth import PREFIX
from src.sandbox.google.sheets.cells import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    BadRange,
    letters,
    read_area,
    trimmed,
)
from src.sandbox.kit import Refused, json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.kit import SandboxStore

REQUESTS = 60
"""Reads, and as many writes, that a user may send in a minute."""

_WRITE = (f"{PREFIX}drive", f"{PREFIX}drive.file", f"{PREFIX}spreadsheets")
_READ = (*_WRITE, f"{PREFIX}drive.readonly", f"{PREFIX}spreadsheets.readonly")
_VALUES = "/v4/spreadsheets/{file}/values/{range:path}"

SCOPES = (
    ("POST", "/v4/spreadsheets/[^/]+/values/.+:append", _WRITE),
    ("GET", "/v4/spreadsheets/[^/]+/values/.+", _READ),
    ("GET", "/v4/spreadsheets/[^/]+", _READ),
)

Sheet = list[list[Any]]
_NUMBERS: Sheet = [["Name", "Value"], ["a", 1], ["b", 2.5], ["", ""], ["c", True]]
_SEED: dict[str, dict[str, Sheet]] = {
    BUDGET: {
        "Sheet1": [["Item", "Cost"], ["Wheel", "$20.50"], ["Tür", "1,5"]],
        "O'Brien's / data": _NUMBERS,
    }
}
_RENDERED = {"FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"}


class _Values(msgspec.Struct, rename="camel"):
    values: list[list[str | int | float | bool | None]]
    major_dimension: str = "ROWS"


class Spreadsheets:
    """Shows sheets and values, and keeps rows that are appended."""

    def __init__(self, store: "SandboxStore", clock: Callable[[], float], limit: int) -> None:
        """Keep to the keys of Sheets; a user may read and write `limit` times a minute each."""
        self._store = store
        self._clock = clock
        self._limit = limit
        self._written = Written(store)

    async def _count(self, call: Call) -> None:
        kind = "Read" if call.request.method == "GET" else "Write"
        minute = int(self._clock()) // 60
        key = f"google/sheets/{call.login}/{kind}/{minute}"
        if await self._store.increment(key, "requests") > self._limit:
            words = (
                f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per"
                " minute per user' of service 'sheets.googleapis.com' for consumer"
                " 'project_number:1'."
            )
            raise Refused(grpc(429, "RESOURCE_EXHAUSTED", words, reason="RATE_LIMIT_EXCEEDED"))

    async def _opened(self, request: "Request") -> tuple[str, dict[str, Sheet]]:
        call = Call(request, await self._written.world())
        await self._count(call)
        file = call.world.file(request.path_params["file"])
        if file is None or file.mime_type != SPREADSHEET or not _sees(call, file.id):
            raise Refused(grpc(404, "NOT_FOUND", "Requested entity was not found."))
        kept = await self._store.get(f"google/sheets/{file.id}")
        sheets = kept["sheets"] if kept else _SEED.get(file.id, {"Sheet1": []})
        return file.id, {title: [list(row) for row in rows] for title, rows in sheets.items()}

    async def show(self, request: "Request") -> "Response":
        """Show the sheets without their cells."""
        file_id, sheets = await self._opened(request)
        shown = {
            "spreadsheetId": file_id,
            "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{file_id}/edit",
            "sheets": [{"properties": _properties(*one)} for one in enumerate(sheets)],
        }
        try:
            mask = read_mask(request.query_params.get("fields", "*"))
        except BadFields as error:
            raise _invalid(f"Error expanding 'fields' parameter: {error}") from error
        return json_answer(masked(shown, mask))

    async def read(self, request: "Request") -> "Response":
        """Show the cells of a range."""
        _, sheets = await self._opened(request)
        area = _area(request.path_params["range"], sheets)
        how = request.query_params.get("valueRenderOption", "FORMATTED_VALUE")
        if how not in _RENDERED:
            raise _invalid(f"Invalid value at 'value_render_option' (TYPE_ENUM), \"{how}\"")
        rows = sheets[area.sheet][area.top : area.bottom + 1]
        cells = trimmed([row[area.left : area.right + 1] for row in rows])
        if how == "FORMATTED_VALUE":
            cells = [[_formatted(cell) for cell in row] for row in cells]
        told: dict[str, Any] = {"range": str(area), "majorDimension": "ROWS"}
        return json_answer({**told, "values": cells} if cells else told)

    async def append(self, request: "Request") -> "Response":
        """Write rows below what stands in a sheet."""
        file_id, sheets = await self._opened(request)
        area = _area(request.path_params["range"].removesuffix(":append"), sheets)
        if request.query_params.get("valueInputOption") not in {"RAW", "USER_ENTERED"}:
            raise _invalid("'valueInputOption' is required but not specified")
        given = _given(await request.body())
        sheet = sheets[area.sheet]
        below = len(trimmed(sheet))
        width = max((len(row) for row in given), default=1)
        sheet[below:below] = [["" if cell is None else cell for cell in row] for row in given]
        await self._store.put(f"google/sheets/{file_id}", {"sheets": sheets})
        place = Area(area.sheet, below, area.left, below + len(given) - 1, area.left + width - 1)
        updates = {
            "spreadsheetId": file_id,
            "updatedRange": str(place),
            "updatedRows": len(given),
            "updatedColumns": width,
            "updatedCells": sum(len(row) for row in given),
        }
        table = f"{area.sheet}!A1:{letters(area.left + width - 1)}{max(below, 1)}"
        return json_answer({"spreadsheetId": file_id, "tableRange": table, "updates": updates})


def routes(
    store: "SandboxStore", clock: Callable[[], float], limit: int = REQUESTS
) -> tuple[Route, ...]:
    """Return the routes; rows that are appended are kept in the store."""
    spreadsheets = Spreadsheets(store, clock, limit)
    return (
        Route(f"{_VALUES}:append", spreadsheets.append, methods=["POST"]),
        Route(_VALUES, spreadsheets.read, methods=["GET"]),
        Route("/v4/spreadsheets/{file}", spreadsheets.show, methods=["GET"]),
    )


def _properties(index: int, title: str) -> dict[str, Any]:
    return {
        "sheetId": index,
        "title": title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": LAST_ROW, "columnCount": LAST_COLUMN},
    }


def _sees(call: Call, file_id: str) -> bool:
    """Tell whether the caller may open it; scopes of Sheets reach every spreadsheet of the user."""
    file = call.world.file(file_id)
    if file is None:
        return False
    by_sheets = any(scope.startswith(f"{PREFIX}spreadsheets") for scope in call.caller.scopes)
    member = file.drive is not None and call.is_member(file.drive)
    own = call.login in {file.owner, *file.readers} or member
    return own if by_sheets else call.sees(file)


def _area(text: str, sheets: dict[str, Sheet]) -> Area:
    try:
        return read_area(text, list(sheets))
    except BadRange:
        raise _invalid(f"Unable to parse range: {text}") from None


def _given(content: bytes) -> list[list[Any]]:
    try:
        return msgspec.json.decode(content, type=_Values).values
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _invalid("Invalid JSON payload received.") from error


def _formatted(cell: Any) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return str(cell)


def _invalid(message: str) -> Refused:
    return Refused(grpc(400, "INVALID_ARGUMENT", message))
