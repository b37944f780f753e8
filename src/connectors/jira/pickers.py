"""What forms can let their users pick: projects, issues, boards."""

from __future__ import annotations

from typing import Literal

from src.connectors.jira import jql
from src.connectors.jira.ids import KEY, project_of
from src.connectors.jira.installation import Installation
from src.connectors.manifest import ResourceType
from src.models.base import Model
from src.models.query import ResourceQuery
from src.models.unified import Page, Resource

READ = "read:jira-work"
BOARD_SCOPES = ("read:board-scope:jira-software", "read:project:jira")
"""Boards are Jira Software's, whose API knows no classic scopes."""

_ISSUE_FIELDS = "summary,project"


class ProjectFilters(Model):
    """Which projects."""

    type: Literal["business", "service_desk", "software"] | None = None


class BoardFilters(Model):
    """Which boards."""

    type: Literal["scrum", "kanban", "simple"] | None = None


RESOURCE_TYPES = (
    ResourceType(name="jira_project", label="Project", filters=ProjectFilters, scopes=(READ,)),
    ResourceType(
        name="jira_issue",
        label="Issue",
        parent="jira_project",
        scopes=(READ,),
    ),
    ResourceType(
        name="jira_board",
        label="Board",
        parent="jira_project",
        filters=BoardFilters,
        scopes=BOARD_SCOPES,
    ),
)


async def picked(at: Installation, query: ResourceQuery) -> Page[Resource]:
    """Resources of the type that the query names."""
    match query.type:
        case "jira_issue":
            return await _issues(at, query)
        case "jira_board":
            parent = query.parent_id
            return await at.boards(
                query,
                at.reader.picked_board,
                project=project_of(parent, "parentId") if parent else None,
                name=query.q,
                kind=getattr(query.filters, "type", None),
            )
        case _:
            if query.parent_id is not None:
                project_of(query.parent_id, "parentId")
                return Page(items=())
            kind = getattr(query.filters, "type", None)
            return await at.projects(query, at.reader.picked_project, q=query.q, kind=kind)


async def _issues(at: Installation, query: ResourceQuery) -> Page[Resource]:
    """Issues by words, or the one whose key was typed, which a search for words does not find."""
    key = (query.q or "").strip()
    if KEY.fullmatch(key) is None:
        return await at.search(
            query,
            at.reader.picked_issue,
            jql=jql.picking(query.parent_id, query.q),
            fields=_ISSUE_FIELDS,
        )
    project = project_of(query.parent_id, "parentId") if query.parent_id else None
    found = await at.find_issue(key, at.reader.picked_issue, _ISSUE_FIELDS)
    is_elsewhere = found is not None and project not in {
        None,
        found.parent_id,
        key.upper().rpartition("-")[0],
    }
    return Page(items=() if found is None or is_elsewhere else (found,))


async def picked_parents(at: Installation, parent_id: str) -> tuple[Resource, ...]:
    """The project, which is all that stands above an issue or a board."""
    project = await at.project(project_of(parent_id, "parentId"))
    return (at.reader.picked_project(project),)
