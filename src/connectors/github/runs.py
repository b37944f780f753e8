"""Runs of GitHub's streams: repositories, issues, pull requests, comments.

A full run reads each list in the order of creation, several pages ahead. An incremental one reads
in the order of change from the checkpoint on; for issues that is one list over all repositories.

Sources: docs.github.com/rest, "List repository issues", "List issues assigned to the authenticated
user" (``filter=all``: all that the account can see), "List issue comments for a repository".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from src.connectors import overlap
from src.connectors.github import lists
from src.connectors.github.discussion import repository_comment, repository_review_comment
from src.connectors.github.ids import (
    parse_installation,
    parse_organization,
    parse_repository,
    repository_id,
)
from src.connectors.github.lists import ALL_STATES, EVERYBODYS, Lists, Mapping, R, T, issue_item
from src.connectors.github.mapping import listed_pull, repository_to_container
from src.connectors.github.schemas import Issue, Numbered, PullRequest, Repository
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.values import whole_seconds
from src.connectors.syncing import PartPage, Parts, ReadPart, SyncPage, SyncQuery, over_parts
from src.core.errors import SkipThis
from src.models.query import PageQuery
from src.models.unified import Comment, Container, Item, Page

_PARTS = 4
_MOST_CHANGES = 20
"""Pages of changes that are looked through for repositories, before all are asked instead."""
_GONE = 410


FindRepositories = Callable[[Lists], Awaitable[Sequence[str]]]


class Run:
    """One run, or what is left of it."""

    def __init__(self, rest: RestClient, query: SyncQuery, find: FindRepositories) -> None:
        """``find`` finds the ids of all repositories that the account lists."""
        self._rest = rest
        self._lists = Lists(rest)
        self._query = query
        self._repositories = partial(find, self._lists)
        moment = overlap.since(query)
        self._since = None if moment is None else whole_seconds(moment)

    def issues(self) -> AsyncGenerator[SyncPage, None]:
        """Issues of each repository, or in one list all that has changed."""
        return self._everywhere() if self._is_of_all else self._of_each(self._issues)

    def pulls(self) -> AsyncGenerator[SyncPage, None]:
        """Pull requests of each repository, or of those where one has changed."""
        parts = self._touched if self._is_of_all else self._repositories
        return self._of_each(self._pulls, parts)

    def comments(self) -> AsyncGenerator[SyncPage, None]:
        """The conversations of each repository, then what is said about lines of code."""
        return self._of_each(self._comments)

    def containers(self, parts: Parts | None) -> AsyncGenerator[SyncPage, None]:
        """Repositories: all of the account in one list, or those of each part."""
        if parts is None:
            return self._mine()
        return over_parts(self._query, parts, self._held, at_once=_PARTS)

    @property
    def _is_of_all(self) -> bool:
        return self._since is not None and self._query.container_ids is None

    async def _of_each(
        self, read: ReadPart, parts: Parts | None = None
    ) -> AsyncGenerator[SyncPage, None]:
        async def of_repository(part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
            if parse_organization(part) or parse_installation(part):
                # They hold repositories only, and these are parts of their own.
                yield PartPage()
                return
            async with aclosing(read(parse_repository(part, "containerIds"), token)) as pages:
                async for page in pages:
                    yield page

        run = over_parts(self._query, parts or self._repositories, of_repository, at_once=_PARTS)
        async with aclosing(run):
            async for page in run:
                # What is in repositories that were kept back is not gone.
                is_partial = page.plan is not None and self._lists.is_partial
                yield replace(page, truncated=True) if is_partial else page

    async def _everywhere(self) -> AsyncGenerator[SyncPage, None]:
        def mapping(issue: Issue) -> Item | None:
            return issue_item(issue, issue.home)

        async with aclosing(self._changed_issues(mapping, self._query.position)) as pages:
            async for page in pages:
                yield _sync_page(page)

    async def _touched(self) -> Sequence[str]:
        """Repositories in which a pull request has changed."""
        found: dict[str, None] = {}

        def mapping(issue: Issue) -> Item | None:
            if issue.pull_request:
                found[repository_id(issue.home)] = None
            return None

        count = 0
        async with aclosing(self._changed_issues(mapping, None)) as pages:
            async for _ in pages:
                count += 1
                if count > _MOST_CHANGES:
                    return await self._repositories()
        return list(found)

    def _changed_issues(
        self, mapping: Mapping[Issue, Item], token: str | None
    ) -> lists.Pages[Item]:
        since = self._since or ""
        return self._lists.changes(lists.ALL_ISSUES, mapping, EVERYBODYS, {}, since, token)

    async def _issues(self, repository: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        mapping = partial(issue_item, repository=repository)
        at = {"repository": repository}
        given = (lists.ISSUES, mapping, ALL_STATES, at)
        if self._since is None:
            pages = self._lists.whole(*given, token, Numbered)
        else:
            pages = self._lists.changes(*given, self._since, token)
        async with aclosing(_where_switched_on(pages)) as found:
            async for page in found:
                yield page

    async def _pulls(self, repository: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        mapping = partial(listed_pull, repository=repository)
        at = {"repository": repository}
        if self._since is None:
            pages = self._lists.whole(lists.PULLS, mapping, ALL_STATES, at, token, Numbered)
        else:
            pages = self._latest_pulls(mapping, at, self._since, token)
        async with aclosing(pages):
            async for page in pages:
                yield _part_page(page)

    async def _latest_pulls(
        self,
        mapping: Mapping[PullRequest, Item],
        at: dict[str, str],
        since: str,
        token: str | None,
    ) -> AsyncGenerator[Page[Item], None]:
        """The latest first, for this list knows no ``since``: what moves on is met twice."""
        query = PageQuery(limit=100, token=token)
        older = 0

        def fresh(pull: PullRequest) -> Item | None:
            nonlocal older
            older += (pull.updated_at or "") < since
            return None if older else mapping(pull)

        while True:
            async with self._lists.turn:
                params = {**ALL_STATES, "sort": "updated", "direction": "desc"}
                page = await self._rest.page(lists.PULLS, fresh, query, params=params, at=at)
            following = None if older else page.next_token
            yield Page(
                items=page.items,
                next_token=following,
                truncated=page.truncated,
                asked_at=page.asked_at,
            )
            if following is None:
                return
            query = replace(query, token=following)

    async def _comments(self, repository: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        number, _, inner = (token or "0~").partition("~")
        if number == "0":
            talk = partial(repository_comment, repository=repository)
            async with aclosing(
                _where_switched_on(self._said(lists.TALK, talk, repository, inner))
            ) as found:
                async for page in found:
                    following = f"0~{page.next_token}" if page.next_token else "1~"
                    yield replace(page, next_token=following)
            inner = ""
        remarks = partial(repository_review_comment, repository=repository)
        async with aclosing(self._said(lists.REMARKS, remarks, repository, inner)) as pages:
            async for each in pages:
                following = f"1~{each.next_token}" if each.next_token else ""
                yield replace(_part_page(each), next_token=following or None)

    def _said(
        self, listing: List[R], mapping: Mapping[R, Comment], repository: str, token: str
    ) -> lists.Pages[Comment]:
        at = {"repository": repository}
        if self._since is None:
            return self._lists.whole(listing, mapping, {}, at, token or None)
        return self._lists.changes(listing, mapping, {}, at, self._since, token or None)

    async def _mine(self) -> AsyncGenerator[SyncPage, None]:
        async with aclosing(self._lists.mine(self._query.position, self._since)) as pages:
            async for page in pages:
                yield _sync_page(page)

    async def _held(self, part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        """Repositories of an organisation or an installation, or one by its own id."""
        organization, installation = parse_organization(part), parse_installation(part)
        if organization is None and installation is None:
            yield PartPage(records=[await self._repository(parse_repository(part, "containerIds"))])
            return
        if organization is not None:
            listing, at = lists.OF_ORGANIZATION, {"org": organization}
        else:
            listing, at = lists.OF_INSTALLATION, {"installation": installation or ""}
        pages = self._lists.whole(listing, repository_to_container, {}, at, token)
        async with aclosing(pages):
            async for page in pages:
                yield _part_page(page)

    async def _repository(self, repository: str) -> Container:
        return await self._rest.one(
            "/repositories/{repository}",
            Repository,
            repository_to_container,
            raw=False,
            repository=repository,
        )


def _sync_page(page: Page[T]) -> SyncPage:
    return SyncPage(
        records=page.items,
        position=page.next_token,
        truncated=page.truncated,
        asked_at=page.asked_at,
    )


def _part_page(page: Page[T]) -> PartPage:
    return PartPage(
        records=page.items,
        next_token=page.next_token,
        truncated=page.truncated,
        asked_at=page.asked_at,
    )


async def _where_switched_on(pages: lists.Pages[T]) -> AsyncGenerator[PartPage, None]:
    """A repository that has its issues switched off answers 410, and has none."""
    try:
        async with aclosing(pages):
            async for page in pages:
                yield _part_page(page)
    except SkipThis as error:
        if error.details.get("status") != _GONE:
            raise
        yield PartPage()
