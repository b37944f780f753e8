"""From GitHub's nouns to ours. Pure functions; ``docs/connectors/github.md`` has the table."""

from __future__ import annotations

from typing import Any

from src.connectors.github.ids import ItemRef, organization_id, repository_id
from src.connectors.github.schemas import (
    Issue,
    IssueComment,
    Label,
    Organization,
    PullRequest,
    Repository,
    ReviewComment,
    User,
)
from src.connectors.rest.values import timestamp
from src.models.connection import Account
from src.models.unified import Comment, Container, Item, Person, State

_WEB = "https://github.com"


def to_account(user: User) -> Account:
    """The account behind a credential; the number never changes, the login may."""
    return Account(id=str(user.id), name=user.login, url=user.html_url, avatar_url=user.avatar_url)


def to_person(user: User | None) -> Person | None:
    """A user; None for a deleted one, which GitHub answers as null."""
    if user is None:
        return None
    return Person(id=str(user.id), name=user.login, url=user.html_url, avatar_url=user.avatar_url)


def organization_to_container(organization: Organization) -> Container:
    """An organisation: what holds repositories."""
    return Container(
        id=organization_id(organization.login),
        type="organization",
        name=organization.login,
        description=organization.description or None,
        has_children=True,
        url=f"{_WEB}/{organization.login}",
    )


def repository_to_container(repository: Repository) -> Container:
    """A repository: what holds issues and pull requests."""
    owner = repository.owner
    return Container(
        id=repository_id(repository.id),
        type="repository",
        name=repository.full_name,
        description=repository.description,
        parent_id=organization_id(owner.login) if owner.type == "Organization" else None,
        url=repository.html_url,
        created_at=timestamp(repository.created_at),
        updated_at=timestamp(repository.updated_at),
    )


def issue_to_item(
    issue: Issue, repository: str, *, include_body: bool, number: int | None = None
) -> Item:
    """An issue, or a pull request in the list of issues; ``number`` is the one asked for."""
    pull = issue.pull_request
    merged_at = pull.merged_at if pull else None
    ref = ItemRef(repository, "pull" if pull else "issue", number or issue.number)
    fields = _common_fields(issue)
    if pull:
        status = _pull_status(issue.state, merged_at, draft=issue.draft)
        fields |= {"draft": bool(issue.draft), "mergedAt": timestamp(merged_at)}
    else:
        status = issue.state_reason or issue.state
        summary = issue.sub_issues_summary
        fields |= {
            "stateReason": issue.state_reason,
            "subIssues": summary.total if summary else 0,
            "subIssuesCompleted": summary.completed if summary else 0,
        }
    return _item(issue, ref, status, issue.comments, fields, include_body=include_body)


def pull_to_item(pull: PullRequest, repository: str, *, include_body: bool) -> Item:
    """A pull request from the lists or single answers of pull requests."""
    counted = pull.comments is not None or pull.review_comments is not None
    fields = _common_fields(pull) | {
        "draft": bool(pull.draft),
        "mergedAt": timestamp(pull.merged_at),
        "headRef": pull.head.ref if pull.head else None,
        "headSha": pull.head.sha if pull.head else None,
        "baseRef": pull.base.ref if pull.base else None,
        "mergeable": pull.mergeable,
        "commits": pull.commits,
        "additions": pull.additions,
        "deletions": pull.deletions,
        "changedFiles": pull.changed_files,
    }
    return _item(
        pull,
        ItemRef(repository, "pull", pull.number),
        _pull_status(pull.state, pull.merged_at, draft=pull.draft),
        (pull.comments or 0) + (pull.review_comments or 0) if counted else None,
        fields,
        include_body=include_body,
    )


def _item(
    source: Issue | PullRequest,
    ref: ItemRef,
    status: str,
    comment_count: int | None,
    fields: dict[str, Any],
    *,
    include_body: bool,
) -> Item:
    return Item(
        id=str(ref),
        type="issue" if ref.kind == "issue" else "pull_request",
        container_id=repository_id(ref.repository),
        title=source.title,
        body=(source.body or "") if include_body else None,
        body_format="markdown" if include_body else None,
        state=_state(source.state),
        status=status,
        author=to_person(source.user),
        assignees=tuple(filter(None, map(to_person, source.assignees or ()))),
        labels=tuple(filter(None, map(_label, source.labels))),
        url=source.html_url,
        comment_count=comment_count,
        created_at=timestamp(source.created_at),
        updated_at=timestamp(source.updated_at),
        fields=fields,
    )


def _common_fields(source: Issue | PullRequest) -> dict[str, Any]:
    return {
        "number": source.number,
        "locked": source.locked,
        "milestone": source.milestone.title if source.milestone else None,
        "authorAssociation": source.author_association,
        "closedAt": timestamp(source.closed_at),
    }


def _state(state: str) -> State | None:
    return "open" if state == "open" else "closed" if state == "closed" else None


def _pull_status(state: str, merged_at: str | None, *, draft: bool | None) -> str:
    if merged_at:
        return "merged"
    return "draft" if draft and state == "open" else state


def _label(label: Label | str) -> str | None:
    return label if isinstance(label, str) else label.name


def to_comment(comment: IssueComment, ref: ItemRef) -> Comment:
    """A comment in the conversation."""
    return Comment(
        id=ref.comment(comment.id),
        item_id=str(ref),
        type="comment",
        body=comment.body or "",
        body_format="markdown",
        author=to_person(comment.user),
        url=comment.html_url,
        created_at=timestamp(comment.created_at),
        updated_at=timestamp(comment.updated_at),
        fields={"authorAssociation": comment.author_association},
    )


def to_review_comment(comment: ReviewComment, ref: ItemRef) -> Comment:
    """A comment on the diff; answers point to the first comment of their thread."""
    parent = comment.in_reply_to_id
    return Comment(
        id=ref.review_comment(comment.id),
        item_id=str(ref),
        parent_id=ref.review_comment(parent) if parent else None,
        type="review_comment",
        body=comment.body or "",
        body_format="markdown",
        author=to_person(comment.user),
        url=comment.html_url,
        created_at=timestamp(comment.created_at),
        updated_at=timestamp(comment.updated_at),
        fields={
            "authorAssociation": comment.author_association,
            "path": comment.path,
            "line": comment.line,
            "side": comment.side,
            "diffHunk": comment.diff_hunk,
            "commitId": comment.commit_id,
        },
    )
