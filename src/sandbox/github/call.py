"""One call: who asks, for which repository, for which issue, with which parameters."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from src.sandbox.github import errors
from src.sandbox.kit import base_url, json_answer, paginate, provider_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.github.records import Issue, Pull, Repository, World
    from src.sandbox.github.tokens import Viewer
    from src.sandbox.github.writings import Writings

T = TypeVar("T")
_REPOS_PARTS = 4
_ID_PARTS = 3


class Call:
    """Reads a request the way GitHub does; what cannot be answered is raised as Refused."""

    def __init__(self, request: "Request") -> None:
        """Take the caller that the gate has found."""
        self.request = request
        self.params = request.query_params
        self.api = base_url(request)
        self.viewer: Viewer = request.scope["github.viewer"]

    @property
    def world(self) -> "World":
        """Return the seed, with what was written since."""
        found: World = self.request.scope["github.world"]
        return found

    def repository(self) -> "Repository":
        """Find the repository of `/repos/{owner}/{repo}` or `/repositories/{id}`."""
        names = self.request.path_params
        if "id" in names:
            wanted = number(names["id"])
            found = next((one for one in self.world.repositories if one.id == wanted), None)
        else:
            found = self._named(f"{names['owner']}/{names['repo']}")
        if found is None or not self.viewer.sees(found):
            raise errors.not_found()
        if found.blocked:
            raise errors.blocked()
        return found

    def issue(self, repo: "Repository") -> "Issue":
        """Find the issue or pull request of `{number}`."""
        wanted = number(self.request.path_params["number"])
        if wanted in repo.deleted:
            raise errors.deleted()
        for old, new_repository, new in repo.transferred:
            if wanted == old:
                rest = self._rest(provider_path(self.request.scope)).removeprefix(f"/issues/{old}")
                place = f"/repositories/{new_repository}/issues/{new}{rest}"
                raise errors.moved(f"{self.api}{place}{self._query()}")
        found = next((one for one in repo.issues if one.number == wanted), None)
        if found is None:
            raise errors.not_found()
        if found.pull is None and not repo.has_issues:
            raise errors.issues_disabled()
        return found

    def pull(self, repo: "Repository") -> "tuple[Issue, Pull]":
        """Find the pull request of `{number}`; an issue is none."""
        wanted = number(self.request.path_params["number"])
        for one in repo.issues:
            if one.number == wanted and one.pull is not None:
                return one, one.pull
        raise errors.not_found()

    def writable(self, permission: str, *, needs_push: bool) -> "Repository":
        """Find the repository, and refuse those who may not write to it, each in GitHub's way."""
        repo = self.repository()
        if repo.archived:
            raise errors.archived()
        if self.viewer.reads_only:
            raise errors.no_permission(permission)
        allowed = self.viewer.has_any("repo", *(() if repo.private else ("public_repo",)))
        if not allowed or (needs_push and self.viewer.relation(repo) is None):
            raise errors.not_found()
        return repo

    @property
    def writings(self) -> "Writings":
        """Return the journal of what is written."""
        found: Writings = self.request.scope["github.writings"]
        return found

    def now(self) -> str:
        """Return this moment as GitHub writes it."""
        moment: float = self.request.scope["github.now"]
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def body(self, kind: "type[T]") -> T:
        """Read the JSON of a request."""
        content = await self.request.body()
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.ValidationError as error:
            raise errors.unprocessable(f"Invalid request.\n\n{error}") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise errors.not_json() from error

    def choice(self, name: str, allowed: "Collection[str]", default: str, resource: str) -> str:
        """Return a parameter that knows only certain values."""
        value = self.params.get(name) or default
        if value not in allowed:
            raise errors.invalid(resource, name, value=value)
        return value

    def instant(self, name: str, resource: str) -> str | None:
        """Return a moment in GitHub's own form, so that it compares as text."""
        value = self.params.get(name)
        if not value:
            return None
        moment = parse_instant(value)
        if moment is None:
            raise errors.invalid(resource, name, value=value)
        return moment

    def answer_page(
        self, items: "Sequence[T]", show: "Callable[[T], Any]", path: str | None = None
    ) -> "Response":
        """Answer with the page that was asked for."""
        page, headers = paginate(self.request, items, path=path)
        return json_answer([show(one) for one in page], headers=headers)

    def canonical(self, repo: "Repository") -> str:
        """Return the path by id, which GitHub puts into its Link headers."""
        return f"/repositories/{repo.id}{self._rest(provider_path(self.request.scope))}"

    def _named(self, full_name: str) -> "Repository | None":
        name = full_name.lower()
        for old, new_id in self.world.renamed:
            if old.lower() == name:
                rest = self._rest(provider_path(self.request.scope))
                raise errors.moved(f"{self.api}/repositories/{new_id}{rest}{self._query()}")
        found = (one for one in self.world.repositories if one.full_name.lower() == name)
        return next(found, None)

    def _query(self) -> str:
        return f"?{self.request.url.query}" if self.request.url.query else ""

    def _rest(self, path: str) -> str:
        parts = _REPOS_PARTS if path.startswith("/repos/") else _ID_PARTS
        return "".join(f"/{part}" for part in path.split("/")[parts:])


def number(text: str) -> int:
    """Read an id from a path; what is none does not exist."""
    if not text.isascii() or not text.isdigit():
        raise errors.not_found()
    return int(text[:20])


def parse_instant(text: str) -> str | None:
    """Read ISO 8601 in any offset; a `+` that arrived as a space is repaired."""
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
