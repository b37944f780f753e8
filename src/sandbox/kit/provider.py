"""Puts an imitation provider together: journal, faults, middleware, routes, and the switches."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

from src.sandbox.kit.control import control_routes
from src.sandbox.kit.dialect import Dialect, PlainDialect, Refused
from src.sandbox.kit.faults import FaultBook
from src.sandbox.kit.journal import JournalLayer, RequestJournal
from src.sandbox.kit.strikes import FaultLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from src.sandbox.kit.store import SandboxStore


@dataclass(frozen=True, slots=True)
class Provider:
    """What makes one imitation differ from another."""

    id: str
    routes: "Sequence[Route]"
    dialect: Dialect = field(default_factory=PlainDialect)
    middleware: "Sequence[Middleware]" = ()
    """Runs inside the fault layer and around the routes: authentication, limits, headers."""
    controls: "Sequence[Route]" = ()
    """More switches below `/_sandbox/`."""


def build_app(provider: Provider, store: "SandboxStore") -> "ASGIApp":
    """Return the provider with its control routes under `/_sandbox/`; all state is in the store."""
    book = FaultBook(store, provider.id)
    journal = RequestJournal(store, provider.id)
    faulty = FaultLayer(_routed(provider), book, provider.dialect)
    app = Starlette(
        routes=[
            Mount("/_sandbox", routes=[*control_routes(book, journal), *provider.controls]),
            Mount("/", app=JournalLayer(faulty, journal, provider.routes)),
        ]
    )
    app.router.redirect_slashes = False
    return app


def _routed(provider: Provider) -> Starlette:
    def refused(_: "Request", error: Exception) -> "Response":
        if isinstance(error, Refused):
            return error.answer
        status = error.status_code if isinstance(error, HTTPException) else 500
        return provider.dialect.error(status)

    app = Starlette(
        routes=provider.routes,
        middleware=provider.middleware,
        exception_handlers={Refused: refused, HTTPException: refused},
    )
    app.router.redirect_slashes = False
    return app
