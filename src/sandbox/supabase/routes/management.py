"""The Management API: api.supabase.com/v1."""

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import json_answer
from src.sandbox.supabase import errors
from src.sandbox.supabase.callers import Caller
from src.sandbox.supabase.errors import DatabaseError
from src.sandbox.supabase.records import Organization, Project
from src.sandbox.supabase.seed.world import ORGANIZATIONS, PROJECTS, organization_of, project_of
from src.sandbox.supabase.sql.database import Database

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.supabase.storage import Storage

_LARGEST_PAGE = 100


class _Query(msgspec.Struct, forbid_unknown_fields=True):
    query: str
    parameters: list[Any] = msgspec.field(default_factory=list)


def _caller(request: "Request", *scopes: str) -> Caller:
    caller: Caller = request.scope["supabase.caller"]
    lacking = [one for one in scopes if caller.scopes is not None and one not in caller.scopes]
    if lacking:
        raise errors.refused(403, f"The token lacks the scope {lacking[0]}")
    return caller


def _organization(organization: Organization) -> dict[str, Any]:
    return {"id": organization.slug, "slug": organization.slug, "name": organization.name}


def _project(project: Project) -> dict[str, Any]:
    return {
        "id": project.ref,
        "ref": project.ref,
        "organization_id": project.organization.slug,
        "organization_slug": project.organization.slug,
        "name": project.name,
        "region": project.region,
        "status": project.status,
        "database": {
            "host": f"db.{project.ref}.supabase.co",
            "version": "17.6.1.111",
            "postgres_engine": "17",
            "release_channel": "ga",
        },
        "created_at": project.created_at,
    }


async def profile(request: "Request") -> Response:
    """Who the access token belongs to."""
    caller = _caller(request)
    if not caller.sees_profile:
        raise errors.refused(403)
    user = caller.user
    return json_answer(
        {"gotrue_id": user.id, "primary_email": user.email, "username": user.email.split("@")[0]}
    )


async def organizations(request: "Request") -> Response:
    """All of them, in one answer."""
    caller = _caller(request, "organizations:read")
    return json_answer(
        [_organization(one) for one in ORGANIZATIONS if one.slug in caller.organizations]
    )


async def organization(request: "Request") -> Response:
    """One of them."""
    caller = _caller(request, "organizations:read")
    found = organization_of(request.path_params["slug"])
    if found is None or found.slug not in caller.organizations:
        raise errors.refused(404, "Organization not found")
    return json_answer({**_organization(found), "plan": "free", "tags": []})


async def organization_projects(request: "Request") -> Response:
    """A page of an organisation's projects."""
    caller = _caller(request, "projects:read")
    slug = request.path_params["slug"]
    if slug not in caller.organizations:
        raise errors.refused(403)
    params = request.query_params
    offset, limit = _number(params.get("offset"), 0), _number(params.get("limit"), _LARGEST_PAGE)
    if not 1 <= limit <= _LARGEST_PAGE:
        raise errors.refused(400, ["limit must not be greater than 100"])
    part = params.get("search", "").lower()
    found = [one for one in PROJECTS if one.organization.slug == slug and part in one.name.lower()]
    found.sort(key=lambda one: one.name, reverse=params.get("sort") == "name_desc")
    return json_answer(
        {
            "projects": [_project(one) for one in found[offset : offset + limit]],
            "pagination": {"count": len(found), "limit": limit, "offset": offset},
        }
    )


def _number(text: str | None, usual: int) -> int:
    return int(text) if text and text.isdecimal() else usual


async def projects(request: "Request") -> Response:
    """The projects of all organisations, in one answer."""
    caller = _caller(request, "projects:read")
    return json_answer(
        [_project(one) for one in PROJECTS if one.organization.slug in caller.organizations]
    )


def _reached(request: "Request", caller: Caller) -> Project:
    found = project_of(request.path_params["ref"])
    if found is None or found.organization.slug not in caller.organizations:
        raise errors.refused(403)
    return found


async def project(request: "Request") -> Response:
    """One of them."""
    return json_answer(_project(_reached(request, _caller(request, "projects:read"))))


def query_routes(storage: "Storage") -> list[Route]:
    """Return the addresses that run SQL; both answer with 201."""

    async def run(request: "Request", *, read_only: bool) -> Response:
        caller = _caller(request, "database:read" if read_only else "database:write")
        found = _reached(request, caller)
        try:
            asked = msgspec.json.decode(await request.body(), type=_Query)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise errors.refused(400, ["query must be a string"]) from error
        if not found.is_up:
            raise errors.refused(400, "Connection terminated due to connection timeout")
        try:
            rows = await Database(storage, found).run(
                asked.query, asked.parameters, read_only=read_only
            )
        except DatabaseError as error:
            return error.as_management()
        return json_answer(rows, 201)

    async def reading(request: "Request") -> Response:
        return await run(request, read_only=True)

    async def writing(request: "Request") -> Response:
        return await run(request, read_only=False)

    path = "/v1/projects/{ref}/database/query"
    return [
        Route(f"{path}/read-only", reading, methods=["POST"]),
        Route(path, writing, methods=["POST"]),
    ]


MANAGEMENT_ROUTES = (
    Route("/v1/profile", profile),
    Route("/v1/organizations", organizations),
    Route("/v1/organizations/{slug}", organization),
    Route("/v1/organizations/{slug}/projects", organization_projects),
    Route("/v1/projects", projects),
    Route("/v1/projects/{ref}", project),
)
