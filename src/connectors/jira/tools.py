"""What can be done in Jira: issues made, changed, commented, moved on, handed over, found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Struct
from pydantic import Field, StringConstraints

from src.connectors.jira import writing
from src.connectors.jira.ids import issue_of
from src.connectors.jira.schemas import Transition
from src.connectors.tools import PagedArguments, Tool, ToolArguments, picked
from src.core.errors import ValidationFailed
from src.models.unified import Comment, Item, Page

if TYPE_CHECKING:
    from src.connectors.jira.connector import JiraConnector

READ = "read:jira-work"
WRITE = "write:jira-work"
_PROJECT = "The project, by its id or key."
_ISSUE = "The issue, by its id or key."

Text = Annotated[str, StringConstraints(max_length=32_767)]
"""Jira's own limit of a text field."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class Written(Struct, rename="camel", omit_defaults=True):
    """An issue after a change."""

    id: str
    key: str | None = None
    url: str | None = None


class OpenTransition(Struct, rename="camel"):
    """A way that is open to an issue."""

    id: str
    name: str
    to_status: str | None
    has_screen: bool | None


class IssueValues(ToolArguments):
    """What a new issue and a changed one have in common."""

    description: Text | None = Field(default=None, description="Plain text; paragraphs stay.")
    labels: list[Line] | None = Field(default=None, description="Labels, without spaces.")
    priority: Line | None = Field(default=None, description="A priority by name: High.")
    due_date: str | None = Field(
        default=None,
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        description="A day: 2026-12-31.",
    )
    fields: dict[str, Any] | None = Field(
        default=None,
        description='Any other field by its id, as Jira takes it: {"customfield_10016": 5}.',
    )


class CreateIssue(IssueValues):
    """Arguments of ``jira_create_issue``."""

    project: str = picked("jira_project", description=_PROJECT)
    summary: Line = Field(description="The title.")
    issue_type: Line = Field(default="Task", description="An issue type by name or id.")
    parent: str | None = picked(
        "jira_issue",
        description="The issue that the new one stands below, by its id or key.",
        depends_on="project",
        default=None,
    )
    assignee: Line | None = Field(default=None, description="An account id (a name on a server).")


class UpdateIssue(IssueValues):
    """Arguments of ``jira_update_issue``; what is absent stays as it is."""

    issue: str = picked("jira_issue", description=_ISSUE)
    summary: Line | None = Field(default=None, description="The title.")
    add_labels: list[Line] | None = Field(default=None, description="Labels to add.")
    remove_labels: list[Line] | None = Field(default=None, description="Labels to take away.")


class AddComment(ToolArguments):
    """Arguments of ``jira_add_comment``."""

    issue: str = picked("jira_issue", description=_ISSUE)
    body: Annotated[str, StringConstraints(min_length=1, max_length=32_767)] = Field(
        description="Plain text; paragraphs stay."
    )


class ListTransitions(ToolArguments):
    """Arguments of ``jira_list_transitions``."""

    issue: str = picked("jira_issue", description=_ISSUE)


class TransitionIssue(ToolArguments):
    """Arguments of ``jira_transition_issue``."""

    issue: str = picked("jira_issue", description=_ISSUE)
    transition: Line = Field(
        description="An id or name of jira_list_transitions, or the name of the status it leads to."
    )
    resolution: Line | None = Field(default=None, description="A resolution by name: Done.")
    comment: Text | None = Field(default=None, description="Plain text, said along with it.")


class AssignIssue(ToolArguments):
    """Arguments of ``jira_assign_issue``."""

    issue: str = picked("jira_issue", description=_ISSUE)
    assignee: Line | None = Field(
        description="An account id (a name on a server); -1 is the project's default, null nobody."
    )


class SearchIssues(PagedArguments):
    """Arguments of ``jira_search_issues``."""

    jql: Annotated[str, StringConstraints(min_length=1, max_length=2_000)] = Field(
        description="A query in JQL with at least one condition: project = EX AND status = Done."
    )
    include_body: bool = Field(default=False, description="Whether descriptions come along.")


async def create_issue(connector: JiraConnector, arguments: CreateIssue) -> Written:
    """Make an issue."""
    at = connector.at
    created = await at.create(writing.new_issue(at, arguments))
    return Written(created.id, created.key, at.reader.browse(created.key))


async def update_issue(connector: JiraConnector, arguments: UpdateIssue) -> Written:
    """Change an issue."""
    at = connector.at
    issue = issue_of(arguments.issue, "issue")
    await at.update(issue, writing.changed_issue(at, arguments))
    return Written(issue)


async def add_comment(connector: JiraConnector, arguments: AddComment) -> Comment:
    """Say something about an issue."""
    at = connector.at
    issue = issue_of(arguments.issue, "issue")
    return await at.add_comment(issue, {"body": at.document(arguments.body)})


async def list_transitions(
    connector: JiraConnector, arguments: ListTransitions
) -> dict[str, list[OpenTransition]]:
    """What may be done next with an issue."""
    found = await connector.at.transitions(issue_of(arguments.issue, "issue"))
    return {"items": [_open(transition) for transition in found]}


async def transition_issue(connector: JiraConnector, arguments: TransitionIssue) -> Written:
    """Move an issue on."""
    at = connector.at
    issue = issue_of(arguments.issue, "issue")
    wanted = arguments.transition
    if not wanted.isdecimal():
        wanted = _chosen(await at.transitions(issue), wanted)
    await at.transition(issue, writing.moved_issue(at, wanted, arguments))
    return Written(issue)


async def assign_issue(connector: JiraConnector, arguments: AssignIssue) -> Written:
    """Hand an issue to somebody."""
    issue = issue_of(arguments.issue, "issue")
    await connector.at.assign(issue, arguments.assignee)
    return Written(issue)


async def search_issues(connector: JiraConnector, arguments: SearchIssues) -> Page[Item]:
    """Find issues."""
    return await connector.search(
        arguments.page(), arguments.jql, include_body=arguments.include_body
    )


def _open(transition: Transition) -> OpenTransition:
    return OpenTransition(
        id=transition.id,
        name=transition.name,
        to_status=transition.to.name if transition.to else None,
        has_screen=transition.has_screen,
    )


def _chosen(open_now: list[Transition], wanted: str) -> str:
    """The id of a transition that was named.

    Raises:
        ValidationFailed: None, or several, are called so.
    """
    name = wanted.casefold()
    named = [one for one in open_now if one.name.casefold() == name]
    leading = [one for one in open_now if one.to is not None and one.to.name.casefold() == name]
    found = named or leading
    if len(found) == 1:
        return found[0].id
    known = ", ".join(f"{one.name} ({one.id})" for one in open_now) or "none"
    raise ValidationFailed([("arguments.transition", f"open to this issue are: {known}")])


TOOLS = (
    Tool("jira_create_issue", "Create an issue.", CreateIssue, create_issue, (READ, WRITE)),
    Tool(
        "jira_update_issue",
        "Change fields of an issue; what is absent stays.",
        UpdateIssue,
        update_issue,
        (READ, WRITE),
    ),
    Tool("jira_add_comment", "Comment on an issue.", AddComment, add_comment, (READ, WRITE)),
    Tool(
        "jira_list_transitions",
        "List the transitions that are open to an issue.",
        ListTransitions,
        list_transitions,
        (READ,),
        read_only=True,
    ),
    Tool(
        "jira_transition_issue",
        "Move an issue to another status.",
        TransitionIssue,
        transition_issue,
        (READ, WRITE),
    ),
    Tool("jira_assign_issue", "Assign an issue.", AssignIssue, assign_issue, (READ, WRITE)),
    Tool(
        "jira_search_issues",
        "Find issues by JQL.",
        SearchIssues,
        search_issues,
        (READ,),
        read_only=True,
    ),
)
