"""The imitation Jira: an ASGI app that answers like the cloud's gateway, a site, and a data center.

| address | who | credential |
|---|---|---|
| `/ex/jira/<cloud id>/rest/api/3/…` | the gateway | OAuth, or a token with scopes |
| `/rest/api/3/…` | a site of the cloud | e-mail and API token |
| `/rest/api/2/…`, `/jira/rest/api/2/…` | a data center | personal token |

The credentials that it knows are in `src/sandbox/atlassian/callers.py`; others are given out by its
authorization server at `/authorize`, whose app is in `src/sandbox/atlassian/oauth.py`.
"""

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.routing import Route

from src.sandbox.atlassian import oauth as atlassian
from src.sandbox.atlassian.callers import Callers
from src.sandbox.atlassian.gate import Gate
from src.sandbox.atlassian.points import TIER_1, Points
from src.sandbox.atlassian.routes import ACCOUNT_ROUTES
from src.sandbox.jira import errors
from src.sandbox.jira.call import Call
from src.sandbox.jira.hooks import Hooks
from src.sandbox.jira.routes import accounts, hooks, issues, projects, writes
from src.sandbox.jira.scopes import SCOPES, needed
from src.sandbox.jira.state import State
from src.sandbox.kit import Provider, build_app
from src.sandbox.kit.oauth import OAuthServer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from src.sandbox.kit import SandboxStore
    from src.sandbox.kit.posting import Post

Endpoint = Callable[[Call], Awaitable["Response"]]

_ID = "jira"
_CLOUD = ("/ex/jira/{cloud}", "")
_SERVER = ("", "/jira")
_LIMIT_OF_A_SERVER = {
    "x-ratelimit-limit": "1000",
    "x-ratelimit-remaining": "999",
    "x-ratelimit-interval-seconds": "60",
    "x-ratelimit-fillrate": "1000",
}
_COMMON: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/myself", accounts.show_myself),
    ("GET", "/serverInfo", accounts.show_server),
    ("GET", "/project/{project}", projects.show_project),
    ("GET", "/issue/{issue}/comment", issues.list_comments),
    ("POST", "/issue/{issue}/comment", writes.add_comment),
    ("GET", "/issue/{issue}/comment/{comment}", issues.show_comment),
    ("DELETE", "/issue/{issue}/comment/{comment}", writes.remove_comment),
    ("GET", "/issue/{issue}/transitions", writes.list_transitions),
    ("POST", "/issue/{issue}/transitions", writes.move_issue),
    ("PUT", "/issue/{issue}/assignee", writes.assign_issue),
    ("GET", "/issue/{issue}", issues.show_issue),
    ("PUT", "/issue/{issue}", writes.edit_issue),
    ("DELETE", "/issue/{issue}", writes.remove_issue),
    ("POST", "/issue", writes.create_issue),
)
_OF_CLOUD: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/project/search", projects.search_projects),
    ("GET", "/search/jql", issues.search_cloud),
    ("GET", "/search", issues.search_removed),
    ("GET", "/webhook", hooks.list_hooks),
    ("POST", "/webhook", hooks.register_hooks),
    ("PUT", "/webhook/refresh", hooks.refresh_hooks),
    ("DELETE", "/webhook", hooks.delete_hooks),
    *_COMMON,
)
_OF_SERVER: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/project", projects.list_projects),
    ("GET", "/search", issues.search_server),
    *_COMMON,
)


def create_app(
    store: "SandboxStore",
    *,
    points: int = TIER_1,
    clock: Callable[[], float] = time.time,
    post: "Post | None" = None,
) -> "ASGIApp":
    """Return the imitation; `points` is what an OAuth app may spend in an hour.

    Whoever runs it hands in `post`, which sends what webhooks tell.
    """
    oauth = OAuthServer(store, _ID, atlassian.spec("jira", SCOPES), clock)
    world = State(store, _ID, clock), Hooks(store, _ID, clock, post)
    cloud = [
        _route(world, method, f"{prefix}/rest/api/3{path}", endpoint, is_server=False)
        for method, path, endpoint in _OF_CLOUD
        for prefix in _CLOUD
    ]
    server = [
        _route(world, method, f"{prefix}/rest/api/2{path}", endpoint, is_server=True)
        for method, path, endpoint in _OF_SERVER
        for prefix in _SERVER
    ]
    boards = [
        _route(world, "GET", f"{prefix}/rest/agile/1.0/board", projects.list_boards)
        for prefix in (*_CLOUD, "/jira")
    ]
    gate = Middleware(
        Gate,
        product="jira",
        callers=Callers(oauth, SCOPES),
        needed=needed,
        points=Points(store, _ID, clock, points),
    )
    provider = Provider(
        _ID,
        (*oauth.routes, *ACCOUNT_ROUTES, *cloud, *server, *boards),
        errors.JiraDialect("jira", clock),
        (gate,),
        oauth.controls,
    )
    return build_app(provider, store)


def _route(
    world: tuple[State, Hooks],
    method: str,
    path: str,
    endpoint: Endpoint,
    *,
    is_server: bool | None = None,
) -> Route:
    """A route of one kind of installation; to the other there is nothing there."""

    async def answer(request: "Request") -> "Response":
        call = Call(request, *world)
        if is_server is not None and call.is_server != is_server:
            raise errors.no_address(request.url.path)
        response = await endpoint(call)
        if call.is_server:
            response.headers.update(_LIMIT_OF_A_SERVER)
        if call.happened:
            response.background = BackgroundTask(call.hooks.tell, call, call.happened)
        return response

    return Route(path, answer, methods=[method])
