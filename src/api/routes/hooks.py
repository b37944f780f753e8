"""Where providers deliver. The caller is whoever knows the address, and can prove the rest.

The address is looked up before anything of the body is read. These answers are for providers, and
not in the document.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from src.api.envelope import ok
from src.bootstrap import Container
from src.core.errors import BadRequest
from src.core.middleware import Receive, Scope, Send
from src.services.webhooks.addresses import HOOKS_PATH
from src.services.webhooks.doors import Greeting
from src.services.webhooks.proofs import Incoming

_MOST_FIELDS = 20
_LONGEST_GREETING = 1024
_TWICE = "\x00"
"""In place of a header that came twice: no proof holds with it."""


class HookRoute(APIRoute):
    """A route without the layers that FastAPI has for dependencies: there are none here."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a delivery or a challenge."""
        if self.methods and scope["method"] not in self.methods:
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        response = await self.endpoint(request=request, **scope["path_params"])
        await response(scope, receive, send)


router = APIRouter(prefix=HOOKS_PATH, include_in_schema=False, route_class=HookRoute)


@router.post("/{webhook_id}/{secret}")
async def take_delivery(webhook_id: str, secret: str, request: Request) -> Response:
    """Keep a delivery. It is answered before anything is fetched."""
    container: Container = request.app.state.container
    door = await container.hooks.doors.open(webhook_id, secret)
    incoming = Incoming(_headers(request), await request.body())
    news = await container.hooks.receiving.take(door, incoming)
    return ok({"news": news})


@router.get("/{webhook_id}/{secret}")
async def take_challenge(webhook_id: str, secret: str, request: Request) -> Response:
    """Show the provider that the address is ours, in its own words."""
    container: Container = request.app.state.container
    door = await container.hooks.doors.open(webhook_id, secret)
    return _answer(container.hooks.doors.greeting(door, _query(request)))


def _headers(request: Request) -> dict[str, str]:
    """By name in lower case; one that came twice could be read in two ways, and is not read."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = _TWICE if name in found else value
    return found


def _query(request: Request) -> dict[str, str]:
    try:
        pairs = parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise BadRequest("The query cannot be read.") from error
    if len(dict(pairs)) < len(pairs):
        raise BadRequest("A parameter is given twice.")
    return dict(pairs)


def _answer(greeting: Greeting) -> Response:
    if len(greeting.value) > _LONGEST_GREETING:
        raise BadRequest("The challenge is too long.")
    if greeting.is_json:
        content = msgspec.json.encode({greeting.name: greeting.value})
        return Response(content, media_type="application/json")
    return Response(greeting.value, media_type="text/plain")
