"""What api.atlassian.com answers about an account itself."""

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from src.sandbox.atlassian.callers import Caller
from src.sandbox.atlassian.people import Site, site_at
from src.sandbox.kit import json_answer, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

_AVATAR = "https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/flag.png"


async def accessible_resources(request: "Request") -> "Response":
    """List the sites; one entry for each product of a site that the scopes speak of."""
    caller: Caller = request.scope["atlassian.caller"]
    return json_answer([entry for site in caller.user.sites for entry in _entries(site, caller)])


def _entries(site: Site, caller: Caller) -> "Iterator[dict[str, Any]]":
    for product in site.products:
        scopes = sorted(scope for scope in caller.scopes or () if product in scope)
        if scopes:
            yield {
                "id": site.id,
                "url": site.url,
                "name": site.name,
                "scopes": scopes,
                "avatarUrl": _AVATAR,
            }


async def me(request: "Request") -> "Response":
    """Show the account, across products."""
    user = request.scope["atlassian.caller"].user
    return json_answer(
        {
            "account_type": "atlassian",
            "account_id": user.account_id,
            "email": user.email,
            "name": user.name,
            "picture": f"https://secure.gravatar.com/avatar/{user.login}",
            "account_status": "active",
            "nickname": user.login,
            "zoneinfo": user.time_zone,
            "locale": "en-US",
            "email_verified": True,
        }
    )


async def tenant_info(request: "Request") -> "Response":
    """Tell a site's id to anybody who asks at its address."""
    return json_answer({"cloudId": site_at(site_of(request)).id})


ACCOUNT_ROUTES = (
    Route("/oauth/token/accessible-resources", accessible_resources),
    Route("/me", me),
    Route("/_edge/tenant_info", tenant_info),
)
