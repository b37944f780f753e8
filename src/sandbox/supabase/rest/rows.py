"""Reading and adding rows: "Tables and views", "Pagination and count", "Schemas"."""

import re
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from src.sandbox.kit import json_answer
from src.sandbox.supabase.callers import Key
from src.sandbox.supabase.errors import DatabaseError
from src.sandbox.supabase.records import Project, Row, Table
from src.sandbox.supabase.rest import filters
from src.sandbox.supabase.sql.database import Database
from src.sandbox.supabase.values import ordered

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.supabase.storage import Storage

_RANGE = re.compile(r"(\d{1,12})-(\d{1,12})?")
_ONE = "application/vnd.pgrst.object+json"


def schema_of(request: "Request", project: Project) -> str:
    """Return the schema that is asked for.

    Raises:
        DatabaseError: It is not exposed.
    """
    header = "accept-profile" if request.method in {"GET", "HEAD"} else "content-profile"
    # Headers are Latin-1 on the wire; a client that sends UTF-8 is understood.
    raw = request.headers.get(header)
    schema = project.exposed[0] if raw is None else _decoded(raw)
    if schema not in project.exposed:
        raise DatabaseError(
            "PGRST106",
            f"Invalid schema: {schema}",
            hint=f"Only the following schemas are exposed: {', '.join(project.exposed)}",
        )
    return schema


def _decoded(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "replace")


def table_of(request: "Request", project: Project, key: Key) -> Table:
    """Return the table that is asked for.

    Raises:
        DatabaseError: There is none, or the role may not touch it.
    """
    schema, name = schema_of(request, project), request.path_params["table"]
    table = project.table(schema, name)
    if table is None:
        raise DatabaseError(
            "PGRST205", f"Could not find the table '{schema}.{name}' in the schema cache"
        )
    if key.is_anonymous and table.anon == "denied":
        raise DatabaseError("42501", f"permission denied for table {name}")
    return table


async def read(request: "Request", storage: "Storage", project: Project, key: Key) -> Response:
    """Answer rows."""
    table = table_of(request, project, key)
    params = request.query_params
    meets = filters.conditions(table, params.multi_items())
    wanted = filters.columns(table, params.get("select", "*"))
    order = filters.orders(table, params.get("order", ""))
    rows = await storage.rows(project, table)
    if key.is_anonymous and table.row_security and table.anon == "hidden":
        rows = []
    found = [row for row in rows if all(one(row) for one in meets)]
    for one in reversed(order):
        column = table.column(one.column)
        if column is not None:
            found = ordered(found, column, descending=one.descending)
    return _answer(request, project, table, found, wanted)


def _answer(
    request: "Request", project: Project, table: Table, found: list[Row], wanted: list[str]
) -> Response:
    start, limit = _window(request)
    size = project.max_rows if limit is None else min(limit, project.max_rows)
    page = [{name: row[name] for name in wanted} for row in found[start : start + size]]
    total = _total(request, project, table, len(found))
    if total is not None and start > total:
        raise DatabaseError(
            "PGRST103",
            "Requested range not satisfiable",
            details=f"An offset of {start} was requested, but there are only {total} rows.",
        )
    if request.headers.get("accept", "").startswith(_ONE):
        return _one(page)
    span = f"{start}-{start + len(page) - 1}" if page else "*"
    headers = {"content-range": f"{span}/{'*' if total is None else total}"}
    partial = total is not None and len(page) < total
    return json_answer(page, 206 if partial else 200, headers)


def _one(page: list[Row]) -> Response:
    if len(page) != 1:
        raise DatabaseError(
            "PGRST116",
            "Cannot coerce the result to a single JSON object",
            details=f"The result contains {len(page)} rows",
        )
    return json_answer(page[0])


def _window(request: "Request") -> tuple[int, int | None]:
    params = request.query_params
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    if match is not None:
        start = int(match[1])
        return start, None if match[2] is None else int(match[2]) - start + 1
    limit = params.get("limit", "")
    offset = params.get("offset", "0")
    return int(offset) if offset.isdecimal() else 0, int(limit) if limit.isdecimal() else None


def _total(request: "Request", project: Project, table: Table, exact: int) -> int | None:
    """Return the count that was preferred: ``estimated`` is exact up to the project's limit."""
    preferred = request.headers.get("prefer", "")
    if "count=exact" in preferred:
        return exact
    if "count=planned" in preferred:
        return max(table.estimate, 0)
    if "count=estimated" in preferred:
        return exact if exact <= project.max_rows else max(table.estimate, project.max_rows + 1)
    return None


async def add(request: "Request", storage: "Storage", project: Project, key: Key) -> Response:
    """Add rows, all or none."""
    table = table_of(request, project, key)
    try:
        body = msgspec.json.decode(await request.body(), type=list[dict[str, Any]] | dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DatabaseError("PGRST102", "Empty or invalid json") from error
    rows = body if isinstance(body, list) else [body]
    if len({frozenset(row) for row in rows}) > 1:
        raise DatabaseError("PGRST102", "All object keys must match")
    if key.is_anonymous and table.row_security and not table.anon_adds:
        raise DatabaseError(
            "42501", f'new row violates row-level security policy for table "{table.name}"'
        )
    if "columns" in request.query_params:
        names = filters.columns(table, request.query_params["columns"])
        rows = [{name: row.get(name) for name in names} for row in rows]
    for name in {name for row in rows for name in row}:
        if table.column(name) is None:
            raise DatabaseError(
                "PGRST204",
                f"Could not find the '{name}' column of '{table.name}' in the schema cache",
            )
    added = await Database(storage, project).insert(table, rows)
    if "return=representation" in request.headers.get("prefer", ""):
        return json_answer(added, 201)
    return Response(status_code=201)
