"""Repositories: the caller's, an organisation's, and one."""

from typing import TYPE_CHECKING

from starlette.routing import Route

from src.sandbox.github import errors
from src.sandbox.github.call import Call
from src.sandbox.github.routes.accounts import organization_of
from src.sandbox.github.views.repositories import full_repository, repository
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.github.records import Repository

_RESOURCE = "Repository"
_AFFILIATIONS = ("owner", "collaborator", "organization_member")
_SORTS = ("created", "updated", "pushed", "full_name")
_TYPES: "dict[str, Callable[[Repository, str | None], bool]]" = {
    "all": lambda *_: True,
    "owner": lambda _, relation: relation == "owner",
    "member": lambda _, relation: relation not in {None, "owner"},
    "public": lambda repo, _: not repo.private,
    "private": lambda repo, _: repo.private,
    "forks": lambda repo, _: repo.fork,
    "sources": lambda repo, _: not repo.fork,
}


async def list_own(request: "Request") -> "Response":
    """List what the caller may use: "List repositories for the authenticated user"."""
    call = Call(request)
    kind, affiliations = _own_kind(call)
    visibility = call.choice("visibility", ("all", "public", "private"), "all", _RESOURCE)
    since = call.instant("since", _RESOURCE) or ""
    before = call.instant("before", _RESOURCE) or "9999"
    found = [
        repo
        for repo in call.viewer.repositories(call.world)
        if call.viewer.relation(repo) in affiliations
        and _TYPES[kind](repo, call.viewer.relation(repo))
        and visibility in {"all", "private" if repo.private else "public"}
        and since <= repo.updated_at < before
    ]
    return _answer(call, found, "full_name")


def _own_kind(call: Call) -> tuple[str, set[str]]:
    """Read `type` and `affiliation`, which GitHub does not accept together."""
    if call.params.get("type") and (
        call.params.get("visibility") or call.params.get("affiliation")
    ):
        raise errors.unprocessable(
            "If you specify visibility or affiliation, you cannot specify type."
        )
    kinds = ("all", "owner", "public", "private", "member")
    kind = call.choice("type", kinds, "all", _RESOURCE)
    affiliation = call.params.get("affiliation") or ",".join(_AFFILIATIONS)
    affiliations = {part.strip() for part in affiliation.split(",")}
    if not affiliations <= set(_AFFILIATIONS):
        raise errors.invalid(_RESOURCE, "affiliation", value=affiliation)
    return kind, affiliations


async def list_of_organization(request: "Request") -> "Response":
    """List an organisation's; its Link header names the organisation by id."""
    call = Call(request)
    owner = organization_of(call)
    kind = call.choice("type", _TYPES, "all", _RESOURCE)
    found = [
        repo
        for repo in call.viewer.repositories(call.world)
        if repo.owner.id == owner.id and _TYPES[kind](repo, call.viewer.relation(repo))
    ]
    return _answer(call, found, "created", f"/organizations/{owner.id}/repos")


async def show_repository(request: "Request") -> "Response":
    """Show one repository."""
    call = Call(request)
    return json_answer(full_repository(call.api, call.repository(), call.viewer))


def _answer(
    call: Call, found: "Sequence[Repository]", default_sort: str, path: str | None = None
) -> "Response":
    """Sort as asked: names rise unless told, moments fall."""
    sort = call.choice("sort", _SORTS, default_sort, _RESOURCE)
    usual = "asc" if sort == "full_name" else "desc"
    direction = call.choice("direction", ("asc", "desc"), usual, _RESOURCE)
    keys: dict[str, Callable[[Repository], str]] = {
        "full_name": lambda repo: repo.full_name.lower(),
        "created": lambda repo: repo.created_at,
        "updated": lambda repo: repo.updated_at,
        "pushed": lambda repo: repo.pushed_at,
    }
    ordered = sorted(found, key=keys[sort], reverse=direction == "desc")
    return call.answer_page(ordered, lambda repo: repository(call.api, repo, call.viewer), path)


REPOSITORY_ROUTES = (
    Route("/user/repos", list_own),
    Route("/orgs/{org}/repos", list_of_organization),
    Route("/organizations/{id}/repos", list_of_organization),
    Route("/repos/{owner}/{repo}", show_repository),
    Route("/repositories/{id}", show_repository),
)
