"""From Jira's nouns to ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from src.connectors.jira import ids, schemas
from src.connectors.jira.custom import custom_fields
from src.connectors.jira.schemas import Attachment, Issue, IssueFields, Project, User, WholeIssue
from src.connectors.rest.values import timestamp
from src.models.unified import Comment, Container, Item, Person, Resource, State

_STATES: Mapping[str | None, State] = {"new": "open", "indeterminate": "open", "done": "closed"}
_NOBODY = "unknown"
"""The account id of somebody whom Jira no longer tells."""


class Reader:
    """Maps the answers of one installation; people who come again are read once."""

    def __init__(self, to_body: Callable[[Any], str], site: str | None) -> None:
        """Render texts with ``to_body``; ``site`` is where browsers find things, if it is known."""
        self._to_body = to_body
        self._site = site
        self._people: dict[str | None, Person] = {}

    def person(self, user: User | None) -> Person | None:
        """Somebody; a deleted user keeps an id that tells nobody, or has none."""
        if user is None:
            return None
        key = user.account_id or user.key or user.name
        known = self._people.get(key)
        if known is not None:
            return known
        person = Person(
            name=user.display_name or user.name or "Unknown user",
            id=None if key == _NOBODY else key,
            email=user.email_address or None,
            avatar_url=user.avatar_urls.large if user.avatar_urls else None,
        )
        if key:
            self._people[key] = person
        return person

    def container(self, project: Project) -> Container:
        """A project."""
        insight = project.insight
        return Container(
            id=project.id,
            type=project.project_type_key or "project",
            name=project.name,
            description=project.description or None,
            url=self.browse(project.key),
            updated_at=timestamp(insight.last_issue_update_time) if insight else None,
        )

    def item(self, issue: Issue, *, include_body: bool) -> Item:
        """An issue of a list."""
        return self._item(issue.id, issue.key, issue.fields, include_body=include_body)

    def whole_item(
        self,
        issue: WholeIssue,
        *,
        names: Mapping[str, str] | None = None,
        include_body: bool = True,
    ) -> Item:
        """An issue with fields of the site's own, by names that are given or stand beside it."""
        fields = msgspec.convert(issue.fields, IssueFields)
        item = self._item(issue.id, issue.key, fields, include_body=include_body)
        more = custom_fields(issue.fields, names or issue.names, self._to_body)
        return msgspec.structs.replace(item, fields={**more, **item.fields})

    def _item(self, number: str, key: str, fields: IssueFields, *, include_body: bool) -> Item:
        status, kind, project = fields.status, fields.issuetype, fields.project
        category = status.status_category.key if status and status.status_category else None
        assignee = self.person(fields.assignee)
        creator = self.person(fields.creator)
        level = kind.hierarchy_level if kind else None
        subtasks = [link.id for link in fields.subtasks] if fields.subtasks else []
        told: dict[str, Any] = {
            "key": key,
            "statusCategory": category,
            "hierarchyLevel": level,
            "priority": fields.priority.name if fields.priority else None,
            "resolution": fields.resolution.name if fields.resolution else None,
            "resolvedAt": timestamp(fields.resolutiondate),
            "dueDate": fields.duedate,
            "components": _names(fields.components),
            "fixVersions": _names(fields.fix_versions),
            "creator": creator,
            "subtasks": subtasks,
        }
        if fields.attachment is not None:
            told["attachments"] = [self._attachment(file) for file in fields.attachment]
        return Item(
            id=number,
            type=kind.name if kind else "issue",
            container_id=project.id if project else key.rpartition("-")[0],
            title=fields.summary or "",
            parent_id=fields.parent.id if fields.parent else None,
            body=self._to_body(fields.description) if include_body else None,
            body_format="markdown" if include_body else None,
            state=_STATES.get(category),
            status=status.name if status else None,
            author=self.person(fields.reporter) or creator,
            assignees=(assignee,) if assignee else (),
            labels=fields.labels or (),
            url=self.browse(key),
            has_children=bool(subtasks) or (level or 0) > 0,
            comment_count=fields.comment.total if fields.comment else None,
            created_at=timestamp(fields.created),
            updated_at=timestamp(fields.updated),
            fields=told,
        )

    def _attachment(self, file: Attachment) -> dict[str, Any]:
        return {
            "id": str(file.id),
            "name": file.filename,
            "size": file.size,
            "mimeType": file.mime_type,
            "author": self.person(file.author),
            "createdAt": timestamp(file.created),
        }

    def comment(self, comment: schemas.Comment, item: str) -> Comment:
        """A comment; ``item`` is what was asked for, which may be a key."""
        item = ids.commented_issue(comment.address) or item
        parent = comment.parent_id
        visible = comment.visibility
        return Comment(
            id=ids.comment_id(item, comment.id),
            item_id=item,
            parent_id=None if parent is None else ids.comment_id(item, str(parent)),
            type="comment",
            body=self._to_body(comment.body),
            body_format="markdown",
            author=self.person(comment.author),
            created_at=timestamp(comment.created),
            updated_at=timestamp(comment.updated),
            fields={
                "updateAuthor": self.person(comment.update_author),
                "isPublic": comment.jsd_public,
                "visibleTo": visible.value if visible else None,
            },
        )

    def picked_project(self, project: Project) -> Resource:
        """A project in a picker."""
        return Resource(
            id=project.id,
            name=f"{project.name} ({project.key})",
            type="jira_project",
            has_children=True,
            icon_url=project.avatar_urls.large if project.avatar_urls else None,
            url=self.browse(project.key),
        )

    def picked_issue(self, issue: Issue) -> Resource:
        """An issue in a picker."""
        project = issue.fields.project
        return Resource(
            id=issue.id,
            name=f"{issue.key} {issue.fields.summary or ''}".strip(),
            type="jira_issue",
            parent_id=project.id if project else None,
            url=self.browse(issue.key),
        )

    def picked_board(self, board: schemas.Board) -> Resource:
        """A board in a picker."""
        project = board.location.project_id if board.location else None
        return Resource(
            id=str(board.id),
            name=board.name,
            type="jira_board",
            parent_id=None if project is None else str(project),
        )

    def browse(self, key: str) -> str | None:
        """Where a browser finds a project or an issue."""
        return f"{self._site}/browse/{key}" if self._site else None


def _names(things: tuple[schemas.Named, ...] | None) -> list[str]:
    return [thing.name for thing in things if thing.name] if things else []
