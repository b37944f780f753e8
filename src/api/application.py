"""FastAPI with the layers that this service needs, and no others.

Its own stack has a last catch for exceptions, telemetry and a body limit. These stand elsewhere
here, or have nothing to do, and each costs every request.
"""

from __future__ import annotations

from copy import copy

from fastapi import APIRouter, FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from src.api.routing import Route


class Application(FastAPI):
    """The application: documented by FastAPI, served in our own layers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the lifespan."""
        await Starlette.__call__(self, scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """The layers that were added, around the answers to exceptions, around the routes."""
        app: ASGIApp = ExceptionMiddleware(self.router, handlers=self.exception_handlers)
        for layer, args, kwargs in reversed(self.user_middleware):
            app = layer(app, *args, **kwargs)
        return app

    def add_routes(self, router: APIRouter, prefix: str = "") -> None:
        """Add the routes of a router one by one; a router within a router is searched twice.

        They are the router's own, moved: to build a route anew takes milliseconds.
        """
        for route in router.routes:
            assert isinstance(route, APIRoute)  # noqa: S101  ours hold nothing else
            self.router.routes.append(_under(prefix, route))


def _under(prefix: str, route: APIRoute) -> APIRoute:
    moved = copy(route)
    moved.path = prefix + route.path
    moved.path_regex, moved.path_format, moved.param_convertors = compile_path(moved.path)
    if not isinstance(route, Route):
        # FastAPI's plain routes, such as the pages, ask for this one.
        moved.app = AsyncExitStackMiddleware(route.app)
    return moved
