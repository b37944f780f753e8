"""The imitation Garmin: the Wellness API at the root, Garmin Connect at its own hosts.

``personal.connectapi.garmin.com`` takes personal keys, ``connectapi.garmin.com`` and ``.cn`` the
tokens of Garmin's own apps, ``diauth.…`` refreshes them. Who is known stands in ``people``, the
app of the Developer Program in ``oauth``. ``DELETE /_sandbox/tokens`` ends all access tokens of
Garmin Connect, ``DELETE /_sandbox/secrets`` all keys and refresh tokens.
"""

import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.requests import Request

from src.sandbox.garmin.connect import Connect
from src.sandbox.garmin.diary import Diary
from src.sandbox.garmin.errors import GarminDialect, error
from src.sandbox.garmin.exchanges import DI_PATH, KEY_PATH, OAUTH1_PATH, Exchanges
from src.sandbox.garmin.oauth import SPEC
from src.sandbox.garmin.tokens import Clock, Tokens
from src.sandbox.garmin.wellness import Wellness
from src.sandbox.kit import Provider, Refused, build_app, capture, provider_path, site_of
from src.sandbox.kit.oauth import OAuthServer

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from src.sandbox.kit import SandboxStore

_ID = "garmin"
_OPEN = (SPEC.authorize_path, DI_PATH, KEY_PATH, OAUTH1_PATH, "/wellness-api/")
_MOST_AT_ONCE = 12
_WAIT = 14


class Gate:
    """Middleware of the imitation: whose token it is, and how many come at once."""

    def __init__(self, app: "ASGIApp", tokens: Tokens, exchanges: Exchanges, clock: Clock) -> None:
        """Know who may call."""
        self._app = app
        self._tokens = tokens
        self._exchanges = exchanges
        self._clock = clock
        self._under_way = 0

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer the call, by refusing it or with the route's answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._under_way += 1
        try:
            answer = await self._answer(Request(scope, receive))
        finally:
            self._under_way -= 1
        answer.headers["date"] = formatdate(self._clock(), usegmt=True)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> "Response":
        path, site = provider_path(request.scope), site_of(request)
        if path == DI_PATH and site.startswith("diauth."):
            return await self._refreshed(request)
        if path.startswith(_OPEN):
            return await capture(self._app, request.scope, request.receive)
        return await self._connect(request, site)

    async def _refreshed(self, request: Request) -> "Response":
        """One address for two: at its own host it is that of Garmin's apps."""
        try:
            return await self._exchanges.di(request)
        except Refused as refusal:
            return refusal.answer

    async def _connect(self, request: Request, site: str) -> "Response":
        if self._under_way > _MOST_AT_ONCE:
            answer = error(429)
            answer.headers["retry-after"] = str(_WAIT)
            return answer
        audience = "personal" if site.startswith("personal.") else "connect"
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        person = await self._tokens.holder(token, audience)
        if person is None or not site.endswith(person.domain):
            return error(401, "Token is not active")
        scope = {**request.scope, "garmin.person": person, "garmin.audience": audience}
        return await capture(self._app, scope, request.receive)


def create_app(store: "SandboxStore", *, clock: Clock = time.time) -> "ASGIApp":
    """Return the imitation."""
    oauth = OAuthServer(store, _ID, SPEC, clock)
    tokens = Tokens(store, clock)
    exchanges = Exchanges(tokens)
    diary = Diary(store, clock)
    provider = Provider(
        _ID,
        (
            *oauth.routes,
            *exchanges.routes,
            *Wellness(oauth).routes,
            *Connect(diary).routes,
        ),
        GarminDialect(),
        (Middleware(Gate, tokens=tokens, exchanges=exchanges, clock=clock),),
        (*oauth.controls, *exchanges.controls, *diary.controls),
    )
    return build_app(provider, store)
