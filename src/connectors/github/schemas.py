"""Fragments of GitHub's answers: only the fields that we read, with GitHub's own nouns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from src.connectors.rest.decoding import Fragment

R = TypeVar("R")
REACH = 1000
"""How many results of a search can be read."""


class User(Fragment):
    """A user or an organisation, as it stands in other objects."""

    login: str
    id: int
    html_url: str | None = None
    avatar_url: str | None = None
    type: str | None = None
    name: str | None = None


class Organization(Fragment):
    """An entry of ``/user/orgs``."""

    login: str
    id: int
    description: str | None = None


class Holder(Fragment):
    """Who has installed a GitHub App: a user, an organisation, or an enterprise without a login."""

    login: str | None = None
    slug: str | None = None


class Installation(Fragment):
    """An installation of a GitHub App."""

    id: int
    account: Holder | None = None
    html_url: str | None = None
    repository_selection: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    suspended_at: str | None = None


class Permissions(Fragment):
    """What the caller may do with a repository."""

    push: bool = False


class Repository(Fragment):
    """A repository."""

    id: int
    name: str
    full_name: str
    owner: User
    html_url: str | None = None
    description: str | None = None
    archived: bool = False
    permissions: Permissions | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Label(Fragment):
    """A label; GitHub's older answers have plain strings instead."""

    name: str | None = None


class Milestone(Fragment):
    """A milestone."""

    number: int
    title: str


class PullLink(Fragment):
    """What marks an issue as a pull request."""

    merged_at: str | None = None


class SubIssues(Fragment):
    """How many sub-issues an issue has."""

    total: int = 0
    completed: int = 0


class Home(Fragment):
    """The repository of an issue, in lists over several."""

    id: int


class Issue(Fragment):
    """An issue, or a pull request seen as one."""

    number: int
    title: str
    state: str
    body: str | None = None
    state_reason: str | None = None
    html_url: str | None = None
    user: User | None = None
    assignees: list[User] | None = None
    labels: tuple[Label | str, ...] = ()
    milestone: Milestone | None = None
    comments: int = 0
    locked: bool = False
    draft: bool | None = None
    author_association: str | None = None
    pull_request: PullLink | None = None
    sub_issues_summary: SubIssues | None = None
    repository_url: str | None = None
    parent_issue_url: str | None = None
    """Only where there is a parent, which may be in another repository."""
    repository: Home | None = None
    created_at: str | None = None
    updated_at: str | None = None
    closed_at: str | None = None

    @property
    def home(self) -> str:
        """The number of its repository, in lists over several.

        Raises:
            ValueError: It is missing.
        """
        if self.repository is None:
            raise ValueError("an issue without its repository")
        return str(self.repository.id)


class Branch(Fragment):
    """One end of a pull request."""

    ref: str | None = None
    sha: str | None = None


class Team(Fragment):
    """A team of an organisation."""

    slug: str


class Review(Fragment):
    """A review of a pull request; one that is not submitted yet has no time."""

    id: int
    state: str
    body: str | None = None
    html_url: str | None = None
    user: User | None = None
    author_association: str | None = None
    submitted_at: str | None = None
    commit_id: str | None = None


class PullRequest(Fragment):
    """A pull request; the counts stand only in the single answer, not in lists."""

    number: int
    title: str
    state: str
    body: str | None = None
    html_url: str | None = None
    user: User | None = None
    assignees: list[User] | None = None
    labels: tuple[Label | str, ...] = ()
    milestone: Milestone | None = None
    locked: bool = False
    draft: bool | None = None
    author_association: str | None = None
    head: Branch | None = None
    base: Branch | None = None
    merged_at: str | None = None
    mergeable: bool | None = None
    requested_reviewers: list[User] | None = None
    requested_teams: list[Team] | None = None
    comments: int | None = None
    review_comments: int | None = None
    commits: int | None = None
    additions: int | None = None
    deletions: int | None = None
    changed_files: int | None = None
    created_at: str | None = None
    updated_at: str | None = None
    closed_at: str | None = None


class IssueComment(Fragment):
    """A comment in the conversation of an issue or pull request."""

    id: int
    body: str | None = None
    html_url: str | None = None
    issue_url: str | None = None
    user: User | None = None
    author_association: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class ReviewComment(Fragment):
    """A comment on a line of a pull request's diff."""

    id: int
    body: str | None = None
    html_url: str | None = None
    pull_request_url: str | None = None
    user: User | None = None
    author_association: str | None = None
    in_reply_to_id: int | None = None
    path: str | None = None
    line: int | None = None
    side: str | None = None
    start_line: int | None = None
    start_side: str | None = None
    original_line: int | None = None
    subject_type: str | None = None
    diff_hunk: str | None = None
    commit_id: str | None = None
    pull_request_review_id: int | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Numbered(Fragment):
    """An issue or a pull request, by its number alone."""

    number: int


class Identified(Fragment):
    """Anything, by its id alone."""

    id: int


class Changed(Fragment):
    """Anything, by the time of its last change alone."""

    updated_at: str


class Installations(Fragment, Generic[R]):
    """A wrapped listing of installations."""

    installations: list[R]
    truncated: bool = False

    @property
    def rows(self) -> Sequence[R]:
        """The installations."""
        return self.installations


class InstalledRepositories(Fragment, Generic[R]):
    """A wrapped listing of the repositories of an installation."""

    repositories: list[R]
    truncated: bool = False

    @property
    def rows(self) -> Sequence[R]:
        """The repositories."""
        return self.repositories


class Search(Fragment, Generic[R]):
    """A wrapped listing of the search API."""

    items: list[R]
    incomplete_results: bool = False
    total_count: int = 0

    @property
    def rows(self) -> Sequence[R]:
        """What was found."""
        return self.items

    @property
    def truncated(self) -> bool:
        """Whether GitHub gave up early, or found more than the thousand that it hands out."""
        return self.incomplete_results or self.total_count > REACH
