"""What the tools take. These models are the forms and the schemas that agents see."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from src.connectors.tools import PagedArguments, ToolArguments, picked
from src.models.unified import State

_LONGEST_BODY = 65_536  # what GitHub takes

Title = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Body = Annotated[str, StringConstraints(max_length=_LONGEST_BODY)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Ref = Annotated[str, StringConstraints(min_length=1, max_length=512)]
Path = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1, description="Number in its repository: #42.")]


def _repository(*, writable: bool = False) -> Any:
    filters = {"writable": True} if writable else None
    return picked("github_repo", description="The repository (repo:…).", filters=filters)


def _branch(what: str, **more: Any) -> Any:
    description = f"{what}: a name, or the id of a branch."
    return picked("github_branch", description=description, depends_on="repository", **more)


def _file(what: str) -> Any:
    return picked("github_file", description=what, depends_on="repository")


class CreateIssue(ToolArguments):
    """A new issue."""

    repository: str = _repository()
    title: Title = Field(description="One line.")
    body: Body | None = Field(default=None, description="Markdown.")
    labels: tuple[Name, ...] = Field(
        default=(),
        strict=False,
        max_length=100,
        description="Names. GitHub ignores them from those who may not push.",
    )
    assignees: tuple[Name, ...] = Field(
        default=(),
        strict=False,
        max_length=10,
        description="Logins. GitHub ignores them from those who may not push.",
    )


class AddComment(ToolArguments):
    """A new comment on an issue or a pull request."""

    repository: str = _repository()
    number: Number
    body: Annotated[Body, StringConstraints(min_length=1)] = Field(description="Markdown.")


class CloseIssue(ToolArguments):
    """An issue that is done with."""

    repository: str = _repository()
    number: Number
    reason: Literal["completed", "not_planned", "duplicate"] = Field(
        default="completed", description="Why; GitHub ignores it for pull requests."
    )


class CreatePullRequest(ToolArguments):
    """A new pull request."""

    repository: str = _repository()
    title: Title = Field(description="One line.")
    head: Ref = _branch("Where the changes are; in a fork owner:branch")
    base: Ref = _branch("Where they shall go")
    body: Body | None = Field(default=None, description="Markdown.")
    draft: bool = Field(default=False, description="Not ready for review yet.")


class ReadFile(ToolArguments):
    """A file of a repository."""

    repository: str = _repository()
    path: Path = _file("Path from the root of the repository, or the id of a file.")
    ref: Ref | None = _branch("Branch, tag or commit; absent = the default branch", default=None)


class WriteFile(ToolArguments):
    """A file to create or to replace, in a commit of its own."""

    repository: str = _repository(writable=True)
    path: Path = _file("Path from the root of the repository, or the id of a file.")
    content: str = Field(description="All of the new content.")
    encoding: Literal["utf-8", "base64"] = Field(
        default="utf-8", description="How content is written; base64 for what is no text."
    )
    message: Annotated[str, StringConstraints(min_length=1, max_length=4096)] = Field(
        description="Message of the commit."
    )
    branch: Ref | None = _branch("Branch; absent = the default branch", default=None)
    sha: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")] | None = Field(
        default=None,
        description="sha of the file that is replaced, as github_read_file tells it; absent = the"
        " file must be new.",
    )


class SearchIssues(PagedArguments):
    """A search among the issues and pull requests of one repository."""

    repository: str = _repository()
    q: Annotated[str, StringConstraints(min_length=1, max_length=256)] = Field(
        description="Words in title, body and comments. Not GitHub's search language."
    )
    type: Literal["issue", "pull_request"] | None = Field(
        default=None, description="Both if absent."
    )
    state: State | None = Field(default=None, description="Both if absent.")
    updated_since: AwareDatetime | None = Field(default=None, strict=False, description="RFC 3339.")
