"""Organisations, installations and repositories."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from src.connectors.base import BrowsesContainers, refuse_filters
from src.connectors.github import search
from src.connectors.github.credentials import APP_USER
from src.connectors.github.ids import parse_installation, parse_organization, parse_repository
from src.connectors.github.mapping import (
    installation_to_container,
    organization_to_container,
    repository_to_container,
)
from src.connectors.github.schemas import (
    Installation,
    Installations,
    InstalledRepositories,
    Organization,
    Repository,
    Search,
    User,
)
from src.connectors.github.sites import GitHubConfig
from src.connectors.rest.client import List
from src.connectors.rest.paginators import LinkHeader, chain
from src.core.errors import UnsupportedFilter
from src.models.query import ContainerQuery
from src.models.unified import Container, Page

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = LinkHeader()
ORGANIZATIONS = List("/user/orgs", Organization, PAGES)
OWN_REPOSITORIES = List("/user/repos", Repository, PAGES)
ORGANIZATION_REPOSITORIES = List("/orgs/{org}/repos", Repository, PAGES)
INSTALLATIONS = List("/user/installations", Installation, PAGES, wrapped_in=Installations)
INSTALLED_REPOSITORIES = List(
    "/user/installations/{installation}/repositories",
    Repository,
    PAGES,
    wrapped_in=InstalledRepositories,
)
FOUND_REPOSITORIES = List("/search/repositories", Repository, PAGES, wrapped_in=Search)

_FULL_NAME = re.compile(r"([A-Za-z0-9_-]{1,100})/((?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100})")
_TYPES = ("organization", "installation", "repository")
_NOTHING: Page[Container] = Page(items=())


class Owners(BrowsesContainers):
    """What a token reaches, from the top down."""

    @property
    def site(self) -> GitHubConfig:
        """Which GitHub this is."""
        return self.config if isinstance(self.config, GitHubConfig) else GitHubConfig()

    async def is_of_app(self) -> bool:
        """Whether the token is a GitHub App's, for a user."""
        return await self.rest.credential_kind() == APP_USER

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """At the top organisations, then own repositories; a GitHub App has installations there.

        ``q`` is a whole ``owner/name``, or words of a repository's name.
        """
        if query.type is not None and query.type not in _TYPES:
            raise UnsupportedFilter("type", f"type must be one of: {', '.join(_TYPES)}")
        if query.parent_id:
            return await self._below(query.parent_id, query)
        if query.type in {"organization", "installation"}:
            refuse_filters(query, "q", why="owners of repositories cannot be searched")
        if query.q:
            return await self.find_repositories(query)
        return await self._top(query)

    async def _below(self, parent_id: str, query: ContainerQuery) -> Page[Container]:
        organization = parse_organization(parent_id)
        installation = parse_installation(parent_id)
        if organization is None and installation is None:
            parse_repository(parent_id, "parentId")
            return _NOTHING
        if query.type not in {None, "repository"}:
            return _NOTHING
        if installation is not None:
            return await self.installed_repositories(installation, query)
        if query.q:
            return await self.find_repositories(query, organization)
        return await self.rest.page(
            ORGANIZATION_REPOSITORIES,
            repository_to_container,
            query,
            params={"sort": "full_name"},
            at={"org": organization or ""},
        )

    async def _top(self, query: ContainerQuery) -> Page[Container]:
        match query.type:
            case "repository":
                return await self._own_repositories(query)
            case "organization":
                self.need_scopes("read:org")
                return await self._organizations(query)
            case "installation":
                return await self._installations(query)
            case _:
                return await self._everything(query)

    async def _everything(self, query: ContainerQuery) -> Page[Container]:
        if await self.is_of_app():
            return await self._installations(query)
        if self.missing_scopes("read:org"):
            # GitHub would refuse the whole list of organisations, and the repositories with it.
            page = await self._own_repositories(query)
            return Page(items=page.items, next_token=page.next_token, truncated=True)
        return await chain(query, (self._organizations, self._own_repositories))

    async def _installations(self, query: ContainerQuery) -> Page[Container]:
        if not await self.is_of_app():
            raise UnsupportedFilter("type", "only a GitHub App's token has installations")
        return await self.rest.page(INSTALLATIONS, installation_to_container, query)

    async def installed_repositories(
        self, installation: str, query: ContainerQuery
    ) -> Page[Container]:
        """The repositories of an installation; GitHub cannot search in them, so we look through."""
        return await self.rest.page(
            INSTALLED_REPOSITORIES,
            _named(query.q, partial(repository_to_container, installation=installation)),
            query,
            at={"installation": installation},
        )

    async def _organizations(self, query: ContainerQuery) -> Page[Container]:
        mapping = partial(organization_to_container, web=self.site.web)
        return await self.rest.page(ORGANIZATIONS, mapping, query)

    async def _own_repositories(self, query: ContainerQuery) -> Page[Container]:
        # A fine-grained token gets an empty list of organisations, so it finds theirs here.
        affiliation = "owner,collaborator"
        if self.granted_scopes is None:
            affiliation += ",organization_member"
        return await self.rest.page(
            OWN_REPOSITORIES,
            repository_to_container,
            query,
            params={"affiliation": affiliation, "sort": "full_name"},
        )

    async def find_repositories(
        self, query: ContainerQuery, organization: str | None = None
    ) -> Page[Container]:
        """Repositories by name: of the account, or of an organisation."""
        q = query.q or ""
        if named := _FULL_NAME.fullmatch(q.strip()):
            return await self._named_repository(named[1], named[2], query, organization)
        owner = f"org:{organization}" if organization else ""
        # A later page is an address that GitHub gave; only the first is asked for in words.
        if not owner and query.token is None:
            me = await self.rest.get("/user", User)
            owner = f"user:{me.login}"
        return await self.rest.page(
            FOUND_REPOSITORIES,
            repository_to_container,
            query,
            params={"q": search.repositories(q, owner)},
        )

    async def _named_repository(
        self, owner: str, name: str, query: ContainerQuery, organization: str | None
    ) -> Page[Container]:
        if organization is not None and owner.lower() != organization.lower():
            return _NOTHING
        found = await self.rest.find_one(
            "/repos/{owner}/{repo}",
            Repository,
            repository_to_container,
            raw=query.include_raw,
            owner=owner,
            repo=name,
        )
        return Page(items=() if found is None else (found,))


def _named(
    q: str | None, mapping: Callable[[Repository], Container]
) -> Callable[[Repository], Container | None]:
    """A mapping that leaves out what is called otherwise."""
    wanted = (q or "").strip().lower()
    return lambda found: mapping(found) if wanted in found.full_name.lower() else None
