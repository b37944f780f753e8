"""Who calls: known tokens, and those that the authorization server has given out."""

from typing import TYPE_CHECKING

import msgspec

from .people import ADA, GIL, USERS, User

if TYPE_CHECKING:
    from src.sandbox.kit.oauth import OAuthServer

TOKEN = "00D000000000001!AQ4" + "a" * 40
OTHER_TOKEN = "00D000000000002!AQ4" + "b" * 40
NARROW_TOKEN = "00D000000000001!AQ4" + "c" * 40
_ALL = frozenset({"api", "openid", "refresh_token"})


class Caller(msgspec.Struct, frozen=True):
    """A user, and what the token allows."""

    user: User
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Tell whether a scope, or full access, was granted."""
        return bool(self.scopes & {scope, "full"})


_KNOWN = {
    TOKEN: Caller(ADA, _ALL),
    OTHER_TOKEN: Caller(GIL, _ALL),
    NARROW_TOKEN: Caller(ADA, frozenset({"openid"})),
}


class Callers:
    """Reads access tokens, which stand in the Authorization header only."""

    def __init__(self, oauth: "OAuthServer") -> None:
        """Ask the authorization server for tokens that are not known."""
        self._oauth = oauth

    async def find(self, authorization: str) -> Caller | None:
        """Return who proves himself with this header."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in {"bearer", "oauth"}:
            return None
        if known := _KNOWN.get(token):
            return known
        grant = await self._oauth.grant_of(token)
        user = USERS.get(grant.account) if grant else None
        return None if grant is None or user is None else Caller(user, frozenset(grant.scopes))
