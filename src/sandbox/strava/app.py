"""The imitation Strava: the API at the root, its authorization server below ``/oauth``.

Known tokens are in ``callers``, apps in ``oauth``, switches that change things in ``diary``.
"""

import time
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.routing import Route

from src.sandbox.kit import Provider, build_app, json_answer
from src.sandbox.kit.oauth import OAuthServer
from src.sandbox.strava import errors
from src.sandbox.strava.callers import Callers
from src.sandbox.strava.diary import Diary, diary_controls
from src.sandbox.strava.errors import StravaDialect
from src.sandbox.strava.gate import Gate
from src.sandbox.strava.limits import OVERALL, READ, Clock, Limit, Limits
from src.sandbox.strava.oauth import DEAUTHORIZE_PATH, SPEC
from src.sandbox.strava.pushes import Ask, Post, Pushes
from src.sandbox.strava.routes import ROUTES_OF_API
from src.sandbox.strava.same_tokens import SameTokens

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from src.sandbox.kit import SandboxStore

_ID = "strava"


def create_app(
    store: "SandboxStore",
    *,
    overall: Limit = OVERALL,
    read: Limit = READ,
    clock: Clock = time.time,
    post: Post | None = None,
    ask: Ask | None = None,
) -> "ASGIApp":
    """Return the imitation; limits are an app's, whoever its athletes are.

    Whoever runs it hands in `post`, which sends what the subscription tells, and `ask`, which
    asks its address whether it agrees.
    """
    oauth = OAuthServer(store, _ID, SPEC, clock)
    diary = Diary(store)
    pushes = Pushes(store, post, ask)

    async def deauthorize(request: "Request") -> "Response":
        """End the grant of the token in the header; until June 2027."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not await oauth.end(token):
            return errors.error(401)
        return json_answer({"access_token": token})

    limits = Limits(store, clock, overall, read)
    provider = Provider(
        _ID,
        (
            *oauth.routes,
            Route(DEAUTHORIZE_PATH, deauthorize, methods=["POST"]),
            *pushes.routes,
            *ROUTES_OF_API,
        ),
        StravaDialect(),
        (
            Middleware(
                Gate,
                callers=Callers(oauth),
                limits=limits,
                store=store,
                same=SameTokens(store, oauth),
                diary=diary,
            ),
        ),
        (*oauth.controls, *diary_controls(diary, pushes.tell), *pushes.controls),
    )
    return build_app(provider, store)
