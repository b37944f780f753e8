"""The imitation Google: an ASGI app that answers like all of its hosts at once.

| address | product |
|---|---|
| `/o/oauth2/v2/auth`, `/token`, `/revoke` | accounts.google.com, oauth2.googleapis.com |
| `/v1/userinfo` | openidconnect.googleapis.com |
| `/drive/v3/…`, `/upload/drive/v3/…` | www.googleapis.com |
| `/v4/spreadsheets/…` | sheets.googleapis.com |
| `/gmail/v1/…` | gmail.googleapis.com |
| `/calendar/v3/…` | www.googleapis.com |

The tokens that it knows are in `callers.py`; others are given out by its authorization server.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from src.sandbox.google import accounts
from src.sandbox.google.calendar import routes as calendar
from src.sandbox.google.callers import Callers
from src.sandbox.google.drive import routes as drive
from src.sandbox.google.errors import GoogleDialect
from src.sandbox.google.gate import Gate
from src.sandbox.google.gmail import routes as gmail
from src.sandbox.google.oauth import SPEC, SessionControl, session_controls
from src.sandbox.google.sheets import routes as sheets
from src.sandbox.kit import Provider, build_app
from src.sandbox.kit.oauth import OAuthServer

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from src.sandbox.kit import SandboxStore

_ID = "google"


def create_app(
    store: "SandboxStore",
    *,
    clock: Callable[[], float] = time.time,
    mail_units: int = gmail.UNITS,
    drive_requests: int = drive.REQUESTS,
    sheet_requests: int = sheets.REQUESTS,
) -> "ASGIApp":
    """Return the imitation; the numbers are what a user may ask or spend in a minute."""
    oauth = OAuthServer(store, _ID, SPEC, clock)
    provider = Provider(
        _ID,
        (
            *oauth.routes,
            *accounts.ACCOUNT_ROUTES,
            *drive.routes(store, clock, drive_requests),
            *sheets.routes(store, clock, sheet_requests),
            *gmail.routes(store, clock, mail_units),
            *calendar.routes(store, clock),
        ),
        GoogleDialect(),
        (
            Middleware(SessionControl, store=store),
            Middleware(
                Gate,
                callers=Callers(oauth),
                needed=(
                    *accounts.SCOPES,
                    *drive.SCOPES,
                    *sheets.SCOPES,
                    *gmail.SCOPES,
                    *calendar.SCOPES,
                ),
            ),
        ),
        (*oauth.controls, *session_controls(store)),
    )
    return build_app(provider, store)
