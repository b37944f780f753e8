"""Who calls.

Known tokens, beside those that the authorization server gives out:

- `ya29.sandbox-ann`, `ya29.sandbox-ben`, `ya29.sandbox-cloe`: every scope
- `ya29.sandbox-ann-reader`: of Ann's, the scopes to read
- `ya29.sandbox-ann-gmail`: of Ann's, to read mail and nothing else
- `ya29.sandbox-ann-silent`: of Ann's, nothing but who she is
"""

from typing import TYPE_CHECKING

import msgspec

from src.sandbox.google.oauth import PREFIX, SCOPES
from src.sandbox.google.people import ANN, BEN, CLOE, User, user_of

if TYPE_CHECKING:
    from src.sandbox.kit.oauth import OAuthServer


class Caller(msgspec.Struct, frozen=True):
    """Who calls, and what the user allows."""

    user: User
    scopes: frozenset[str]


_IDENTITY = frozenset({"openid", "email", "profile"})
_ALL = frozenset(SCOPES)
_READING = frozenset(scope for scope in SCOPES if scope.endswith(".readonly"))
_KNOWN = {
    "ya29.sandbox-ann": Caller(ANN, _ALL),
    "ya29.sandbox-ben": Caller(BEN, _ALL),
    "ya29.sandbox-cloe": Caller(CLOE, _ALL),
    "ya29.sandbox-ann-reader": Caller(ANN, _IDENTITY | _READING),
    "ya29.sandbox-ann-gmail": Caller(ANN, _IDENTITY | {f"{PREFIX}gmail.readonly"}),
    "ya29.sandbox-ann-silent": Caller(ANN, _IDENTITY),
}


class Callers:
    """Reads credentials."""

    def __init__(self, oauth: "OAuthServer") -> None:
        """Know the authorization server, which gives out the others."""
        self._oauth = oauth

    async def find(self, authorization: str) -> Caller | None:
        """Read an Authorization header."""
        scheme, _, value = authorization.partition(" ")
        token = value.strip()
        if scheme.lower() != "bearer":
            return None
        if token in _KNOWN:
            return _KNOWN[token]
        grant = await self._oauth.grant_of(token)
        user = user_of(grant.account) if grant else None
        if grant is None or user is None:
            return None
        return Caller(user, frozenset(grant.scopes))
