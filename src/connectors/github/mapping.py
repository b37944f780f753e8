"""From GitHub's nouns to ours. Pure functions; ``docs/connectors/github.md`` has the table."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from src.connectors.github.ids import (
    installation_id,
    item_id,
    organization_id,
    repository_id,
)
from src.connectors.github.schemas import (
    Installation,
    Issue,
    Label,
    Organization,
    PullRequest,
    Repository,
    User,
)
from src.connectors.rest.values import timestamp
from src.models.connection import Account
from src.models.unified import Container, Item, Person, State


def to_account(user: User, server: str | None) -> Account:
    """The account behind a credential; the number never changes, the login may.

    Each server of one's own counts from 1, so that a number there says its server, too.
    """
    number = str(user.id) if server is None else f"{user.id}@{server}"
    return Account(id=number, name=user.login, url=user.html_url, avatar_url=user.avatar_url)


def to_person(user: User | None) -> Person | None:
    """A user; None for a deleted one, which GitHub answers as null."""
    if user is None:
        return None
    return Person(id=str(user.id), name=user.login, url=user.html_url, avatar_url=user.avatar_url)


def organization_to_container(organization: Organization, web: str) -> Container:
    """An organisation: what holds repositories; ``web`` is where people look at things."""
    return Container(
        id=organization_id(organization.login),
        type="organization",
        name=organization.login,
        description=organization.description or None,
        has_children=True,
        url=f"{web}/{organization.login}",
    )


def installation_to_container(installation: Installation) -> Container | None:
    """An installation of a GitHub App: the repositories that an account has opened to it.

    None for a suspended one, of which GitHub refuses everything.
    """
    if installation.suspended_at:
        return None
    holder = installation.account
    name = (holder.login or holder.slug) if holder else None
    return Container(
        id=installation_id(installation.id),
        type="installation",
        name=name or str(installation.id),
        has_children=True,
        url=installation.html_url,
        created_at=timestamp(installation.created_at),
        updated_at=timestamp(installation.updated_at),
    )


def repository_to_container(repository: Repository, installation: str | None = None) -> Container:
    """A repository: what holds issues and pull requests; ``installation`` is where it was found."""
    owner = repository.owner
    parent = organization_id(owner.login) if owner.type == "Organization" else None
    return Container(
        id=repository_id(repository.id),
        type="repository",
        name=repository.full_name,
        description=repository.description,
        parent_id=installation_id(installation) if installation else parent,
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
    own = number is None or number == issue.number
    parent = parent_number(issue) if own else None
    return Item(
        id=item_id(repository, "pull" if pull else "issue", number or issue.number),
        type="pull_request" if pull else "issue",
        container_id=repository_id(repository),
        parent_id=item_id(repository, "issue", parent) if parent else None,
        title=issue.title,
        body=(issue.body or "") if include_body else None,
        body_format="markdown" if include_body else None,
        state=_state(issue.state),
        status=status,
        author=to_person(issue.user),
        assignees=_people(issue.assignees) if issue.assignees else (),
        labels=_names(issue.labels) if issue.labels else (),
        url=issue.html_url,
        has_children=bool(fields.get("subIssues")),
        comment_count=issue.comments,
        created_at=timestamp(issue.created_at),
        updated_at=timestamp(issue.updated_at),
        fields=fields,
    )


def parent_number(issue: Issue) -> int | None:
    """The number of an issue's parent; None without one, and for one in another repository."""
    if not issue.parent_issue_url:
        return None
    number = issue.parent_issue_url.removeprefix(f"{issue.repository_url}/issues/")
    return int(number) if number.isdecimal() else None


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
            "requestedReviewers": [user.login for user in pull.requested_reviewers or ()],
            "requestedTeams": [team.slug for team in pull.requested_teams or ()],
            "reviewState": None,
            "reviews": None,
        },
    )


def listed_pull(pull: PullRequest, repository: str) -> Item:
    """A pull request as its list has it: the single answer counts more, which changes by itself."""
    bare = replace(
        pull,
        comments=None,
        review_comments=None,
        commits=None,
        additions=None,
        deletions=None,
        changed_files=None,
        mergeable=None,
    )
    return pull_to_item(bare, repository, include_body=True)


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
