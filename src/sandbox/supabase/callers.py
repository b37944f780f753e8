"""Who calls the Management API, and with which key a project is asked.

Known access tokens: `MIA` (all of hers), `BEN` (all of his), `SCOPED` (Mia's, only organisation
Acme, may only read, and not her profile). Keys of every project: `secret_key`, `publishable_key`,
`legacy_key` below; the imitation checks no signature, only that it is the very key.
"""

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

import msgspec

from src.sandbox.supabase.oauth import APP_SCOPES
from src.sandbox.supabase.records import Project, User
from src.sandbox.supabase.seed.world import ACME, BEN, MIA

if TYPE_CHECKING:
    from src.sandbox.kit.oauth import OAuthServer

MIA_TOKEN = "sbp_" + "5a" * 20
BEN_TOKEN = "sbp_" + "b0" * 20
SCOPED_TOKEN = "sbp_" + "5c" * 20
_READING = frozenset({"organizations:read", "projects:read", "database:read"})


class Caller(msgspec.Struct, frozen=True):
    """Who calls; scopes of None mean that the token may do all that its user may."""

    user: User
    organizations: tuple[str, ...]
    scopes: frozenset[str] | None = None
    sees_profile: bool = True


_KNOWN = {
    MIA_TOKEN: Caller(MIA, MIA.organizations),
    BEN_TOKEN: Caller(BEN, BEN.organizations),
    SCOPED_TOKEN: Caller(MIA, (ACME.slug,), _READING, sees_profile=False),
}


class Callers:
    """Reads access tokens."""

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
        if grant is None:
            return None
        # The user has chosen one organisation, and the app's scopes are fixed.
        scopes = APP_SCOPES.get(grant.client_id, frozenset())
        return Caller(MIA, (grant.account,), scopes, sees_profile=False)


class Key(msgspec.Struct, frozen=True):
    """What a project is asked with."""

    role: str

    @property
    def is_anonymous(self) -> bool:
        """Tell whether row level security holds."""
        return self.role == "anon"


def secret_key(project: Project) -> str:
    """Return the secret key."""
    return f"sb_secret_{project.ref[:10]}_sandbox"


def publishable_key(project: Project) -> str:
    """Return the publishable key."""
    return f"sb_publishable_{project.ref[:10]}_sandbox"


def legacy_key(project: Project, role: str) -> str:
    """Return the legacy key of a role, which is a JWT."""
    claims = {"iss": "supabase", "ref": project.ref, "role": role, "iat": 1, "exp": 2**32}
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    written = [urlsafe_b64encode(msgspec.json.encode(part)).decode().rstrip("=") for part in parts]
    return ".".join([*written, "sandbox-signature"])


def roles(project: Project) -> dict[str, str]:
    """Return the role behind each key."""
    return {
        secret_key(project): "service_role",
        publishable_key(project): "anon",
        legacy_key(project, "service_role"): "service_role",
        legacy_key(project, "anon"): "anon",
    }
