"""Switches below `/_sandbox/`: rows written and deleted by somebody else, and triggers made.

| switch | body |
|---|---|
| `PUT /rows` | `{project, schema, table, row}`: the row with this key, new or changed |
| `DELETE /rows` | the same; of the row only its key counts |
| `PUT /triggers` | `{project, schema, table, url, headers}`: a database webhook |
"""

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.supabase.seed.world import project_of
from src.sandbox.supabase.storage import Trigger

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.supabase.records import Project, Table
    from src.sandbox.supabase.storage import Storage


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    project: str
    schema: str
    table: str
    row: dict[str, Any] = {}
    url: str = ""
    headers: dict[str, str] = {}

    def place(self) -> "tuple[Project, Table] | None":
        project = project_of(self.project)
        table = project.table(self.schema, self.table) if project else None
        return None if project is None or table is None else (project, table)


def row_controls(storage: "Storage") -> list[Route]:
    """Return the switches."""

    async def change_rows(request: "Request") -> Response:
        asked = msgspec.json.decode(await request.body(), type=_Asked)
        place = asked.place()
        if place is None:
            return Response(status_code=404)
        project, table = place
        rows = await storage.rows(project, table)
        same = [row for row in rows if all(row[name] == asked.row[name] for name in table.key)]
        others = [row for row in rows if row not in same]
        if request.method == "PUT":
            blank = same[0] if same else {one.name: None for one in table.columns}
            others.append({**blank, **asked.row})
        await storage.replace(project, table, others)
        return Response(status_code=204)

    async def set_trigger(request: "Request") -> Response:
        asked = msgspec.json.decode(await request.body(), type=_Asked)
        place = asked.place()
        if place is None:
            return Response(status_code=404)
        await storage.set_trigger(*place, Trigger(asked.url, asked.headers))
        return Response(status_code=204)

    return [
        Route("/rows", change_rows, methods=["PUT", "DELETE"]),
        Route("/triggers", set_trigger, methods=["PUT"]),
    ]
