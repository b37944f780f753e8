"""What a form can let its user pick: repositories, branches and files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from src.connectors.base import PicksResources
from src.connectors.github.containers import (
    INSTALLATIONS,
    INSTALLED_REPOSITORIES,
    ORGANIZATION_REPOSITORIES,
    OWN_REPOSITORIES,
    PAGES,
    Owners,
)
from src.connectors.github.files import list_directory, read_tree, search_directory
from src.connectors.github.ids import (
    installation_id,
    organization_id,
    parse_installation,
    parse_organization,
    parse_repository,
    repository_id,
)
from src.connectors.github.mapping import installation_to_container
from src.connectors.github.objects import Ref, Tree
from src.connectors.github.places import Directory, branch_id
from src.connectors.github.schemas import Installation, Organization, Repository
from src.connectors.manifest import ResourceType
from src.connectors.rest.client import List
from src.connectors.rest.paginators import fallback, walk
from src.core.errors import ProviderNotFound, ValidationFailed
from src.models.query import PageQuery, ResourceQuery
from src.models.unified import Page, Resource

BRANCHES = List("/repositories/{repository}/branches", Ref, PAGES)

_REPOSITORY, _BRANCH, _FILE = "github_repo", "github_branch", "github_file"
_EMPTY_REPOSITORY = 409
_MOST = 100
_NOTHING: Page[Resource] = Page(items=())


class RepositoryFilters(BaseModel):
    """Which repositories."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    writable: bool = Field(
        default=False, description="Only those that the account may push to, and not archived ones."
    )


TYPES = (
    ResourceType(name=_REPOSITORY, label="Repository", filters=RepositoryFilters),
    ResourceType(name=_BRANCH, label="Branch", parent=_REPOSITORY, needs_parent=True),
    ResourceType(name=_FILE, label="File", parent=_REPOSITORY, needs_parent=True),
)


class Picker(Owners, PicksResources):
    """Lists of what can be picked."""

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Resources of one type; ``q`` is part of a name.

        Repositories are one flat list; a GitHub App has its installations there, to be opened.
        The parent of files is a repository, a branch or a directory.
        """
        match query.type:
            case "github_repo":
                return await self._repositories(query)
            case "github_branch":
                return await self._branches(query)
            case _:
                return await self._files(query)

    async def _repositories(self, query: ResourceQuery) -> Page[Resource]:
        mapping = partial(_repository, query=query)
        parent = query.parent_id
        if parent is None:
            if await self.is_of_app() and not query.q:
                return await self.rest.page(INSTALLATIONS, _installation, query)
            params = {"sort": "full_name"}
            return await self.rest.page(OWN_REPOSITORIES, mapping, query, params=params)
        if (installation := parse_installation(parent)) is not None:
            at = {"installation": installation}
            return await self.rest.page(INSTALLED_REPOSITORIES, mapping, query, at=at)
        organization = parse_organization(parent)
        if organization is None:
            raise _no_parent("must be the id of an organisation or an installation")
        at = {"org": organization}
        params = {"sort": "full_name"}
        return await self.rest.page(ORGANIZATION_REPOSITORIES, mapping, query, params=params, at=at)

    async def _branches(self, query: ResourceQuery) -> Page[Resource]:
        repository = parse_repository(query.parent_id or "", "parentId")
        wanted = (query.q or "").casefold()

        def mapping(ref: Ref) -> Resource | None:
            """GitHub finds branches by their beginning only, so we look through."""
            if wanted not in ref.name.casefold():
                return None
            return _branch(repository, ref.name)

        return await self.rest.page(BRANCHES, mapping, query, at={"repository": repository})

    async def _files(self, query: ResourceQuery) -> Page[Resource]:
        place = Directory.parse(query.parent_id or "", "parentId")
        reading = search_directory if query.q else list_directory

        async def files(query: ResourceQuery) -> Page[Resource]:
            return await reading(self.rest, place, query)

        async def nothing(_: ResourceQuery) -> Page[Resource]:
            return _NOTHING

        # A repository without any commit answers 409.
        return await fallback(
            query,
            files,
            nothing,
            when=lambda error: error.details.get("status") == _EMPTY_REPOSITORY,
        )

    async def resource_parents(self, resource_type: str, parent_id: str) -> tuple[Resource, ...]:
        """The way to a place; for a directory its repository, its branch, the directories above."""
        if resource_type == _REPOSITORY:
            return (await self._owner(parent_id),)
        place = Directory.parse(parent_id, "parentId")
        if resource_type == _BRANCH and place != Directory(place.repository):
            raise _no_parent("must be the id of a repository")
        found = await self.rest.get(
            "/repositories/{repository}", Repository, repository=place.repository
        )
        way = [_named_repository(found)]
        if place.ref:
            way.append(_branch(place.repository, place.ref))
        return (*way, *await self._directories(place, way[-1].id))

    async def _owner(self, parent_id: str) -> Resource:
        if (login := parse_organization(parent_id)) is not None:
            found = await self.rest.get("/orgs/{org}", Organization, org=login)
            return _owner(organization_id(found.login), found.login)
        number = parse_installation(parent_id)
        if number is None:
            raise _no_parent("must be the id of an organisation or an installation")

        async def installations(query: PageQuery) -> Page[Resource]:
            return await self.rest.page(INSTALLATIONS, _installation, query)

        # GitHub has no address for one of them with a user's token.
        for page in await walk(PageQuery(limit=_MOST), installations):
            for one in page.items:
                if one.id == installation_id(number):
                    return one
        raise ProviderNotFound("There is no such installation.", details={"at": "provider"})

    async def _directories(self, place: Directory, above: str) -> list[Resource]:
        """A directory and those above it; each tree tells the ids of the next ones."""
        if place.tree is None:
            return []
        if place.path is None:
            return [_directory(place, "…", above)]
        names = place.path.split("/")
        at = replace(place, path="", tree=None)
        way: list[Resource] = []
        for name in names[:-1]:
            tree = await read_tree(self.rest, at)
            at = at.below(name, _tree_of(tree, name))
            way.append(_directory(at, name, above))
            above = at.id
        return [*way, _directory(place, names[-1], above)]


def _tree_of(tree: Tree, name: str) -> str:
    for entry in tree.tree:
        if entry.path == name and entry.type == "tree":
            return entry.sha
    raise ProviderNotFound("There is no such directory any more.", details={"at": "provider"})


def _no_parent(why: str) -> ValidationFailed:
    return ValidationFailed([("parentId", why)])


def _repository(repository: Repository, query: ResourceQuery) -> Resource | None:
    """A repository, unless it is called otherwise or may not be written to."""
    if (query.q or "").strip().casefold() not in repository.full_name.casefold():
        return None
    if isinstance(query.filters, RepositoryFilters) and query.filters.writable:
        allowed = repository.permissions
        if repository.archived or allowed is None or not allowed.push:
            return None
    return _named_repository(repository, query.parent_id)


def _named_repository(repository: Repository, parent_id: str | None = None) -> Resource:
    return Resource(
        id=repository_id(repository.id),
        name=repository.full_name,
        type=_REPOSITORY,
        parent_id=parent_id,
        url=repository.html_url,
    )


def _installation(installation: Installation) -> Resource | None:
    container = installation_to_container(installation)
    return None if container is None else _owner(container.id, container.name)


def _owner(owner_id: str, name: str) -> Resource:
    """What holds repositories: to be opened, not to be picked."""
    return Resource(id=owner_id, name=name, type=_REPOSITORY, has_children=True, selectable=False)


def _branch(repository: str, name: str) -> Resource:
    parent = repository_id(repository)
    return Resource(id=branch_id(repository, name), name=name, type=_BRANCH, parent_id=parent)


def _directory(place: Directory, name: str, above: str) -> Resource:
    return Resource(
        id=place.id, name=name, type=_FILE, parent_id=above, has_children=True, selectable=False
    )
