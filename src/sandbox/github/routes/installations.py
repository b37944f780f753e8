"""Where a GitHub App is installed, and on which repositories: for its user tokens only."""

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from src.sandbox.github import errors
from src.sandbox.github.call import Call, number
from src.sandbox.github.views.accounts import WEB, simple_account
from src.sandbox.github.views.repositories import repository
from src.sandbox.kit import json_answer, paginate

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.github.records import Installation

_SUSPENDED_AT = "2025-05-01T08:00:00Z"


async def list_installations(request: "Request") -> "Response":
    """List the installations that the user may look at."""
    call = _of_app(request)
    found = call.viewer.installations(call.world)
    page, headers = paginate(request, found)
    shown = [_installation(call.api, one) for one in page]
    return json_answer({"total_count": len(found), "installations": shown}, headers=headers)


async def list_repositories(request: "Request") -> "Response":
    """List the repositories of one installation."""
    call = _of_app(request)
    wanted = number(request.path_params["installation"])
    mine = call.viewer.installations(call.world)
    found = next((one for one in mine if one.id == wanted), None)
    if found is None:
        raise errors.not_found()
    if found.suspended:
        raise errors.suspended()
    seen = [one for one in call.viewer.repositories(call.world) if found.covers(one)]
    page, headers = paginate(request, seen)
    shown = [repository(call.api, one, call.viewer) for one in page]
    content = {"total_count": len(seen), "repository_selection": "all", "repositories": shown}
    return json_answer(content, headers=headers)


def _of_app(request: "Request") -> Call:
    call = Call(request)
    if not call.viewer.is_of_app:
        raise errors.no_app_token()
    return call


def _installation(api: str, one: "Installation") -> dict[str, Any]:
    is_organization = one.account.type == "Organization"
    owner = f"organizations/{one.account.login}/" if is_organization else ""
    return {
        "id": one.id,
        "account": simple_account(api, one.account),
        "repository_selection": "all" if one.repositories is None else "selected",
        "access_tokens_url": f"{api}/app/installations/{one.id}/access_tokens",
        "repositories_url": f"{api}/installation/repositories",
        "html_url": f"{WEB}/{owner}settings/installations/{one.id}",
        "app_id": 1,
        "app_slug": "sandbox-github-app",
        "target_id": one.account.id,
        "target_type": one.account.type,
        "permissions": {"contents": "write", "issues": "write", "metadata": "read"},
        "events": ["issues"],
        "created_at": "2024-01-01T08:00:00Z",
        "updated_at": "2024-01-02T08:00:00Z",
        "suspended_at": _SUSPENDED_AT if one.suspended else None,
        "suspended_by": None,
    }


INSTALLATION_ROUTES = (
    Route("/user/installations", list_installations),
    Route("/user/installations/{installation}/repositories", list_repositories),
)
