"""What every call passes before a route: agent, version, token, quota; and every answer after."""

from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from src.sandbox.github import errors
from src.sandbox.github.budget import Budget, Usage
from src.sandbox.github.enterprise import ENTERPRISE_VERSION, is_enterprise
from src.sandbox.github.hooks import Hooks
from src.sandbox.github.tokens import Viewer, Viewers
from src.sandbox.github.writings import Writings
from src.sandbox.kit import capture, provider_path

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

DEFAULT_VERSION = "2022-11-28"
VERSIONS = (DEFAULT_VERSION, "2026-03-10")
_ANONYMOUS = Usage("core", 60, 0, 0)
_FREE = "/rate_limit"
_WEBSITE = "/login/"
"""Of github.com and not of its API: for browsers, and for apps with a secret."""
_APPLICATIONS = "/applications/"
"""For apps, not for users: basic instead of a token, and no quota of anybody."""
_WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})
_OK = 200
_NOT_MODIFIED = 304


class Gate:
    """Middleware of the imitation, so that routes are only about their resource."""

    def __init__(
        self, app: "ASGIApp", budget: Budget, viewers: Viewers, writings: Writings, hooks: Hooks
    ) -> None:
        """Share the budget with the route that shows it."""
        self._app = app
        self._hooks = hooks
        self._writings = writings
        self._budget = budget
        self._viewers = viewers

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer the call, by refusing it or with the route's answer and GitHub's headers."""
        if scope["type"] != "http" or provider_path(scope).startswith(_WEBSITE):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if not request.headers.get("user-agent"):
            answer = errors.no_agent()
        else:
            answer = await self._answer(request)
            _dress(answer, request)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if provider_path(request.scope).startswith(_APPLICATIONS):
            return await capture(self._app, request.scope, request.receive)
        authorization = request.headers.get("authorization")
        viewer = await self._viewers.find(authorization or "")
        if viewer is None:
            words = "Bad credentials" if authorization else "Requires authentication"
            answer = errors.error(401, words)
            answer.headers.update(_ANONYMOUS.headers())
            return answer
        answer, usage = await self._metered(request, viewer)
        if not is_enterprise(request.scope):
            answer.headers.update(usage.headers())
        if viewer.scopes is not None:
            answer.headers["x-oauth-scopes"] = ", ".join(viewer.scopes)
            answer.headers["x-accepted-oauth-scopes"] = _accepted_scopes(
                provider_path(request.scope)
            )
        return answer

    async def _metered(self, request: Request, viewer: Viewer) -> tuple[Response, Usage]:
        """Spend one call, and give it back when the answer is 304."""
        path = provider_path(request.scope)
        resource = self._budget.resource(path)
        if path == _FREE:
            usage = await self._budget.look(resource, viewer.token)
            return await self._routed(request, viewer), usage
        usage = await self._budget.spend(resource, viewer.token)
        if usage.is_exceeded:
            return errors.limit_exceeded(f"ID {viewer.account.id}"), usage
        if request.method in _WRITES:
            written = await self._budget.spend(self._budget.content, viewer.token)
            if written.is_exceeded:
                wait = self._budget.seconds_left(self._budget.content)
                return errors.content_blocked(wait), usage
        answer = _conditional(await self._routed(request, viewer), request, viewer.token)
        if answer.status_code == _NOT_MODIFIED:
            usage = await self._budget.spend(resource, viewer.token, -1)
        return answer, usage

    async def _routed(self, request: Request, viewer: Viewer) -> Response:
        version = request.headers.get("x-github-api-version", DEFAULT_VERSION)
        if version not in VERSIONS:
            return errors.bad_version(version)
        scope = {
            **request.scope,
            "github.viewer": viewer,
            "github.version": version,
            "github.world": await self._writings.world(),
            "github.writings": self._writings,
            "github.hooks": self._hooks,
            "github.now": self._budget.now(),
        }
        answer = await capture(self._app, scope, request.receive)
        answer.headers["x-github-api-version-selected"] = version
        return answer


def _conditional(answer: Response, request: Request, token: str) -> Response:
    """Add the weak ETag, which differs per token, and answer 304 to one who has the body."""
    if answer.status_code != _OK:
        return answer
    digest = sha256(token.encode() + b"\n" + bytes(answer.body)).hexdigest()
    answer.headers["etag"] = f'W/"{digest}"'
    answer.headers["cache-control"] = "private, max-age=60, s-maxage=60"
    answer.headers["vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP"
    known = request.headers.get("if-none-match", "")
    if known.strip() != "*" and f'"{digest}"' not in known:
        return answer
    unchanged = Response(status_code=_NOT_MODIFIED)
    dropped = {b"content-length", b"content-type"}
    unchanged.raw_headers = [pair for pair in answer.raw_headers if pair[0] not in dropped]
    return unchanged


def _accepted_scopes(path: str) -> str:
    if path == "/user/orgs":
        return "admin:org, read:org, repo, user, write:org"
    return "repo" if path.startswith(("/repos/", "/repositories/")) else ""


def _dress(answer: Response, request: Request) -> None:
    media = "github.v3; format=json"
    if "application/vnd.github+json" not in request.headers.get("accept", ""):
        media = "unknown, github.v3"
    answer.headers["x-github-media-type"] = media
    if is_enterprise(request.scope):
        answer.headers["x-github-enterprise-version"] = ENTERPRISE_VERSION
    answer.headers["x-github-request-id"] = uuid4().hex.upper()[:32]
