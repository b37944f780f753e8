"""The caller, organisations, the index and the quota."""

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from src.sandbox.github import errors
from src.sandbox.github.call import Call, number
from src.sandbox.github.views.accounts import (
    full_organization,
    private_account,
    simple_organization,
)
from src.sandbox.kit import Refused, json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.github.budget import Budget
    from src.sandbox.github.records import Account

_NEEDS_ORG_SCOPE = "You need at least read:org scope or user scope to list your organizations."
_LAST_VERSION_WITH_RATE = "2022-11-28"


async def show_index(request: "Request") -> "Response":
    """List the addresses, a few of them."""
    api = Call(request).api
    return json_answer(
        {
            "current_user_url": f"{api}/user",
            "issue_search_url": f"{api}/search/issues?q={{query}}{{&page,per_page,sort,order}}",
            "issues_url": f"{api}/issues",
            "organization_url": f"{api}/orgs/{{org}}",
            "rate_limit_url": f"{api}/rate_limit",
            "repository_url": f"{api}/repos/{{owner}}/{{repo}}",
            "user_organizations_url": f"{api}/user/orgs",
        }
    )


async def show_user(request: "Request") -> "Response":
    """Show the caller."""
    call = Call(request)
    with_private = call.viewer.has_any("user")
    return json_answer(private_account(call.api, call.viewer.account, with_private=with_private))


async def list_organizations(request: "Request") -> "Response":
    """List the caller's organisations; without the scope it is 403 and not an empty list."""
    call = Call(request)
    if not call.viewer.has_any("read:org", "user", "repo"):
        docs = (
            "https://docs.github.com/rest/orgs/orgs#list-organizations-for-the-authenticated-user"
        )
        raise Refused(errors.error(403, _NEEDS_ORG_SCOPE, docs=docs))
    login = call.viewer.account.login
    # GitHub answers a fine-grained token with an empty list, whatever its permissions are.
    told = () if call.viewer.scopes is None else call.world.organizations()
    mine = [one for one in told if login in one.members]
    return call.answer_page(mine, lambda one: simple_organization(call.api, one))


async def show_organization(request: "Request") -> "Response":
    """Show an organisation by login or by id."""
    call = Call(request)
    return json_answer(full_organization(call.api, organization_of(call)))


def organization_of(call: Call) -> "Account":
    """Find the organisation of `{org}` or `{id}`."""
    names = call.request.path_params
    if "id" in names:
        wanted = number(names["id"])
        found = next((one for one in call.world.organizations() if one.id == wanted), None)
    else:
        found = call.world.account(names["org"])
    if found is None or found.type != "Organization":
        raise errors.not_found()
    return found


def account_routes(budget: "Budget") -> list[Route]:
    """Return the routes; the quota is shown from the budget that the gate spends."""

    async def show_rate_limit(request: "Request") -> "Response":
        """Show the quota; asking costs nothing."""
        token = Call(request).viewer.token
        usages = [await budget.look(one, token) for one in (budget.core, budget.search)]
        shown: dict[str, Any] = {"resources": {usage.resource: usage.body() for usage in usages}}
        if request.scope["github.version"] == _LAST_VERSION_WITH_RATE:
            shown["rate"] = usages[0].body()
        return json_answer(shown)

    return [
        Route("/", show_index),
        Route("/rate_limit", show_rate_limit),
        Route("/user", show_user),
        Route("/user/orgs", list_organizations),
        Route("/orgs/{org}", show_organization),
        Route("/organizations/{id}", show_organization),
    ]
