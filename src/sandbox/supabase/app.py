"""The imitation Supabase: the Management API, its authorization server, and the projects.

The Management API is at the root (``/v1/…``). A project answers at its site
(``https://<ref>.supabase.co`` or a custom domain), below ``/rest/v1`` and ``/auth/v1``. Known
tokens and keys are in ``callers``, apps in ``oauth``.
"""

import time
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from src.sandbox.kit import Provider, build_app
from src.sandbox.kit.oauth import OAuthServer
from src.sandbox.supabase.callers import Callers
from src.sandbox.supabase.errors import SupabaseDialect
from src.sandbox.supabase.gate import Gate
from src.sandbox.supabase.limits import Clock, Limits
from src.sandbox.supabase.oauth import SPEC
from src.sandbox.supabase.routes.control import row_controls
from src.sandbox.supabase.routes.management import MANAGEMENT_ROUTES, query_routes
from src.sandbox.supabase.routes.project import project_routes
from src.sandbox.supabase.storage import Storage

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from src.sandbox.kit import SandboxStore
    from src.sandbox.kit.posting import Post

_ID = "supabase"


def create_app(
    store: "SandboxStore",
    *,
    limit: int = 120,
    clock: Clock = time.time,
    post: "Post | None" = None,
) -> "ASGIApp":
    """Return the imitation; the limit is a user's per minute, over all tokens.

    Whoever runs it hands in `post`, which sends what database webhooks tell.
    """
    oauth = OAuthServer(store, _ID, SPEC, clock)
    storage = Storage(store, post)
    limits = Limits(store, clock, limit)
    provider = Provider(
        _ID,
        (
            *oauth.routes,
            *query_routes(storage),
            *MANAGEMENT_ROUTES,
            *project_routes(storage),
        ),
        SupabaseDialect(),
        (Middleware(Gate, callers=Callers(oauth), limits=limits),),
        (*oauth.controls, *row_controls(storage)),
    )
    return build_app(provider, store)
