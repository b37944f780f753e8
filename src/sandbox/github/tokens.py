"""The tokens that the imitation knows, and what each may see."""

from typing import TYPE_CHECKING

import msgspec

from src.sandbox.github.oauth import GITHUB_APP, IMPLIED, SPEC
from src.sandbox.github.records import Account, Installation, Repository, World
from src.sandbox.github.seed.people import HUBOT, OCTOCAT, PEOPLE
from src.sandbox.github.seed.world import INSTALLATIONS

if TYPE_CHECKING:
    from src.sandbox.kit.oauth import OAuthServer

_USUAL = ("read:org", "repo", "user")


class Viewer(msgspec.Struct, frozen=True):
    """Who calls, with a token; scopes of None mean that it has none, but fixed permissions.

    These are a fine-grained token and one of a GitHub App.
    """

    token: str
    account: Account
    scopes: tuple[str, ...] | None
    reads_only: bool = False

    @property
    def is_of_app(self) -> bool:
        """Tell whether the token is a GitHub App's, which reaches no further than the app."""
        return self.token.startswith("ghu_")

    def installations(self, world: World) -> list[Installation]:
        """Return where the app is installed and the user may look."""
        login = self.account.login
        return [
            one for one in world.installations if login in {one.account.login, *one.account.members}
        ]

    def has_any(self, *scopes: str) -> bool:
        """Tell whether the token allows it; fixed permissions are all granted."""
        if self.scopes is None:
            return True
        held = {*self.scopes, *(one for wider in self.scopes for one in IMPLIED.get(wider, ()))}
        return not held.isdisjoint(scopes)

    def sees(self, repository: Repository) -> bool:
        """Tell whether a repository exists for this caller: GitHub hides the others with 404."""
        if not repository.private:
            return True
        if self.is_of_app and not any(one.covers(repository) for one in INSTALLATIONS):
            return False
        return self.has_any("repo") and self.relation(repository) is not None

    def relation(self, repository: Repository) -> str | None:
        """Return the affiliation by which the repository is the caller's, if any."""
        login = self.account.login
        if repository.owner.login == login:
            return "owner"
        if login in repository.owner.members:
            return "organization_member"
        return "collaborator" if login in repository.collaborators else None

    def repositories(self, world: World) -> list[Repository]:
        """Return everything visible; what was taken down is in no list."""
        return [one for one in world.repositories if self.sees(one) and not one.blocked]


_PEOPLE = {account.login: account for account in PEOPLE}
_KNOWN = {
    viewer.token: viewer
    for viewer in (
        Viewer("ghp_sandbox_octocat", OCTOCAT, _USUAL),
        Viewer("ghp_sandbox_hubot", HUBOT, _USUAL),
        Viewer("ghp_sandbox_noscope", OCTOCAT, ()),
        Viewer("github_pat_sandbox_octocat", OCTOCAT, None),
        Viewer("github_pat_sandbox_reader", OCTOCAT, None, reads_only=True),
        Viewer("ghp_sandbox_workflow", OCTOCAT, (*_USUAL, "workflow")),
        Viewer("ghu_sandbox_octocat", OCTOCAT, None),
    )
}


class Viewers:
    """Everybody who may call: the known tokens, and those that the authorization server gave."""

    def __init__(self, oauth: "OAuthServer") -> None:
        """Ask the server for tokens that are not known."""
        self._oauth = oauth

    async def find(self, authorization: str) -> Viewer | None:
        """Read an Authorization header; `Bearer` and `token` mean the same at GitHub."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in {"bearer", "token"}:
            return None
        return _KNOWN.get(token.strip()) or await self._authorized(token.strip())

    async def _authorized(self, token: str) -> Viewer | None:
        grant = await self._oauth.grant_of(token)
        account = _PEOPLE.get(grant.account) if grant else None
        if grant is None or account is None:
            return None
        has_scopes = grant.client_id != GITHUB_APP.client_id
        scopes = tuple(sorted(SPEC.normalized(grant.scopes)))
        return Viewer(token, account, scopes if has_scopes else None)
