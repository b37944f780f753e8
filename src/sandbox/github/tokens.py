"""The tokens that the imitation knows, and what each may see."""

import msgspec

from src.sandbox.github.records import Account, Repository, World
from src.sandbox.github.seed.people import HUBOT, OCTOCAT

_USUAL = ("read:org", "repo", "user")


class Viewer(msgspec.Struct, frozen=True):
    """Who calls, with a token; scopes of None mean a fine-grained token, which has none."""

    token: str
    account: Account
    scopes: tuple[str, ...] | None

    def has_any(self, *scopes: str) -> bool:
        """Tell whether the token allows it; permissions of a fine-grained one are all granted."""
        return self.scopes is None or not set(scopes).isdisjoint(self.scopes)

    def sees(self, repository: Repository) -> bool:
        """Tell whether a repository exists for this caller: GitHub hides the others with 404."""
        if not repository.private:
            return True
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


_VIEWERS = (
    Viewer("ghp_sandbox_octocat", OCTOCAT, _USUAL),
    Viewer("ghp_sandbox_hubot", HUBOT, _USUAL),
    Viewer("ghp_sandbox_noscope", OCTOCAT, ()),
    Viewer("github_pat_sandbox_octocat", OCTOCAT, None),
)


def find_viewer(authorization: str) -> Viewer | None:
    """Read an Authorization header; `Bearer` and `token` mean the same at GitHub."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() not in {"bearer", "token"}:
        return None
    return next((viewer for viewer in _VIEWERS if viewer.token == token.strip()), None)
