"""The imitation Google: an ASGI app that answers like all of its hosts at once.

| address | product |
|---|---|
| `/o/oauth2/v2/auth`, `/token`, `/revoke` | accounts.google.com, oauth2.googleapis.com |
| `/v1/userinfo` | openidconnect.googleapis.com |
| `/drive/v3/…`, `/upload/drive/v3/…` | www.googleapis.com |
| `/v4/spreadsheets/…` | sheets.googleapis.com |
| `/gmail/v1/…` | gmail.googleapis.com |
| `/calendar/v3/…` | www.googleapis.com |

`POST /_sandbox/forget` lets tokens of feeds expire, `PUT` and `DELETE
/_sandbox/drives/{drive}/members/{login}` let somebody into a shared drive and out of it, and
`DELETE /_sandbox/mails/{login}/{message}` deletes a mail for good.

The tokens that it knows are in `callers.py`; others are given out by its authorization server.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from src.sandbox.google import accounts
from src.sandbox.google.calendar import routes as calendar
from src.sandbox.google.callers import Callers
from src.sandbox.google.channels import Channels
from src.sandbox.google.drive import routes as drive
from src.sandbox.google.errors import GoogleDialect
from src.sandbox.google.gate import Gate
from src.sandbox.google.gmail import routes as gmail
from src.sandbox.google.logs import log_controls
from src.sandbox.google.oauth import SPEC, SessionControl, session_controls
from src.sandbox.google.sheets import routes as sheets
from src.sandbox.kit import Provider, build_app
from src.sandbox.kit.oauth import OAuthServer

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from src.sandbox.kit import SandboxStore
    from src.sandbox.kit.posting import Post

_ID = "google"


def create_app(
    store: "SandboxStore",
    *,
    clock: Callable[[], float] = time.time,
    mail_units: int = gmail.UNITS,
    drive_requests: int = drive.REQUESTS,
    sheet_requests: int = sheets.REQUESTS,
    post: "Post | None" = None,
) -> "ASGIApp":
    """Return the imitation; the numbers are what a user may ask or spend in a minute.

    Whoever runs it hands in `post`, which sends what watch channels tell.
    """
    channels = Channels(store, clock, post)
    oauth = OAuthServer(store, _ID, SPEC, clock)
    provider = Provider(
        _ID,
        (
            *oauth.routes,
            *accounts.ACCOUNT_ROUTES,
            *drive.routes(store, clock, channels, drive_requests),
            *sheets.routes(store, clock, sheet_requests),
            *gmail.routes(store, clock, mail_units),
            *calendar.routes(store, clock, channels),
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
        (
            *oauth.controls,
            *session_controls(store),
            *log_controls(store),
            *drive.controls(store),
            *gmail.controls(store, clock),
        ),
    )
    return build_app(provider, store)
