"""What can be done at GitHub besides browsing."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from src.connectors.github.arguments import (
    AddComment,
    CloseIssue,
    CreateIssue,
    CreatePullRequest,
    ReadFile,
    SearchIssues,
    WriteFile,
)
from src.connectors.github.contents import (
    WORKFLOWS,
    FileContent,
    FileWritten,
    read_file,
    write_file,
)
from src.connectors.github.discussion import to_comment
from src.connectors.github.ids import ItemRef, parse_repository, repository_id
from src.connectors.github.mapping import issue_to_item, pull_to_item
from src.connectors.github.places import branch_name, file_of
from src.connectors.github.schemas import Issue, IssueComment, PullRequest
from src.connectors.tools import Tool, ToolArguments
from src.core.errors import ValidationFailed
from src.models.query import ItemQuery
from src.models.unified import Comment, Item, Page

if TYPE_CHECKING:
    from src.connectors.github.items import Work

_WRITES = ("public_repo",)  # held by repo, too; a private repository needs that one


async def create_issue(connector: Work, given: CreateIssue) -> Item:
    """POST /repos/…/issues."""
    repository = parse_repository(given.repository, "repository")
    created = await connector.rest.write(
        "POST",
        "/repositories/{repository}/issues",
        Issue,
        json=_told(given, "title", "body", "labels", "assignees"),
        repository=repository,
    )
    return issue_to_item(created, repository, include_body=True)


async def add_comment(connector: Work, given: AddComment) -> Comment:
    """POST /repos/…/issues/…/comments: a pull request's conversation is an issue's."""
    ref = ItemRef(parse_repository(given.repository, "repository"), "issue", given.number)
    created = await connector.rest.write(
        "POST",
        "/repositories/{repository}/issues/{number}/comments",
        IssueComment,
        json={"body": given.body},
        **ref.at,
    )
    is_pull = "/pull/" in (created.html_url or "")
    return to_comment(created, ItemRef(ref.repository, "pull" if is_pull else "issue", ref.number))


async def close_issue(connector: Work, given: CloseIssue) -> Item:
    """PATCH /repos/…/issues/…: closes a pull request of this number just as well."""
    ref = ItemRef(parse_repository(given.repository, "repository"), "issue", given.number)
    changed = await connector.rest.write(
        "PATCH",
        "/repositories/{repository}/issues/{number}",
        Issue,
        json={"state": "closed", "state_reason": given.reason},
        **ref.at,
    )
    return issue_to_item(changed, ref.repository, include_body=True)


async def create_pull_request(connector: Work, given: CreatePullRequest) -> Item:
    """POST /repos/…/pulls."""
    repository = parse_repository(given.repository, "repository")
    created = await connector.rest.write(
        "POST",
        "/repositories/{repository}/pulls",
        PullRequest,
        json={
            **_told(given, "title", "body", "draft"),
            "head": branch_name(given.head, repository, "head"),
            "base": branch_name(given.base, repository, "base"),
        },
        repository=repository,
    )
    return pull_to_item(created, repository, include_body=True)


async def read(connector: Work, given: ReadFile) -> FileContent:
    """The file; an id may name the branch, too."""
    repository = parse_repository(given.repository, "repository")
    file = file_of(given.path, repository, "path")
    ref = branch_name(given.ref, repository, "ref") if given.ref else file.ref or None
    return await read_file(connector.rest, repository, file, ref)


async def write(connector: Work, given: WriteFile) -> FileWritten:
    """The file; a workflow needs a scope of its own."""
    repository = parse_repository(given.repository, "repository")
    file = file_of(given.path, repository, "path")
    if file.path is None:
        raise ValidationFailed([("path", "is too long for an id: give the path itself")])
    if file.path.startswith(WORKFLOWS):
        connector.need_scopes("workflow")
    branch = branch_name(given.branch, repository, "branch") if given.branch else file.ref or None
    body = {
        "message": given.message,
        "content": _in_base64(given),
        "branch": branch,
        "sha": given.sha,
    }
    told = {name: value for name, value in body.items() if value is not None}
    return await write_file(connector.rest, repository, file.path, told)


def _in_base64(given: WriteFile) -> str:
    """GitHub takes nothing else."""
    if given.encoding == "utf-8":
        return b64encode(given.content.encode()).decode()
    try:
        b64decode(given.content, validate=True)
    except ValueError as error:
        raise ValidationFailed([("content", "is no base64")]) from error
    return given.content


async def search_issues(connector: Work, given: SearchIssues) -> Page[Item]:
    """As the items of a repository with ``q``."""
    repository = parse_repository(given.repository, "repository")
    page = given.page()
    query = ItemQuery(
        container_id=repository_id(repository),
        q=given.q,
        type=given.type,
        state=given.state,
        updated_since=given.updated_since,
        limit=page.limit,
        token=page.token,
    )
    return await connector.items(query)


def _told(given: ToolArguments, *names: str) -> dict[str, Any]:
    """Arguments that say something."""
    values = ((name, getattr(given, name)) for name in names)
    return {name: value for name, value in values if value not in {None, ()}}


TOOLS = (
    Tool(
        "github_create_issue",
        "Open an issue. Answers it as an item.",
        CreateIssue,
        create_issue,
        _WRITES,
    ),
    Tool(
        "github_add_comment",
        "Comment on an issue or a pull request. Answers the comment.",
        AddComment,
        add_comment,
        _WRITES,
    ),
    Tool(
        "github_close_issue",
        "Close an issue, or a pull request without merging it. Answers it as an item.",
        CloseIssue,
        close_issue,
        _WRITES,
    ),
    Tool(
        "github_create_pull_request",
        "Open a pull request from one branch to another. Answers it as an item.",
        CreatePullRequest,
        create_pull_request,
        _WRITES,
    ),
    Tool(
        "github_read_file",
        "Read a file of up to 10 MiB: text as it is, everything else in base64. Its sha is what"
        " github_write_file needs to replace it.",
        ReadFile,
        read,
        read_only=True,
    ),
    Tool(
        "github_write_file",
        "Create a file, or replace it by the sha that was read. A conflict means that it has"
        " changed meanwhile: read it again. Workflow files need the scope workflow.",
        WriteFile,
        write,
        _WRITES,
    ),
    Tool(
        "github_search_issues",
        "Search the issues and pull requests of a repository. Answers a page of items.",
        SearchIssues,
        search_issues,
        read_only=True,
    ),
)
