"""The imitation Confluence Cloud: an ASGI app that answers like `api.atlassian.com` and a site.

Below `/ex/confluence/<cloud id>` for OAuth and tokens with scopes, and at the root as the site
`acme.atlassian.net` for plain API tokens. Known credentials are in `atlassian/callers.py`, its
OAuth app in `atlassian/oauth.py`; what is seeded, in `seed/world.py`.
"""

import time
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from src.sandbox.atlassian import oauth as atlassian
from src.sandbox.atlassian.callers import Callers
from src.sandbox.atlassian.gate import Gate
from src.sandbox.atlassian.points import TIER_1, Clock, Points
from src.sandbox.atlassian.routes import ACCOUNT_ROUTES
from src.sandbox.confluence.errors import ConfluenceDialect
from src.sandbox.confluence.routes.browse import browse_routes
from src.sandbox.confluence.routes.comments import comment_routes
from src.sandbox.confluence.routes.search import search_routes
from src.sandbox.confluence.routes.writes import write_routes
from src.sandbox.confluence.scopes import SCOPES, needed
from src.sandbox.confluence.written import Written
from src.sandbox.kit import Provider, build_app
from src.sandbox.kit.oauth import OAuthServer

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from src.sandbox.kit import SandboxStore

_ID = "confluence"
_PREFIXES = ("/ex/confluence/{cloud}", "")


def create_app(
    store: "SandboxStore", *, limit: int = TIER_1, clock: Clock = time.time
) -> "ASGIApp":
    """Return the imitation; the limit is the points per hour of one OAuth app."""
    oauth = OAuthServer(store, _ID, atlassian.spec(_ID, SCOPES), clock)
    written = Written(store, _ID)
    below = [
        route
        for prefix in _PREFIXES
        for route in (
            *write_routes(written, prefix),
            *browse_routes(written, prefix),
            *comment_routes(written, prefix),
            *search_routes(written, clock, prefix),
        )
    ]
    gate = Middleware(
        Gate,
        product=_ID,
        callers=Callers(oauth, SCOPES),
        needed=needed,
        points=Points(store, _ID, clock, limit),
    )
    provider = Provider(
        _ID,
        (*oauth.routes, *ACCOUNT_ROUTES, *below),
        ConfluenceDialect(_ID, clock),
        (gate,),
        oauth.controls,
    )
    return build_app(provider, store)
