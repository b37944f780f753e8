"""What every call passes before a product: credential, site, scope, points."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request

from src.sandbox.atlassian import errors
from src.sandbox.atlassian.callers import Caller, Callers, Kind
from src.sandbox.atlassian.people import Site, site_at
from src.sandbox.kit import capture, provider_path, site_of

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from src.sandbox.atlassian.points import Points

_OPEN = ("/authorize", "/_edge/tenant_info")
_TOKEN = "/oauth/token"  # noqa: S105 - a path
_OF_ACCOUNT = ("/oauth/token/accessible-resources", "/me")
_GATEWAY_PARTS = 4
"""`/ex/<product>/<cloud id>` and the rest."""

Needed = Callable[[str, str], tuple[str, ...]]
"""From method and path (below the site) to the scopes of which the caller needs one."""


class Gate:
    """Middleware of the imitations, so that routes are only about their resource.

    Routes find the `Caller` in `scope["atlassian.caller"]` and the `Site` in
    `scope["atlassian.site"]`; for a data center the site is None.
    """

    def __init__(
        self,
        app: "ASGIApp",
        *,
        product: str,
        callers: Callers,
        needed: Needed,
        points: "Points",
        is_open: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Know which scopes the product's addresses need, and which need nobody."""
        self._app = app
        self._product = product
        self._callers = callers
        self._needed = needed
        self._points = points
        self._is_open = is_open

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer the call, by refusing it or with the route's answer."""
        path = provider_path(scope)
        if scope["type"] != "http" or path in {*_OPEN, _TOKEN} or self._is_open(path):
            await self._app(scope, receive, send)
            return
        answer = await self._answer(Request(scope, receive), path)
        await answer(scope, receive, send)

    async def _answer(self, request: Request, path: str) -> "Response":
        authorization = request.headers.get("authorization")
        caller = await self._callers.find(authorization or "")
        if caller is None:
            return _unknown(path, authorization)
        if path in _OF_ACCOUNT:
            return await self._of_account(request, caller, path)
        if path.startswith("/ex/"):
            return await self._of_gateway(request, caller, path)
        return await self._of_site(request, caller)

    async def _of_account(self, request: Request, caller: Caller, path: str) -> "Response":
        if caller.kind is not Kind.OAUTH:
            return errors.gateway(401)
        if path == "/me" and "read:me" not in (caller.scopes or ()):
            return errors.scope_does_not_match()
        return await self._routed(request, caller, None)

    async def _of_gateway(self, request: Request, caller: Caller, path: str) -> "Response":
        if caller.kind not in {Kind.OAUTH, Kind.SCOPED_TOKEN}:
            return errors.gateway(401)
        parts = path.split("/", _GATEWAY_PARTS)
        cloud_id, rest = (parts[3], parts[-1]) if len(parts) > _GATEWAY_PARTS else ("", "")
        site = caller.user.site(cloud_id) if parts[2] == self._product else None
        if site is None or self._product not in site.products:
            return errors.gateway(404)
        needed = self._needed(request.method, f"/{rest}")
        if needed and not (caller.scopes or frozenset()) & set(needed):
            return errors.scope_does_not_match()
        return await self._metered(request, caller, site)

    async def _metered(self, request: Request, caller: Caller, site: Site) -> "Response":
        """Spend the points of an app; a user's own token has none."""
        if caller.client_id is None:
            return await self._routed(request, caller, site)
        usage = await self._points.spend(caller.client_id)
        if usage.is_exceeded:
            return errors.limited(self._product, "quota-global-based", usage.exceeded_headers())
        answer = await self._routed(request, caller, site)
        answer.headers.update(usage.headers())
        return answer

    async def _of_site(self, request: Request, caller: Caller) -> "Response":
        if caller.kind is Kind.PERSONAL_TOKEN:
            return await self._routed(request, caller, None)
        site = caller.user.site(site_at(site_of(request)).id)
        if caller.kind is not Kind.API_TOKEN or site is None:
            # Tokens of OAuth and tokens with scopes are for the gateway only.
            return _unknown("", "given")
        return await self._routed(request, caller, site)

    async def _routed(self, request: Request, caller: Caller, site: Site | None) -> "Response":
        scope = {**request.scope, "atlassian.caller": caller, "atlassian.site": site}
        return await capture(self._app, scope, request.receive)


def _unknown(path: str, authorization: str | None) -> "Response":
    if path.startswith("/ex/") or path in _OF_ACCOUNT:
        return errors.gateway(401)
    answer = errors.text_unauthorized()
    if authorization:
        answer.headers["x-seraph-loginreason"] = "AUTHENTICATED_FAILED"
    return answer
