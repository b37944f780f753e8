"""Jira Cloud: version 3 of the API, with rich text as documents and users by account id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from src.connectors.atlassian.adf import from_text, to_markdown
from src.connectors.jira.installation import BY_OFFSET, Installation
from src.connectors.jira.mapping import Reader
from src.connectors.jira.refusals import BY_JIRA
from src.connectors.jira.schemas import FoundIssues, Issue, Project, TalkedIssue, Values, WholeIssue
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.paginators import Cursor
from src.core.errors import ProviderNotFound
from src.models.query import PageQuery
from src.models.unified import Page

T = TypeVar("T", bound=msgspec.Struct)


def _next_token(page: FoundIssues[Any]) -> str | None:
    return None if page.is_last else page.next_page_token


PROJECTS = List("/project/search", Project, BY_OFFSET, wrapped_in=Values)
BY_TOKEN = Cursor(_next_token, param="nextPageToken", size="maxResults")


def to_body(value: Any) -> str:
    """A document as Markdown; a plain text, which some fields are, as it is."""
    if isinstance(value, dict):
        return to_markdown(value)
    return value if isinstance(value, str) else ""


class Cloud(Installation):
    """A site of the cloud."""

    root_clause = "parent IS EMPTY"
    found = List("/search/jql", Issue, BY_TOKEN, wrapped_in=FoundIssues)
    found_whole = List("/search/jql", WholeIssue, BY_TOKEN, wrapped_in=FoundIssues)
    found_again = found
    found_whole_again = found_whole
    found_talk = List("/search/jql", TalkedIssue, BY_TOKEN, wrapped_in=FoundIssues)
    # Its tokens hold the last issue's place in the order.
    overlaps = False

    def __init__(self, root: RestClient, site: str | None) -> None:
        super().__init__(root, root.below("/rest/api/3"), Reader(to_body, site))

    def document(self, text: str) -> Any:
        """A document."""
        return from_text(text)

    def user(self, user: str | None) -> dict[str, Any]:
        """Somebody by account id."""
        return {"accountId": user}

    async def projects(
        self,
        query: PageQuery,
        mapping: Callable[[Project], T],
        *,
        q: str | None,
        kind: str | None,
    ) -> Page[T]:
        """Projects, by their key."""
        params = {
            "orderBy": "key",
            "expand": "description,insight",
            "query": q,
            "typeKey": kind,
        }
        try:
            return await self.rest.page(PROJECTS, mapping, query, params=params)
        except ProviderNotFound as error:
            # Jira says 404 when no project matches; the gateway says it when there is no site.
            if error.details.get("reason") != BY_JIRA:
                raise
            return Page(items=())
