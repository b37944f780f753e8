"""From GitHub's nouns to ours. Pure functions; ``docs/connectors/github.md`` has the table."""

from __future__ import annotations

from collections.abc import Sequence

from src.connectors.github.ids import ItemRef, item_id, organization_id, repository_id
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
    milestone = issue.milestone
    fields = {
        "number": issue.number,
        "locked": issue.locked,
        "milestone": milestone.title if milestone else None,
        "authorAssociation": issue.author_association,
        "closedAt": timestamp(issue.closed_at) if issue.closed_at else None,
    }
    if pull:
        status = _pull_status(issue.state, pull.merged_at, draft=issue.draft)
        fields["draft"] = bool(issue.draft)
        fields["mergedAt"] = timestamp(pull.merged_at)
    else:
        status = issue.state_reason or issue.state
        summary = issue.sub_issues_summary
        fields["stateReason"] = issue.state_reason
        fields["subIssues"] = summary.total if summary else 0
        fields["subIssuesCompleted"] = summary.completed if summary else 0
    return Item(
        id=item_id(repository, "pull" if pull else "issue", number or issue.number),
        type="pull_request" if pull else "issue",
        container_id=repository_id(repository),
        title=issue.title,
        body=(issue.body or "") if include_body else None,
        body_format="markdown" if include_body else None,
        state=_state(issue.state),
        status=status,
        author=to_person(issue.user),
        assignees=_people(issue.assignees) if issue.assignees else (),
        labels=_names(issue.labels) if issue.labels else (),
        url=issue.html_url,
        comment_count=issue.comments,
        created_at=timestamp(issue.created_at),
        updated_at=timestamp(issue.updated_at),
        fields=fields,
    )


def pull_to_item(pull: PullRequest, repository: str, *, include_body: bool) -> Item:
    """A pull request from the lists or single answers of pull requests."""
    milestone = pull.milestone
    counted = pull.comments is not None or pull.review_comments is not None
    return Item(
        id=item_id(repository, "pull", pull.number),
        type="pull_request",
        container_id=repository_id(repository),
        title=pull.title,
        body=(pull.body or "") if include_body else None,
        body_format="markdown" if include_body else None,
        state=_state(pull.state),
        status=_pull_status(pull.state, pull.merged_at, draft=pull.draft),
        author=to_person(pull.user),
        assignees=_people(pull.assignees),
        labels=_names(pull.labels),
        url=pull.html_url,
        comment_count=(pull.comments or 0) + (pull.review_comments or 0) if counted else None,
        created_at=timestamp(pull.created_at),
        updated_at=timestamp(pull.updated_at),
        fields={
            "number": pull.number,
            "locked": pull.locked,
            "milestone": milestone.title if milestone else None,
            "authorAssociation": pull.author_association,
            "closedAt": timestamp(pull.closed_at),
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
        },
    )


def _state(state: str) -> State | None:
    return "open" if state == "open" else "closed" if state == "closed" else None


def _pull_status(state: str, merged_at: str | None, *, draft: bool | None) -> str:
    if merged_at:
        return "merged"
    return "draft" if draft and state == "open" else state


def _people(users: Sequence[User] | None) -> tuple[Person, ...]:
    return tuple(filter(None, map(to_person, users or ())))


def _names(labels: Sequence[Label | str]) -> tuple[str, ...]:
    """Labels by name; GitHub's older answers have plain strings."""
    names = [label if isinstance(label, str) else label.name for label in labels]
    return tuple(filter(None, names))


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
