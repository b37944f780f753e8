"""GitHub's lists as runs read them: whole in the order of creation, or by what has changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypeVar

from src.connectors.github.mapping import issue_to_item, repository_to_container
from src.connectors.github.schemas import (
    Changed,
    Identified,
    InstalledRepositories,
    Issue,
    IssueComment,
    Numbered,
    PullRequest,
    Repository,
    ReviewComment,
)
from src.connectors.rest.ahead import Sheet, read_ahead
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.keyset import by_change
from src.connectors.rest.paginators import LinkHeader
from src.connectors.rest.sheets import LinkedSheets, Turn
from src.models.unified import Comment, Container, Item, Page

PAGES = LinkHeader()
AT_ONCE = 8
"""Requests of one run that are under way: GitHub bears a hundred of everybody's together."""

MINE = List("/user/repos", Repository, PAGES)
OF_ORGANIZATION = List("/orgs/{org}/repos", Repository, PAGES)
OF_INSTALLATION = List(
    "/user/installations/{installation}/repositories",
    Repository,
    PAGES,
    wrapped_in=InstalledRepositories,
)
ALL_ISSUES = List("/issues", Issue, PAGES)
ISSUES = List("/repositories/{repository}/issues", Issue, PAGES)
PULLS = List("/repositories/{repository}/pulls", PullRequest, PAGES)
TALK = List("/repositories/{repository}/issues/comments", IssueComment, PAGES)
REMARKS = List("/repositories/{repository}/pulls/comments", ReviewComment, PAGES)

ALL_STATES = {"state": "all"}
EVERYBODYS = {**ALL_STATES, "filter": "all"}
EVERYTHING = {"affiliation": "owner,collaborator,organization_member"}

_CREATED = {"sort": "created", "direction": "asc"}
_UPDATED = {"sort": "updated", "direction": "asc"}

R = TypeVar("R")
T = TypeVar("T", Container, Item, Comment)
Mapping = Callable[[R], T | None]
Pages = AsyncGenerator[Page[T], None]


def issue_item(issue: Issue, repository: str) -> Item | None:
    """An issue; GitHub lists pull requests among them, which are another stream's."""
    return None if issue.pull_request else issue_to_item(issue, repository, include_body=True)


class Lists:
    """The lists of one run."""

    def __init__(self, rest: RestClient) -> None:
        """All lists share the requests that may be under way."""
        self.rest = rest
        self.turn = Turn(AT_ONCE)
        self.is_partial = False
        """Whether GitHub has kept back some of the account's repositories."""

    async def repository_ids(self) -> Sequence[str]:
        """The ids of all repositories that the account may use, each once."""
        found: dict[str, None] = {}
        async for page in self.mine(None):
            self.is_partial |= page.truncated
            found |= dict.fromkeys(one.id for one in page.items)
        return list(found)

    def mine(self, token: str | None, since: str | None = None) -> Pages[Container]:
        """All repositories that the account may use, also through its organisations.

        Or those of them that were changed since a time.
        """
        if since is None:
            return self.whole(MINE, repository_to_container, EVERYTHING, {}, token)
        return self.changes(MINE, repository_to_container, EVERYTHING, {}, since, token)

    def whole(
        self,
        listing: List[R],
        mapping: Mapping[R, T],
        params: dict[str, str],
        at: dict[str, str],
        token: str | None,
        noted: type[Numbered | Identified] = Identified,
    ) -> Pages[T]:
        """All of a list."""
        sheets = self._sheets(listing, mapping, {**params, **_CREATED}, at, noted)
        return read_ahead(sheets, token, at_once=AT_ONCE)

    def changes(
        self,
        listing: List[R],
        mapping: Mapping[R, T],
        params: dict[str, str],
        at: dict[str, str],
        since: str,
        token: str | None,
    ) -> Pages[T]:
        """What of a list was changed at a time or later."""

        async def read(since: str, number: int) -> Sheet[T]:
            narrowed = {**params, **_UPDATED, "since": since}
            return await self._sheets(listing, mapping, narrowed, at, Changed).read(number)

        return by_change(read, since, token)

    def _sheets(
        self,
        listing: List[R],
        mapping: Mapping[R, T],
        params: dict[str, str],
        at: dict[str, str],
        noted: type[Numbered | Identified | Changed],
    ) -> LinkedSheets[R, T]:
        return LinkedSheets(
            rest=self.rest,
            listing=listing,
            mapping=mapping,
            noted=noted.__struct_fields__[0],
            noted_row=noted,
            known_by="html_url" if noted is Changed else None,
            params=params,
            at=at,
            turn=self.turn,
        )
