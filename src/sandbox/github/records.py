"""The imitation's own records: what GitHub would keep, not how it shows it."""

import msgspec

from src.sandbox.github.git import Branch


class Account(msgspec.Struct, frozen=True):
    """A user or an organisation."""

    id: int
    login: str
    name: str
    type: str = "User"
    email: str | None = None
    bio: str | None = None
    members: frozenset[str] = frozenset()
    """Logins, when it is an organisation."""


class Label(msgspec.Struct, frozen=True):
    """A label of a repository."""

    id: int
    name: str
    color: str
    description: str | None
    default: bool = False


class Milestone(msgspec.Struct, frozen=True):
    """A milestone of a repository."""

    id: int
    number: int
    title: str
    state: str
    due_on: str | None = None


class Comment(msgspec.Struct, frozen=True):
    """A comment below an issue or a pull request; a user of None has been deleted."""

    id: int
    issue_number: int
    body: str
    user: Account | None
    created_at: str
    updated_at: str


class ReviewComment(msgspec.Struct, frozen=True):
    """A comment on a line of a pull request; replies name the first comment of their thread."""

    id: int
    pull_number: int
    review_id: int
    in_reply_to_id: int | None
    path: str
    line: int | None
    body: str
    user: Account | None
    created_at: str
    updated_at: str
    subject: str = "line"
    """Or the whole file."""


class Review(msgspec.Struct, frozen=True):
    """A review of a pull request."""

    id: int
    body: str
    state: str
    user: Account | None
    submitted_at: str


class Pull(msgspec.Struct, frozen=True):
    """What an issue has besides, when it is a pull request."""

    id: int
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    draft: bool
    merged_at: str | None
    changed_files: int
    additions: int
    deletions: int
    review_comments: tuple[ReviewComment, ...] = ()
    reviews: tuple[Review, ...] = ()
    reviewers: tuple[Account, ...] = ()
    """Who is asked for a review and has not given one."""


class Issue(msgspec.Struct, frozen=True):
    """An issue, or a pull request when `pull` is set."""

    id: int
    number: int
    title: str
    body: str | None
    user: Account | None
    state: str
    state_reason: str | None
    created_at: str
    updated_at: str
    closed_at: str | None
    locked: bool = False
    labels: tuple[Label, ...] = ()
    assignees: tuple[Account, ...] = ()
    milestone: Milestone | None = None
    comments: tuple[Comment, ...] = ()
    children: tuple[int, ...] = ()
    strangers: tuple[tuple[int, int], ...] = ()
    """Children in other repositories: repository id and number."""
    parent: str | None = None
    """Where its parent is: `octocat/Hello-World/issues/7`."""
    pull: Pull | None = None


class Repository(msgspec.Struct, frozen=True):
    """A repository with everything below it."""

    id: int
    name: str
    owner: Account
    description: str | None
    created_at: str
    updated_at: str
    pushed_at: str
    private: bool = False
    fork: bool = False
    archived: bool = False
    has_issues: bool = True
    blocked: bool = False
    """Taken down after a legal complaint: answers 451."""
    language: str | None = None
    topics: tuple[str, ...] = ()
    stars: int = 0
    size: int = 0
    collaborators: frozenset[str] = frozenset()
    issues: tuple[Issue, ...] = ()
    """In the order of their numbers."""
    open_issues: int = 0
    """Issues and pull requests together, as GitHub counts them."""
    deleted: frozenset[int] = frozenset()
    transferred: tuple[tuple[int, int, int], ...] = ()
    """Old number, new repository id, new number."""
    branches: tuple[Branch, ...] = ()
    """The first is the default; without any the repository is empty."""
    tree_limit: int = 100_000
    """Above so many entries a recursive tree is cut; GitHub's number, smaller where tests look."""

    def branch(self, name: str) -> Branch | None:
        """Find a branch, a commit of one, or HEAD."""
        if name in {"", "HEAD"}:
            return next(iter(self.branches), None)
        return next((one for one in self.branches if name in {one.name, one.commit}), None)

    @property
    def full_name(self) -> str:
        """Return the name as people write it."""
        return f"{self.owner.login}/{self.name}"


class Installation(msgspec.Struct, frozen=True):
    """A GitHub App installed at an account, for all of its repositories or for chosen ones."""

    id: int
    account: Account
    repositories: frozenset[int] | None = None
    """Ids; None = all."""
    suspended: bool = False

    def covers(self, repository: Repository) -> bool:
        """Tell whether the app may look at a repository."""
        if repository.owner.id != self.account.id:
            return False
        return self.repositories is None or repository.id in self.repositories


class World(msgspec.Struct, frozen=True):
    """All of the seed; it never changes."""

    accounts: tuple[Account, ...]
    repositories: tuple[Repository, ...]
    renamed: tuple[tuple[str, int], ...]
    """Old full names, with the id they now redirect to."""
    installations: tuple[Installation, ...] = ()

    def account(self, login: str) -> Account | None:
        """Find an account; case does not matter at GitHub."""
        return next((one for one in self.accounts if one.login.lower() == login.lower()), None)

    def organizations(self) -> list[Account]:
        """Return the organisations."""
        return [one for one in self.accounts if one.type == "Organization"]
