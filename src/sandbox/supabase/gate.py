"""What every call passes: an account's access token and its limit, or the key of a project."""

from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from src.sandbox.kit import capture, json_answer, provider_path, site_of
from src.sandbox.supabase import errors
from src.sandbox.supabase.callers import Callers, Key, roles
from src.sandbox.supabase.limits import Limits
from src.sandbox.supabase.oauth import TOKEN_FIELDS, TOKEN_PATH
from src.sandbox.supabase.records import Project
from src.sandbox.supabase.seed.world import project_at

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OAUTH = "/v1/oauth/"
_MANAGEMENT = "/v1/"
_INVALID_KEY = "Double check your Supabase `anon` or `service_role` API key."
_NO_KEY = "No `apikey` request header or url param was found."


class Gate:
    """Middleware of the imitation, so that routes are only about their resource."""

    def __init__(self, app: "ASGIApp", callers: Callers, limits: Limits) -> None:
        """Know who may call."""
        self._app = app
        self._callers = callers
        self._limits = limits

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer the call, by refusing it or with the route's answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = provider_path(scope)
        if path.startswith(_OAUTH):
            answer = await self._token(Request(scope, receive), path)
        elif path.startswith(_MANAGEMENT):
            answer = await self._management(Request(scope, receive))
        else:
            answer = await self._project(Request(scope, receive))
        await answer(scope, receive, send)

    async def _token(self, request: Request, path: str) -> Response:
        """Refuse fields that the token address does not know."""
        body = await request.body()
        if path == TOKEN_PATH:
            fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            if unknown := sorted(fields.keys() - TOKEN_FIELDS):
                return errors.error(400, [f"property {name} should not exist" for name in unknown])

        async def again() -> "Message":
            return {"type": "http.request", "body": body, "more_body": False}

        return await capture(self._app, request.scope, again)

    async def _management(self, request: Request) -> Response:
        caller = await self._callers.find(request.headers.get("authorization", ""))
        if caller is None:
            return errors.error(401)
        usage = await self._limits.spend(caller.user.id)
        if usage.is_exceeded:
            answer = errors.error(429)
        else:
            scope = {**request.scope, "supabase.caller": caller}
            answer = await capture(self._app, scope, request.receive)
        answer.headers.update(usage.headers())
        answer.headers["x-gotrue-id"] = caller.user.id
        answer.headers["date"] = formatdate(self._limits.now, usegmt=True)
        return answer

    async def _project(self, request: Request) -> Response:
        project = project_at(site_of(request))
        if project is None:
            return errors.error(404, "Project not found")
        if not project.is_up:
            return json_answer({"message": "Project is paused"}, 540)
        key = _key(request, project)
        if isinstance(key, Response):
            return key
        scope = {**request.scope, "supabase.project": project, "supabase.key": key}
        return await capture(self._app, scope, request.receive)


def _key(request: Request, project: Project) -> Key | Response:
    """Read the key, or refuse: a new one is no JWT, and may not stand alone in Authorization."""
    apikey = request.headers.get("apikey", "")
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not apikey:
        return errors.error(401, "No API key found in request", hint=_NO_KEY)
    known = roles(project)
    is_new = apikey.startswith("sb_")
    if apikey not in known or bearer not in ({"", apikey} if is_new else {"", *known}):
        return errors.error(401, "Invalid API key", hint=_INVALID_KEY)
    browsing = "mozilla" in request.headers.get("user-agent", "").lower()
    if browsing and apikey.startswith("sb_secret_"):
        return errors.error(401, "Forbidden use of secret API key in browser")
    if is_new:
        return Key(known[apikey])
    # PostgREST takes the role from the bearer token; without one a legacy key makes nobody.
    return Key(known[bearer] if bearer else "anon")
