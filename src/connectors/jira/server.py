"""Jira Data Center: version 2 of the API, with wiki markup and users by key and name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from src.connectors.jira.installation import Installation, total
from src.connectors.jira.mapping import Reader
from src.connectors.jira.schemas import CountedIssues, Issue, Project, TalkedIssue, WholeIssue
from src.connectors.jira.wiki import to_markdown
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.paginators import Offset, SinglePage
from src.connectors.rest.windows import windowed
from src.models.query import PageQuery
from src.models.unified import Page

T = TypeVar("T", bound=msgspec.Struct)

PROJECTS = List("/project", Project, SinglePage())
COUNTED = Offset("startAt", "maxResults", total)
AGAIN = Offset("startAt", "maxResults", total, again=1)


def to_body(value: Any) -> str:
    """Wiki markup as Markdown."""
    return to_markdown(value) if isinstance(value, str) else ""


class Server(Installation):
    """A data center."""

    # Its ``parent`` knows sub-tasks only, and cannot be asked for being empty.
    root_clause = "issuetype IN standardIssueTypes()"
    found = List("/search", Issue, COUNTED, wrapped_in=CountedIssues)
    found_whole = List("/search", WholeIssue, COUNTED, wrapped_in=CountedIssues)
    found_again = List("/search", Issue, AGAIN, wrapped_in=CountedIssues)
    found_whole_again = List("/search", WholeIssue, AGAIN, wrapped_in=CountedIssues)
    found_talk = List("/search", TalkedIssue, AGAIN, wrapped_in=CountedIssues)
    overlaps = True

    def __init__(self, root: RestClient, site: str | None) -> None:
        super().__init__(root, root.below("/rest/api/2"), Reader(to_body, site))

    def document(self, text: str) -> Any:
        """Plain text, which is wiki markup already."""
        return text

    def user(self, user: str | None) -> dict[str, Any]:
        """Somebody by name."""
        return {"name": user}

    async def projects(
        self,
        query: PageQuery,
        mapping: Callable[[Project], T],
        *,
        q: str | None,
        kind: str | None,
    ) -> Page[T]:
        """Projects; a data center tells all at once, so that pages of them are cut here."""
        wanted = (q or "").casefold()

        def chosen(project: Project) -> T | None:
            fits = wanted in project.key.casefold() or wanted in project.name.casefold()
            return mapping(project) if fits and kind in {None, project.project_type_key} else None

        every = PageQuery(limit=query.limit, include_raw=query.include_raw)
        params = {"expand": "description"}
        found = (await self.rest.page(PROJECTS, chosen, every, params=params)).items
        return windowed(found, query)
