"""What every call passes: the token, the app's limits, and how many athletes an app may have."""

from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from src.sandbox.kit import capture, provider_path
from src.sandbox.strava import errors
from src.sandbox.strava.callers import Callers
from src.sandbox.strava.diary import Diary
from src.sandbox.strava.limits import Limits
from src.sandbox.strava.oauth import MOST_ATHLETES, TOKEN_PATH
from src.sandbox.strava.pushes import PATH
from src.sandbox.strava.same_tokens import SameTokens

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from src.sandbox.kit import SandboxStore

_OAUTH = "/oauth/"
_OK = 200
CAP_MESSAGE = "Limit of connected athletes exceeded"


class Gate:
    """Middleware of the imitation, so that routes are only about their resource."""

    def __init__(
        self,
        app: "ASGIApp",
        callers: Callers,
        limits: Limits,
        store: "SandboxStore",
        same: SameTokens,
        diary: Diary,
    ) -> None:
        """Know who may call."""
        self._app = app
        self._callers = callers
        self._limits = limits
        self._store = store
        self._same = same
        self._diary = diary

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer the call, by refusing it or with the route's answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = provider_path(scope)
        request = Request(scope, receive)
        if path == TOKEN_PATH:
            answer = await self._token(request)
        elif path.startswith((_OAUTH, PATH)):
            answer = await capture(self._app, scope, receive)
        else:
            answer = await self._api(request)
        await answer(scope, receive, send)

    async def _api(self, request: Request) -> Response:
        caller = await self._callers.find(request.headers.get("authorization", ""))
        if caller is None:
            return errors.error(401)
        overall, read = await self._limits.spend(caller.client_id, request.method)
        if overall.is_exceeded or (read.is_exceeded and request.method == "GET"):
            answer = errors.over_limit()
        else:
            world = await self._diary.world()
            scope = {**request.scope, "strava.caller": caller, "strava.world": world}
            answer = await capture(self._app, scope, request.receive)
        answer.headers.update(overall.headers("X-Ratelimit"))
        answer.headers.update(read.headers("X-Readratelimit"))
        answer.headers["date"] = formatdate(self._limits.now, usegmt=True)
        return answer

    async def _token(self, request: Request) -> Response:
        """Give the same tokens again, or refuse the tokens of one athlete too many."""
        body = await request.body()
        fields = dict(parse_qsl(body.decode("utf-8", "replace")))
        is_refresh = fields.get("grant_type") == "refresh_token"
        if is_refresh and (same := await self._same.again(fields)) is not None:
            return same

        async def again() -> "Message":
            return {"type": "http.request", "body": body, "more_body": False}

        answer = await capture(self._app, request.scope, again)
        if answer.status_code != _OK:
            return answer
        if not is_refresh:
            athlete = msgspec.json.decode(bytes(answer.body))["athlete"]["id"]
            if not await self._has_room(fields["client_id"], str(athlete)):
                return errors.error(403, message=CAP_MESSAGE)
        await self._same.remember(fields, answer)
        return answer

    async def _has_room(self, client_id: str, athlete: str) -> bool:
        key = f"strava/athletes/{client_id}"
        known = await self._store.get(key) or {}
        if athlete not in known and len(known) >= MOST_ATHLETES[client_id]:
            return False
        await self._store.put(key, {**known, athlete: 1})
        return True
