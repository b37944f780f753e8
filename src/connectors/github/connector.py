"""GitHub: organisations and repositories, issues and pull requests, comments and reviews."""

from __future__ import annotations

import re
from functools import partial

from src.connectors.base import BrowsesComments, Identity, refuse_filters
from src.connectors.github import search
from src.connectors.github.ids import ItemRef, parse_organization, parse_repository
from src.connectors.github.manifest import MANIFEST
from src.connectors.github.mapping import (
    issue_to_item,
    organization_to_container,
    pull_to_item,
    repository_to_container,
    to_account,
    to_comment,
    to_review_comment,
)
from src.connectors.github.schemas import (
    Issue,
    IssueComment,
    Organization,
    PullRequest,
    Repository,
    ReviewComment,
    Search,
    User,
)
from src.connectors.rest.client import List
from src.connectors.rest.decoding import decode
from src.connectors.rest.paginators import LinkHeader, chain, fallback
from src.connectors.rest.tokens import split_scopes
from src.connectors.rest.values import whole_seconds
from src.core.errors import UnsupportedFilter
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery, Sort
from src.models.unified import Comment, Container, Item, Page

PAGES = LinkHeader()
ORGANIZATIONS = List("/user/orgs", Organization, PAGES)
OWN_REPOSITORIES = List("/user/repos", Repository, PAGES)
ORGANIZATION_REPOSITORIES = List("/orgs/{org}/repos", Repository, PAGES)
FOUND_REPOSITORIES = List("/search/repositories", Repository, PAGES, wrapped_in=Search)
ISSUES = List("/repositories/{repository}/issues", Issue, PAGES)
PULLS = List("/repositories/{repository}/pulls", PullRequest, PAGES)
FOUND_ISSUES = List("/search/issues", Issue, PAGES, wrapped_in=Search)
COMMENTS = List("/repositories/{repository}/issues/{number}/comments", IssueComment, PAGES)
REVIEW_COMMENTS = List("/repositories/{repository}/pulls/{number}/comments", ReviewComment, PAGES)

_FULL_NAME = re.compile(r"([A-Za-z0-9_-]{1,100})/((?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100})")
_DIRECTIONS = {Sort.UPDATED_ASCENDING: "asc", Sort.UPDATED_DESCENDING: "desc"}
_CONTAINER_TYPES = {"organization", "repository"}
_ITEM_TYPES = {"issue", "pull_request"}
_GONE = 410


class GitHubConnector(BrowsesComments):
    """One GitHub account."""

    manifest = MANIFEST

    async def identify(self) -> Identity:
        """The user, and the scopes of a classic token (a fine-grained one has no such header)."""
        response = await self.rest.call("GET", "/user")
        scopes = response.headers.get("x-oauth-scopes")
        granted = None if scopes is None else split_scopes(scopes)
        return Identity(to_account(decode(response.content, User)), granted)

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """At the top organisations, then own repositories; below an organisation its repositories.

        ``q`` is a whole ``owner/name``, or words of a repository's name.
        """
        if query.type is not None and query.type not in _CONTAINER_TYPES:
            raise UnsupportedFilter("type", "type must be organization or repository")
        organization = parse_organization(query.parent_id) if query.parent_id else None
        if query.parent_id and organization is None:
            parse_repository(query.parent_id, "parentId")
            return Page(items=())
        if query.type == "organization":
            refuse_filters(query, "q", why="organizations cannot be searched")
        if query.q:
            return await self._find_repositories(query, organization)
        if organization is not None:
            return await self._organization_repositories(organization, query)
        return await self._top(query)

    async def _top(self, query: ContainerQuery) -> Page[Container]:
        if query.type == "repository":
            return await self._own_repositories(query)
        if query.type == "organization":
            self.need_scopes("read:org")
            return await self._organizations(query)
        if self.missing_scopes("read:org"):
            # GitHub would refuse the whole list of organisations, and the repositories with it.
            page = await self._own_repositories(query)
            return Page(items=page.items, next_token=page.next_token, truncated=True)
        return await chain(query, (self._organizations, self._own_repositories))

    async def _organizations(self, query: ContainerQuery) -> Page[Container]:
        return await self.rest.page(ORGANIZATIONS, organization_to_container, query)

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

    async def _organization_repositories(
        self, organization: str, query: ContainerQuery
    ) -> Page[Container]:
        if query.type == "organization":
            return Page(items=())
        return await self.rest.page(
            ORGANIZATION_REPOSITORIES,
            repository_to_container,
            query,
            params={"sort": "full_name"},
            at={"org": organization},
        )

    async def _find_repositories(
        self, query: ContainerQuery, organization: str | None
    ) -> Page[Container]:
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
            return Page(items=())
        found = await self.rest.find_one(
            "/repos/{owner}/{repo}",
            Repository,
            repository_to_container,
            raw=query.include_raw,
            owner=owner,
            repo=name,
        )
        return Page(items=() if found is None else (found,))

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Issues and pull requests of a repository, by GitHub's default the newest first.

        An organisation holds repositories only, so it has no items.
        """
        refuse_filters(query, "parent_id", "status", why="GitHub cannot filter by this")
        if query.type is not None and query.type not in _ITEM_TYPES:
            raise UnsupportedFilter("type", "type must be issue or pull_request")
        if parse_organization(query.container_id):
            return Page(items=())
        repository = parse_repository(query.container_id, "containerId")
        if query.q:
            return await self._search(query, repository)
        pulls = partial(self._pulls, repository=repository)
        if query.type == "pull_request" and query.updated_since is None:
            return await pulls(query)
        # A repository with its issues switched off answers 410 to them, and still has pulls.
        return await fallback(
            query,
            partial(self._issues, repository=repository),
            pulls,
            when=lambda error: error.details.get("status") == _GONE,
        )

    async def _issues(self, query: ItemQuery, repository: str) -> Page[Item]:
        def mapping(issue: Issue) -> Item | None:
            """GitHub lists both kinds together; the other kind is left out here."""
            if query.type and (query.type == "pull_request") != (issue.pull_request is not None):
                return None
            return issue_to_item(issue, repository, include_body=query.include_body)

        since = query.updated_since
        return await self.rest.page(
            ISSUES,
            mapping,
            query,
            params={**_order(query), "since": whole_seconds(since) if since else None},
            at={"repository": repository},
        )

    async def _pulls(self, query: ItemQuery, repository: str) -> Page[Item]:
        if query.type == "issue":
            return Page(items=())
        since = query.updated_since and whole_seconds(query.updated_since)

        def mapping(pull: PullRequest) -> Item | None:
            """The list of pull requests knows no ``since``."""
            if since and (pull.updated_at or "") < since:
                return None
            return pull_to_item(pull, repository, include_body=query.include_body)

        return await self.rest.page(
            PULLS, mapping, query, params=_order(query), at={"repository": repository}
        )

    async def _search(self, query: ItemQuery, repository: str) -> Page[Item]:
        name = ""
        if query.token is None:
            # Later pages are addresses that GitHub gave; only the first is asked for in words.
            named = await self.rest.get(
                "/repositories/{repository}", Repository, repository=repository
            )
            name = named.full_name
        order = _DIRECTIONS[query.sort] if query.sort else None
        return await self.rest.page(
            FOUND_ISSUES,
            partial(issue_to_item, repository=repository, include_body=query.include_body),
            query,
            params={
                "q": search.issues(query, name),
                "sort": "updated" if order else None,
                "order": order,
            },
        )

    async def item(self, query: OneItemQuery) -> Item:
        """One issue or pull request."""
        ref = ItemRef.parse(query.item_id)
        at: dict[str, str | int] = {"repository": ref.repository, "number": ref.number}
        if ref.kind == "pull":
            return await self.rest.one(
                "/repositories/{repository}/pulls/{number}",
                PullRequest,
                partial(pull_to_item, repository=ref.repository, include_body=True),
                raw=query.include_raw,
                **at,
            )
        return await self.rest.one(
            "/repositories/{repository}/issues/{number}",
            Issue,
            # A transferred issue is answered from its new place; the id that was asked for stays.
            partial(issue_to_item, repository=ref.repository, number=ref.number, include_body=True),
            raw=query.include_raw,
            **at,
        )

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """The conversation; for a pull request then the comments on its diff."""
        ref = ItemRef.parse(query.item_id)
        at: dict[str, str | int] = {"repository": ref.repository, "number": ref.number}

        async def conversation(query: CommentQuery) -> Page[Comment]:
            return await self.rest.page(COMMENTS, partial(to_comment, ref=ref), query, at=at)

        async def review(query: CommentQuery) -> Page[Comment]:
            mapping = partial(to_review_comment, ref=ref)
            return await self.rest.page(REVIEW_COMMENTS, mapping, query, at=at)

        return await chain(query, (conversation, review) if ref.kind == "pull" else (conversation,))


def _order(query: ItemQuery) -> dict[str, str | None]:
    direction = _DIRECTIONS[query.sort] if query.sort else None
    return {
        "state": query.state or "all",
        "sort": "updated" if direction else None,
        "direction": direction,
    }
