"""Runs of Jira's streams: issues, and what was said about them.

A full run reads each project by itself, from its first issue on. An incremental one is a single
query over all projects, for an issue's ``updated`` moves with its comments, too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Generic, TypeVar

from msgspec import Struct

from src.connectors import overlap
from src.connectors.jira import ids, jql
from src.connectors.jira.ascending import Ascending, Dated
from src.connectors.jira.installation import Installation
from src.connectors.jira.refusals import BY_JIRA
from src.connectors.jira.schemas import TalkedIssue
from src.connectors.rest.paginators import walk
from src.connectors.rest.together import together
from src.connectors.rest.values import timestamp
from src.connectors.syncing import PartPage, SyncPage, SyncQuery, Unit, over_parts
from src.core.errors import ProviderNotFound
from src.models.query import CommentQuery, PageQuery
from src.models.unified import Comment, Item, Page

PAGE = 100
"""Issues at once: more are not given with their fields."""
AT_ONCE = 4
_TALK_FIELDS = "project,created,updated,comment"

T = TypeVar("T", bound=Dated)


class Run(ABC, Generic[T]):
    """One stream of one installation."""

    def __init__(self, at: Installation) -> None:
        self.at = at

    @abstractmethod
    async def find(self, query: str, token: str | None) -> Page[T]:
        """A page of the issues that a query finds, the first of them or behind a token."""

    @abstractmethod
    async def units(self, rows: Sequence[T]) -> list[tuple[str, Unit]]:
        """What issues mean for the stream, each with its project."""

    @abstractmethod
    async def one(self, record_id: str) -> Unit | None:
        """One record as a run would read it; None = it is gone."""

    async def pages(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """The run."""
        yield SyncPage(checkpoint=overlap.next_checkpoint(query))
        is_everywhere = query.container_ids is None and query.plan is None
        if is_everywhere and overlap.since(query) is not None:
            reading = self._everywhere(query)
        else:
            wanted = replace(query, container_ids=await self._by_number(query))
            reading = over_parts(
                wanted, self.projects, partial(self._project, wanted), at_once=AT_ONCE
            )
        async with aclosing(reading) as pages:
            async for page in pages:
                yield page

    async def _everywhere(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        search = self._search(query)
        async with aclosing(search.pages(query.position)) as pages:
            async for page in pages:
                found = await self.units(page.items)
                for project in dict.fromkeys(project for project, _ in found):
                    records = [unit for place, unit in found if place == project]
                    yield SyncPage(records=records, container_id=project, asked_at=page.asked_at)
                yield SyncPage(position=page.next_token, truncated=page.truncated)

    async def _project(
        self, query: SyncQuery, project: str, token: str | None
    ) -> AsyncGenerator[PartPage, None]:
        search = self._search(query, jql.inside(project))
        async with aclosing(search.pages(token)) as pages:
            async for page in pages:
                records = [unit for _, unit in await self.units(page.items)]
                yield PartPage(
                    records=records,
                    next_token=page.next_token,
                    truncated=page.truncated,
                    asked_at=page.asked_at,
                )

    def _search(self, query: SyncQuery, *conditions: str) -> Ascending[T]:
        since = overlap.since(query)
        return Ascending(
            find=self.find,
            conditions=conditions,
            by="created" if since is None else "updated",
            since=since,
            overlaps=self.at.overlaps,
        )

    async def projects(self) -> list[str]:
        """All that the account sees."""
        container = self.at.reader.container
        pages = await walk(
            PageQuery(limit=PAGE),
            lambda query: self.at.projects(query, container, q=None, kind=None),
        )
        return [project.id for page in pages for project in page.items]

    async def _by_number(self, query: SyncQuery) -> tuple[str, ...] | None:
        """The projects that were asked for; issues know theirs by its number, not by its key."""
        if query.container_ids is None or query.plan is not None:
            return query.container_ids
        found = [await self._number(project) for project in query.container_ids]
        return tuple(dict.fromkeys(found))

    async def _number(self, project: str) -> str:
        if ids.project_of(project, "containerIds").isdecimal():
            return project
        try:
            return (await self.at.project(project)).id
        except ProviderNotFound:
            # The run tells of it as of any other container that is not there.
            return project


class IssueRun(Run[Item]):
    """Issues, with their texts."""

    def __init__(self, at: Installation, fields: str, *, has_own: bool) -> None:
        """Read these fields; with the site's own among them their names are needed, too."""
        super().__init__(at)
        self._fields = fields
        self._has_own = has_own

    async def find(self, query: str, token: str | None) -> Page[Item]:
        """Issues as items."""
        place = PageQuery(limit=PAGE, token=token)
        if self._has_own:
            return await self.at.read_whole(place, jql=query, fields=self._fields)
        mapping = partial(self.at.reader.item, include_body=True)
        return await self.at.read(place, mapping, jql=query, fields=self._fields)

    async def units(self, rows: Sequence[Item]) -> list[tuple[str, Unit]]:
        """The issues themselves."""
        return [(issue.container_id, issue) for issue in rows]

    async def one(self, record_id: str) -> Item | None:
        """An issue with the same fields."""
        issue = ids.issue_of(record_id, "recordId")
        try:
            return await self.at.issue_with(issue, self._fields, is_whole=self._has_own)
        except ProviderNotFound as error:
            _need_jira(error)
            return None


class Talk(Struct, frozen=True, kw_only=True):
    """An issue's comments; None = there are more than it came with."""

    id: str
    project: str
    said: tuple[Comment, ...] | None
    created_at: str | None
    updated_at: str | None


class CommentRun(Run[Talk]):
    """Comments, which come with their issues, a hundred issues at once."""

    async def find(self, query: str, token: str | None) -> Page[Talk]:
        """Issues with their comments."""
        place = PageQuery(limit=PAGE, token=token)
        return await self.at.read_talk(place, self._talk, jql=query, fields=_TALK_FIELDS)

    def _talk(self, issue: TalkedIssue) -> Talk:
        fields, talk = issue.fields, issue.fields.comment
        said = tuple(self.at.reader.comment(one, issue.id) for one in talk.comments) if talk else ()
        is_whole = talk is None or talk.total <= len(said)
        return Talk(
            id=issue.id,
            project=fields.project.id if fields.project else issue.key.rpartition("-")[0],
            said=said if is_whole else None,
            created_at=timestamp(fields.created),
            updated_at=timestamp(fields.updated),
        )

    async def units(self, rows: Sequence[Talk]) -> list[tuple[str, Unit]]:
        """All comments of the issues; those of long talks are asked for one issue after another."""
        said = await together([partial(self._said, talk) for talk in rows], at_once=AT_ONCE)
        return [
            (talk.project, comment)
            for talk, comments in zip(rows, said, strict=True)
            for comment in comments
        ]

    async def _said(self, talk: Talk) -> Sequence[Comment]:
        if talk.said is not None:
            return talk.said
        try:
            pages = await walk(CommentQuery(item_id=talk.id, limit=PAGE), self.at.comments)
        except ProviderNotFound as error:
            _need_jira(error)
            return ()
        return [comment for page in pages for comment in page.items]

    async def one(self, record_id: str) -> Comment | None:
        """A comment."""
        issue, number = ids.comment_of(record_id, "recordId")
        try:
            return await self.at.comment(issue, number)
        except ProviderNotFound as error:
            _need_jira(error)
            return None


def _need_jira(error: ProviderNotFound) -> None:
    """Go on only if Jira itself says that there is nothing: the gateway's 404 is about the site."""
    if error.details.get("reason") != BY_JIRA:
        raise error
