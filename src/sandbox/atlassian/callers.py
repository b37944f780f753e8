"""Who calls: an OAuth token, an API token with or without scopes, or a token of a data center.

Known credentials of Mia's, beside those that the authorization server gives out:

- `eyJ-sandbox-mia`: OAuth, every scope; `eyJ-sandbox-mia-reader`: OAuth, scopes to read only
- `mia@example.com` with `ATATT-sandbox-mia`: API token, on the site's address
- `mia@example.com` with `ATSTT-sandbox-mia`: API token with scopes, on the gateway only
- `PAT-sandbox-mia`: personal access token of a data center
"""

from base64 import b64decode
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from src.sandbox.atlassian.oauth import OFFLINE
from src.sandbox.atlassian.people import BEN, MIA, NORA, User, user_of

if TYPE_CHECKING:
    from src.sandbox.kit.oauth import OAuthServer


class Kind(StrEnum):
    """What a caller proves itself with."""

    OAUTH = "oauth"
    API_TOKEN = "api_token"  # noqa: S105 - a kind, no secret
    SCOPED_TOKEN = "scoped_token"  # noqa: S105 - a kind, no secret
    PERSONAL_TOKEN = "personal_token"  # noqa: S105 - a kind, no secret


class Caller(msgspec.Struct, frozen=True):
    """Who calls; scopes of None mean that the credential has none, and allows all."""

    user: User
    kind: Kind
    scopes: frozenset[str] | None = None
    client_id: str | None = None


_BASIC = {
    (MIA.email, "ATATT-sandbox-mia"): (MIA, Kind.API_TOKEN),
    (BEN.email, "ATATT-sandbox-ben"): (BEN, Kind.API_TOKEN),
    (NORA.email, "ATATT-sandbox-nora"): (NORA, Kind.API_TOKEN),
    (MIA.email, "ATSTT-sandbox-mia"): (MIA, Kind.SCOPED_TOKEN),
}
_PERSONAL = {"PAT-sandbox-mia": MIA, "PAT-sandbox-ben": BEN}
_KNOWN_APP = "sandbox-known-app"


class Callers:
    """Reads credentials."""

    def __init__(self, oauth: "OAuthServer", scopes: Mapping[str, str]) -> None:
        """Know the scopes of the product, for the credentials that hold all of them."""
        self._oauth = oauth
        self._all = frozenset({*scopes, "read:me", OFFLINE})
        readers = {scope for scope in self._all if not scope.startswith(("write:", "manage:"))}
        self._known = {
            "eyJ-sandbox-mia": Caller(MIA, Kind.OAUTH, self._all, _KNOWN_APP),
            "eyJ-sandbox-ben": Caller(BEN, Kind.OAUTH, self._all, _KNOWN_APP),
            "eyJ-sandbox-mia-reader": Caller(MIA, Kind.OAUTH, frozenset(readers), _KNOWN_APP),
        }

    async def find(self, authorization: str) -> Caller | None:
        """Read an Authorization header."""
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            return self._basic(value.strip())
        return await self._bearer(value.strip()) if scheme.lower() == "bearer" else None

    def _basic(self, value: str) -> Caller | None:
        try:
            email, _, token = b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return None
        found = _BASIC.get((email.lower(), token))
        if found is None:
            return None
        user, kind = found
        return Caller(user, kind, self._all if kind is Kind.SCOPED_TOKEN else None)

    async def _bearer(self, token: str) -> Caller | None:
        if token in self._known:
            return self._known[token]
        if token in _PERSONAL:
            return Caller(_PERSONAL[token], Kind.PERSONAL_TOKEN)
        grant = await self._oauth.grant_of(token)
        user = user_of(grant.account) if grant else None
        if grant is None or user is None:
            return None
        return Caller(user, Kind.OAUTH, frozenset(grant.scopes), grant.client_id)
