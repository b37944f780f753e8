"""A Jira at work: what the cloud and a data center have in common, and where they differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, TypeVar

import msgspec

from src.connectors.jira.mapping import Reader
from src.connectors.jira.schemas import (
    Board,
    Comment,
    CommentPage,
    Created,
    Issue,
    Myself,
    Project,
    TalkedIssue,
    Transition,
    Transitions,
    Values,
    WholeIssue,
)
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.paginators import Offset
from src.models import unified
from src.models.query import CommentQuery, OneItemQuery, PageQuery
from src.models.unified import Item, Page

T = TypeVar("T", bound=msgspec.Struct)

_UNKNOWN_END = 10**9


def reach(page: Values[Any]) -> int:
    """How many rows there are, for a page that tells it in one way or the other."""
    if page.is_last:
        return 0
    return _UNKNOWN_END if page.total is None else page.total


def total(page: Any) -> int:
    """How many rows there are."""
    count: int = page.total
    return count


BY_OFFSET = Offset("startAt", "maxResults", reach)
COMMENTS = List(
    "/issue/{issue}/comment",
    Comment,
    Offset("startAt", "maxResults", total),
    wrapped_in=CommentPage,
)
BOARDS = List("/rest/agile/1.0/board", Board, BY_OFFSET, wrapped_in=Values)


class Installation(ABC):
    """Where issues are. ``rest`` is below the version of the API, ``root`` below the site."""

    root_clause: ClassVar[str]
    """What a query says of issues that stand below no other."""
    found: ClassVar[List[Issue]]
    found_whole: ClassVar[List[WholeIssue]]
    """The search, for issues with known fields and with any."""
    found_again: ClassVar[List[Issue]]
    found_whole_again: ClassVar[List[WholeIssue]]
    found_talk: ClassVar[List[TalkedIssue]]
    """The same for runs, where ``overlaps`` says so with the last issue of the page before."""
    overlaps: ClassVar[bool]

    def __init__(self, root: RestClient, rest: RestClient, reader: Reader) -> None:
        self.root = root
        self.rest = rest
        self.reader = reader

    @abstractmethod
    def document(self, text: str) -> Any:
        """A text as a field of this installation takes it."""

    @abstractmethod
    def user(self, user: str | None) -> dict[str, Any]:
        """Somebody as a field of this installation takes them; None is nobody."""

    @abstractmethod
    async def projects(
        self,
        query: PageQuery,
        mapping: Callable[[Project], T],
        *,
        q: str | None,
        kind: str | None,
    ) -> Page[T]:
        """Projects, by their key."""

    async def search(
        self, query: PageQuery, mapping: Callable[[Issue], T], *, jql: str, fields: str
    ) -> Page[T]:
        """Issues that a query of Jira's language finds; one request for a page."""
        params = {"jql": jql, "fields": fields}
        return await self.rest.page(self.found, mapping, query, params=params)

    async def read(
        self, query: PageQuery, mapping: Callable[[Issue], T], *, jql: str, fields: str
    ) -> Page[T]:
        """As ``search``, for runs."""
        params = {"jql": jql, "fields": fields}
        return await self.rest.page(self.found_again, mapping, query, params=params)

    async def read_talk(
        self, query: PageQuery, mapping: Callable[[TalkedIssue], T], *, jql: str, fields: str
    ) -> Page[T]:
        """The same for what was said about issues."""
        params = {"jql": jql, "fields": fields}
        return await self.rest.page(self.found_talk, mapping, query, params=params)

    async def search_whole(
        self, query: PageQuery, *, jql: str, fields: str, include_body: bool
    ) -> Page[Item]:
        """The same with fields of the site's own, whose names come along with each page."""
        return await self._whole(
            self.found_whole, query, jql=jql, fields=fields, include_body=include_body
        )

    async def read_whole(self, query: PageQuery, *, jql: str, fields: str) -> Page[Item]:
        """As ``search_whole``, for runs."""
        return await self._whole(
            self.found_whole_again, query, jql=jql, fields=fields, include_body=True
        )

    async def _whole(
        self,
        listing: List[WholeIssue],
        query: PageQuery,
        *,
        jql: str,
        fields: str,
        include_body: bool,
    ) -> Page[Item]:
        names: dict[str, str] = {}
        params = {"jql": jql, "fields": fields, "expand": "names"}
        return await self.rest.page(
            listing,
            partial(self.reader.whole_item, names=names, include_body=include_body),
            query,
            params=params,
            hears=lambda page: names.update(page.names or {}),
        )

    async def myself(self) -> Myself:
        """The account."""
        return await self.rest.get("/myself", Myself)

    async def project(self, project: str) -> Project:
        """One project."""
        return await self.rest.get("/project/{project}", Project, project=project)

    async def issue(self, query: OneItemQuery) -> Item:
        """One issue with all of its fields."""
        return await self.rest.one(
            "/issue/{issue}",
            WholeIssue,
            self.reader.whole_item,
            raw=query.include_raw,
            params={"expand": "names"},
            issue=query.item_id,
        )

    async def issue_with(self, issue: str, fields: str, *, is_whole: bool) -> Item:
        """One issue with these fields, as a search shows it."""
        if is_whole:
            return await self.rest.one(
                "/issue/{issue}",
                WholeIssue,
                self.reader.whole_item,
                raw=False,
                params={"fields": fields, "expand": "names"},
                issue=issue,
            )
        return await self.rest.one(
            "/issue/{issue}",
            Issue,
            partial(self.reader.item, include_body=True),
            raw=False,
            params={"fields": fields},
            issue=issue,
        )

    async def find_issue(self, issue: str, mapping: Callable[[Issue], T], fields: str) -> T | None:
        """One issue with these fields, if the account sees it."""
        return await self.rest.find_one(
            "/issue/{issue}", Issue, mapping, raw=False, params={"fields": fields}, issue=issue
        )

    async def comments(self, query: CommentQuery) -> Page[unified.Comment]:
        """The comments of an issue, the oldest first."""
        return await self.rest.page(
            COMMENTS,
            partial(self.reader.comment, item=query.item_id),
            query,
            params={"orderBy": "created"},
            at={"issue": query.item_id},
        )

    async def comment(self, issue: str, comment: str) -> unified.Comment:
        """One comment."""
        return await self.rest.one(
            "/issue/{issue}/comment/{comment}",
            Comment,
            partial(self.reader.comment, item=issue),
            raw=False,
            issue=issue,
            comment=comment,
        )

    async def boards(
        self,
        query: PageQuery,
        mapping: Callable[[Board], T],
        *,
        project: str | None,
        name: str | None,
        kind: str | None,
    ) -> Page[T]:
        """Boards, which are of Jira Software."""
        params = {"projectKeyOrId": project, "name": name, "type": kind}
        return await self.root.page(BOARDS, mapping, query, params=params)

    async def create(self, fields: Mapping[str, Any]) -> Created:
        """Make an issue."""
        return await self.rest.write("POST", "/issue", Created, json={"fields": fields})

    async def update(self, issue: str, change: Mapping[str, Any]) -> None:
        """Change fields of an issue."""
        await self.rest.change("PUT", "/issue/{issue}", json=change, issue=issue)

    async def add_comment(self, issue: str, body: Mapping[str, Any]) -> unified.Comment:
        """Say something about an issue."""
        comment = await self.rest.write(
            "POST", "/issue/{issue}/comment", Comment, json=body, issue=issue
        )
        return self.reader.comment(comment, issue)

    async def transitions(self, issue: str) -> list[Transition]:
        """The ways that are open to an issue now."""
        found = await self.rest.get("/issue/{issue}/transitions", Transitions, issue=issue)
        return found.transitions

    async def transition(self, issue: str, change: Mapping[str, Any]) -> None:
        """Move an issue on."""
        await self.rest.change("POST", "/issue/{issue}/transitions", json=change, issue=issue)

    async def assign(self, issue: str, user: str | None) -> None:
        """Hand an issue to somebody."""
        await self.rest.change("PUT", "/issue/{issue}/assignee", json=self.user(user), issue=issue)
