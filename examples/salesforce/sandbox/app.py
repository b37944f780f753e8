"""The imitation put together."""

import time
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import Provider, build_app, json_answer
from src.sandbox.kit.oauth import OAuthServer

from .callers import Callers
from .cursors import Cursors
from .errors import SalesforceDialect
from .gate import INSTANCE_URL, Gate
from .oauth import SPEC
from .routes import LOG_BEGINS, Api
from .state import Clock, State

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from src.sandbox.kit import SandboxStore

_ID = "salesforce"


def create_app(store: "SandboxStore", *, clock: Clock = time.time) -> "ASGIApp":
    """Return the imitation; all that changes is in the store."""
    oauth = OAuthServer(store, _ID, SPEC, clock)
    cursors = Cursors(store, clock)
    api = Api(store, State(store, clock), cursors)

    def keeps(key: str) -> Any:
        async def keep(request: "Request") -> Response:
            value = msgspec.json.decode(await request.body())
            await store.put(key, {"value": value})
            return json_answer(value)

        return keep

    async def release(_: "Request") -> Response:
        await cursors.release()
        return Response(status_code=204)

    switches = (
        Route("/instance-url", keeps(INSTANCE_URL), methods=["PUT"]),
        Route("/log-begins", keeps(LOG_BEGINS), methods=["PUT"]),
        Route("/cursors", release, methods=["DELETE"]),
    )
    provider = Provider(
        _ID,
        (*oauth.routes, *api.routes),
        SalesforceDialect(),
        (Middleware(Gate, callers=Callers(oauth), oauth=oauth, store=store),),
        (*oauth.controls, *switches),
    )
    return build_app(provider, store)
