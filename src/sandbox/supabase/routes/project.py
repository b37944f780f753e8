"""A project: ``https://<ref>.supabase.co``."""

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import json_answer
from src.sandbox.supabase import errors
from src.sandbox.supabase.errors import DatabaseError
from src.sandbox.supabase.rest import rows
from src.sandbox.supabase.rest.description import describe

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.supabase.callers import Key
    from src.sandbox.supabase.records import Project
    from src.sandbox.supabase.storage import Storage


async def settings(request: "Request") -> Response:
    """What any good key may know of the project's sign-in."""
    project: Project = request.scope["supabase.project"]
    return json_answer(
        {"external": {"email": True, "google": False}, "disable_signup": project.max_rows == 0}
    )


def project_routes(storage: "Storage") -> list[Route]:
    """Return the routes of a project."""

    async def root(request: "Request") -> Response:
        project: Project = request.scope["supabase.project"]
        key: Key = request.scope["supabase.key"]
        if key.is_anonymous:
            # Since 8 April 2026.
            return errors.error(403, "Access to the schema is restricted to secret API keys")
        try:
            return json_answer(describe(project, rows.schema_of(request, project)))
        except DatabaseError as error:
            return error.as_rest(anonymous=False)

    async def table(request: "Request") -> Response:
        project: Project = request.scope["supabase.project"]
        key: Key = request.scope["supabase.key"]
        answer = rows.add if request.method == "POST" else rows.read
        try:
            return await answer(request, storage, project, key)
        except DatabaseError as error:
            return error.as_rest(anonymous=key.is_anonymous)

    return [
        Route("/auth/v1/settings", settings),
        Route("/rest/v1/", root),
        Route("/rest/v1/{table:path}", table, methods=["GET", "POST"]),
    ]
