"""The one subscription of an app, and what it tells.

Its address is asked at once whether it wants to be called: a GET with `hub.challenge`, answered
with the same. A call is not signed; it is sent three times at the most. Source:
developers.strava.com/docs/webhooks.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import json_answer
from src.sandbox.strava import errors
from src.sandbox.strava.diary import Aspect
from src.sandbox.strava.oauth import APP, SINGLE_APP

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.kit import SandboxStore

Post = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""Sends a request with headers and a body to an address, and says the status of the answer."""
Ask = Callable[[str], Awaitable[tuple[int, bytes]]]
"""Gets an address, and says status and body of the answer."""

PATH = "/push_subscriptions"
_KEY = "strava/subscription"
_LONGEST = 255
_FIRST_EVENT = 1_790_000_000
"""Each event is a second later than the one before."""
_TRIES = 3
_OK = 200
_APPS = {app.client_id: app.client_secret for app in (APP, SINGLE_APP)}


class Pushes:
    """Subscriptions, and the calls they get."""

    def __init__(self, store: "SandboxStore", post: Post | None, ask: Ask | None) -> None:
        """Without `post` nobody is told; without `ask` every address is believed."""
        self._store = store
        self._post = post
        self._ask = ask

    @property
    def routes(self) -> list[Route]:
        """The API, which apps use with their id and secret."""
        return [
            Route(PATH, self._list, methods=["GET"]),
            Route(PATH, self._make, methods=["POST"]),
            Route(PATH + "/{subscription:int}", self._end, methods=["DELETE"]),
        ]

    @property
    def controls(self) -> list[Route]:
        """The switch that tells of the end of a grant, whether it has ended or not."""

        async def tell_end(request: "Request") -> Response:
            athlete = request.path_params["athlete"]
            await self._send("athlete", athlete, "update", athlete, {"authorized": "false"})
            return Response(status_code=204)

        return [Route("/deauthorizations/{athlete:int}", tell_end, methods=["POST"])]

    async def tell(self, aspect: Aspect, activity: int, owner: int) -> None:
        """Tell of an activity."""
        updates = {"title": "Other"} if aspect == "update" else {}
        await self._send("activity", activity, aspect, owner, updates)

    async def _send(
        self, kind: str, own: int, aspect: Aspect, owner: int, updates: Mapping[str, str]
    ) -> None:
        told = await self._store.get(f"{_KEY}/{APP.client_id}")
        if told is None or self._post is None:
            return
        event = {
            "aspect_type": aspect,
            "event_time": _FIRST_EVENT + await self._store.increment(f"{_KEY}/told", "value"),
            "object_id": own,
            "object_type": kind,
            "owner_id": owner,
            "subscription_id": told["id"],
            "updates": updates,
        }
        headers, body = {"content-type": "application/json"}, msgspec.json.encode(event)
        for _ in range(_TRIES):
            if await self._post(told["callback_url"], headers, body) == _OK:
                return

    async def _list(self, request: "Request") -> Response:
        app = _app(request.query_params)
        told = await self._store.get(f"{_KEY}/{app}")
        return json_answer([told] if told else [])

    async def _make(self, request: "Request") -> Response:
        given = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        app = _app(given)
        if await self._store.get(f"{_KEY}/{app}"):
            raise errors.refused(400, errors.entry("PushSubscription", "", "already exists"))
        address = given.get("callback_url", "")
        if not address or len(address) > _LONGEST:
            raise errors.refused(400, errors.entry("PushSubscription", "callback url", "invalid"))
        if not await self._agrees(address, given.get("verify_token", "")):
            entry = errors.entry("PushSubscription", "callback url", "not verifiable")
            raise errors.refused(400, entry)
        number = 131_299 + await self._store.increment(f"{_KEY}/last", "value")
        told = {"id": number, "application_id": int(app), "callback_url": address}
        await self._store.put(f"{_KEY}/{app}", told)
        return json_answer({"id": number}, 201)

    async def _agrees(self, address: str, token: str) -> bool:
        if self._ask is None:
            return True
        challenge = secrets.token_hex(8)
        asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}
        status, answer = await self._ask(f"{address}?{urlencode(asked)}")
        return status == _OK and _said(answer) == challenge

    async def _end(self, request: "Request") -> Response:
        app = _app(request.query_params)
        told = await self._store.get(f"{_KEY}/{app}")
        if told is None or told["id"] != request.path_params["subscription"]:
            raise errors.refused(404, errors.entry("PushSubscription", "id", "not found"))
        await self._store.delete(f"{_KEY}/{app}")
        return Response(status_code=204)


def _app(given: Mapping[str, Any]) -> str:
    """The app that proves itself by its id and secret, which stand among the parameters."""
    app = str(given.get("client_id", ""))
    if app not in _APPS or given.get("client_secret") != _APPS[app]:
        raise errors.refused(401, errors.entry("Application", "client_secret", "invalid"))
    return app


def _said(answer: bytes) -> object:
    try:
        return msgspec.json.decode(answer, type=dict[str, Any]).get("hub.challenge")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
