"""Issues, pull requests, and what is said about them."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from src.connectors.base import BrowsesComments, refuse_filters
from src.connectors.github import search
from src.connectors.github.discussion import (
    review_fields,
    to_comment,
    to_review,
    to_review_comment,
)
from src.connectors.github.ids import (
    ItemRef,
    parse_installation,
    parse_organization,
    parse_repository,
)
from src.connectors.github.mapping import issue_to_item, parent_number, pull_to_item
from src.connectors.github.schemas import (
    Issue,
    IssueComment,
    PullRequest,
    Repository,
    Review,
    ReviewComment,
    Search,
)
from src.connectors.rest.client import List
from src.connectors.rest.paginators import LinkHeader, chain, fallback, walk
from src.connectors.rest.values import whole_seconds
from src.core.errors import UnsupportedFilter, ValidationFailed
from src.models.query import CommentQuery, ItemQuery, OneItemQuery, PageQuery, Sort
from src.models.unified import Comment, Item, Page

PAGES = LinkHeader()
ISSUES = List("/repositories/{repository}/issues", Issue, PAGES)
SUB_ISSUES = List("/repositories/{repository}/issues/{number}/sub_issues", Issue, PAGES)
PULLS = List("/repositories/{repository}/pulls", PullRequest, PAGES)
FOUND_ISSUES = List("/search/issues", Issue, PAGES, wrapped_in=Search)
COMMENTS = List("/repositories/{repository}/issues/{number}/comments", IssueComment, PAGES)
REVIEW_COMMENTS = List("/repositories/{repository}/pulls/{number}/comments", ReviewComment, PAGES)
REVIEWS = List("/repositories/{repository}/pulls/{number}/reviews", Review, PAGES)

_DIRECTIONS = {Sort.UPDATED_ASCENDING: "asc", Sort.UPDATED_DESCENDING: "desc"}
_TYPES = {"issue", "pull_request"}
_GONE = 410
_NOTHING: Page[Item] = Page(items=())
_MOST = 100


class Work(BrowsesComments):
    """Issues and pull requests of repositories."""

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Issues and pull requests of a repository, by GitHub's default the newest first.

        An organisation or an installation holds repositories only, so it has no items.
        """
        refuse_filters(query, "status", why="GitHub cannot filter by this")
        if query.type is not None and query.type not in _TYPES:
            raise UnsupportedFilter("type", "type must be issue or pull_request")
        if parse_organization(query.container_id) or parse_installation(query.container_id):
            return _NOTHING
        repository = parse_repository(query.container_id, "containerId")
        if query.parent_id:
            return await self._sub_issues(query, repository, query.parent_id)
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
        any_kind = partial(issue_to_item, repository=repository, include_body=query.include_body)

        def of_kind(issue: Issue) -> Item | None:
            """GitHub lists both kinds together; the other kind is left out here."""
            is_pull = issue.pull_request is not None
            return any_kind(issue) if is_pull == (query.type == "pull_request") else None

        since = query.updated_since
        return await self.rest.page(
            ISSUES,
            of_kind if query.type else any_kind,
            query,
            params={**_order(query), "since": whole_seconds(since) if since else None},
            at={"repository": repository},
        )

    async def _sub_issues(self, query: ItemQuery, repository: str, parent_id: str) -> Page[Item]:
        """Children of an issue in its own repository; GitHub filters nothing here, so we do."""
        why = "GitHub cannot do this for the children of an issue"
        refuse_filters(query, "q", "sort", why=why)
        parent = ItemRef.parse(parent_id, "parentId")
        if parent.repository != repository:
            raise ValidationFailed([("parentId", "is in another container")])
        if parent.kind == "pull" or query.type == "pull_request":
            return _NOTHING
        since = query.updated_since and whole_seconds(query.updated_since)

        def mapping(issue: Issue) -> Item | None:
            if parent_number(issue) != parent.number:
                return None
            if query.state not in {None, issue.state} or (
                since and (issue.updated_at or "") < since
            ):
                return None
            return issue_to_item(issue, repository, include_body=query.include_body)

        return await self.rest.page(SUB_ISSUES, mapping, query, at=parent.at)

    async def _pulls(self, query: ItemQuery, repository: str) -> Page[Item]:
        if query.type == "issue":
            return _NOTHING
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
        """One issue, or one pull request with what its reviews come to."""
        ref = ItemRef.parse(query.item_id)
        if ref.kind == "pull":
            return await self._pull(ref, raw=query.include_raw)
        return await self.rest.one(
            "/repositories/{repository}/issues/{number}",
            Issue,
            # A transferred issue is answered from its new place; the id that was asked for stays.
            partial(issue_to_item, repository=ref.repository, number=ref.number, include_body=True),
            raw=query.include_raw,
            **ref.at,
        )

    async def _pull(self, ref: ItemRef, *, raw: bool) -> Item:
        pull = await self.rest.one(
            "/repositories/{repository}/pulls/{number}",
            PullRequest,
            partial(pull_to_item, repository=ref.repository, include_body=True),
            raw=raw,
            **ref.at,
        )

        async def reviews(query: PageQuery) -> Page[Review]:
            return await self.rest.page(REVIEWS, lambda review: review, query, at=ref.at)

        pages = await walk(PageQuery(limit=_MOST), reviews)
        requested = [*pull.fields["requestedReviewers"], *pull.fields["requestedTeams"]]
        found = review_fields([review for page in pages for review in page.items], requested)
        return replace(pull, fields={**pull.fields, **found})

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """The conversation; for a pull request then the comments on its diff, then the reviews."""
        ref = ItemRef.parse(query.item_id)

        async def conversation(query: CommentQuery) -> Page[Comment]:
            return await self.rest.page(COMMENTS, partial(to_comment, ref=ref), query, at=ref.at)

        async def diff(query: CommentQuery) -> Page[Comment]:
            mapping = partial(to_review_comment, ref=ref)
            return await self.rest.page(REVIEW_COMMENTS, mapping, query, at=ref.at)

        async def reviews(query: CommentQuery) -> Page[Comment]:
            return await self.rest.page(REVIEWS, partial(to_review, ref=ref), query, at=ref.at)

        of_pull = (conversation, diff, reviews)
        return await chain(query, of_pull if ref.kind == "pull" else (conversation,))


def _order(query: ItemQuery) -> dict[str, str | None]:
    direction = _DIRECTIONS[query.sort] if query.sort else None
    return {
        "state": query.state or "all",
        "sort": "updated" if direction else None,
        "direction": direction,
    }
