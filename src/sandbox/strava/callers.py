"""Who calls: known tokens, and those that the authorization server has given out.

`DANA_TOKEN` may read all of Dana's, `FOLLOWER_TOKEN` only what is not for her alone and no gear,
`PROFILE_TOKEN` no activities; `RIO_TOKEN` is another athlete's.
"""

from typing import TYPE_CHECKING

import msgspec

from src.sandbox.strava.oauth import APP
from src.sandbox.strava.seed.people import DANA, RIO, Athlete, athlete_of

if TYPE_CHECKING:
    from src.sandbox.kit.oauth import OAuthServer

DANA_TOKEN = "da" * 20
FOLLOWER_TOKEN = "f0" * 20
PROFILE_TOKEN = "b0" * 20
RIO_TOKEN = "0e" * 20
_ALL = frozenset({"read", "read_all", "profile:read_all", "activity:read_all"})


class Caller(msgspec.Struct, frozen=True):
    """Who calls, by which app, and what it may see."""

    athlete: Athlete
    scopes: frozenset[str]
    client_id: str = APP.client_id

    def may(self, scope: str) -> bool:
        """Tell whether a scope, or a wider one, was granted."""
        return bool(self.scopes & {scope, f"{scope}_all"})


_KNOWN = {
    DANA_TOKEN: Caller(DANA, _ALL),
    FOLLOWER_TOKEN: Caller(DANA, frozenset({"read", "activity:read"})),
    PROFILE_TOKEN: Caller(DANA, frozenset({"read", "profile:read_all"})),
    RIO_TOKEN: Caller(RIO, _ALL),
}


class Callers:
    """Reads access tokens, which stand in the Authorization header only."""

    def __init__(self, oauth: "OAuthServer") -> None:
        """Ask the authorization server for tokens that are not known."""
        self._oauth = oauth

    async def find(self, authorization: str) -> Caller | None:
        """Return who proves itself with this header."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        if known := _KNOWN.get(token):
            return known
        grant = await self._oauth.grant_of(token)
        athlete = athlete_of(grant.account) if grant else None
        if grant is None or athlete is None:
            return None
        return Caller(athlete, frozenset(grant.scopes), grant.client_id)
