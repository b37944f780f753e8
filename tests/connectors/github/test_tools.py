"""Tools on issues and pull requests."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from src.connectors.github.connector import GitHubConnector
from src.connectors.github.manifest import MANIFEST
from src.connectors.github.places import branch_id
from src.core.errors import (
    InsufficientScope,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    ValidationFailed,
)
from src.models.query import CommentQuery, ItemQuery, OneItemQuery
from tests.conftest import GitHub
from tests.connectors.github.conftest import HELLO, Open

ROOT = Path(__file__).parents[3]
LEGACY = "repo:1296275"
PUBLIC_OF_OTHERS = "repo:1296274"


async def run(connector: GitHubConnector, name: str, **given: Any) -> Any:
    """As the service does it: arguments from JSON."""
    tool = MANIFEST.tool(f"github_{name}")
    assert tool is not None
    connector.need_scopes(*tool.scopes)
    content = msgspec.json.encode({"repository": HELLO, **given})
    return await tool.run(connector, tool.arguments.model_validate_json(content, strict=True))


async def test_an_issue_is_opened(connector: GitHubConnector, github: GitHub) -> None:
    issue = await run(
        connector,
        "create_issue",
        title="Ünïcode 🚀",
        body="First\r\n\r\nSecond",
        labels=["bug", "área"],
        assignees=["hubot"],
    )
    assert await github.requests() == {"POST /repositories/{id}/issues": 1}
    assert (issue.title, issue.body, issue.state) == ("Ünïcode 🚀", "First\r\n\r\nSecond", "open")
    assert (issue.id, issue.container_id) == ("1296269:issue:381", HELLO)
    assert issue.labels == ("bug", "área")
    assert [one.name for one in issue.assignees] == ["hubot"]
    assert issue.author.name == "octocat"
    again = await connector.item(OneItemQuery(item_id=issue.id))
    assert again.title == issue.title
    newest = await connector.items(ItemQuery(container_id=HELLO, limit=1))
    assert newest.items[0].id == issue.id


async def test_a_comment_is_added_to_an_issue_and_to_a_pull_request(
    connector: GitHubConnector,
) -> None:
    for number, kind in ((10, "issue"), (20, "pull")):
        comment = await run(connector, "add_comment", number=number, body="Ça marche 🙏")
        assert comment.item_id == f"1296269:{kind}:{number}"
        page = await connector.comments(CommentQuery(item_id=comment.item_id, limit=100))
        assert [one.id for one in page.items if one.type == "comment"][-1] == comment.id
        assert page.items[0].body


@pytest.mark.parametrize("reason", ["completed", "not_planned", "duplicate"])
async def test_an_issue_is_closed_with_a_reason(connector: GitHubConnector, reason: str) -> None:
    opened = await run(connector, "create_issue", title="Close me")
    number = opened.fields["number"]
    closed = await run(connector, "close_issue", number=number, reason=reason)
    assert (closed.state, closed.status, closed.fields["stateReason"]) == ("closed", reason, reason)
    assert closed.fields["closedAt"]


@pytest.mark.parametrize(
    ("head", "base"),
    [
        ("feature/login", "main"),
        ("octocat:feature/login", "main"),
        (branch_id(1296269, "feature/login"), branch_id(1296269, "main")),
        ("feature/login", branch_id("1296269", "grün/überall")),
    ],
)
async def test_a_pull_request_is_opened_by_names_or_by_picked_ids(
    connector: GitHubConnector, github: GitHub, head: str, base: str
) -> None:
    pull = await run(
        connector, "create_pull_request", title="Log in", head=head, base=base, draft=True
    )
    assert await github.requests() == {"POST /repositories/{id}/pulls": 1}
    assert (pull.type, pull.status, pull.id) == ("pull_request", "draft", "1296269:pull:381")
    assert pull.fields["headRef"] == "feature/login"
    assert pull.fields["baseRef"] in {"main", "grün/überall"}


@pytest.mark.parametrize(
    ("head", "base", "reason"),
    [
        ("patch-1", "main", "No commits between main and patch-1"),
        ("nowhere", "main", "head invalid"),
        ("feature/login", "nowhere", "base invalid"),
    ],
)
async def test_why_there_is_no_pull_request(
    connector: GitHubConnector, head: str, base: str, reason: str
) -> None:
    with pytest.raises(ProviderRejected) as caught:
        await run(connector, "create_pull_request", title="x", head=head, base=base)
    assert caught.value.details["reason"] == reason


async def test_there_is_one_pull_request_for_a_branch(connector: GitHubConnector) -> None:
    given = {"title": "x", "head": "feature/login", "base": "main"}
    await run(connector, "create_pull_request", **given)
    with pytest.raises(ProviderRejected) as caught:
        await run(connector, "create_pull_request", **given)
    assert "already exists for octocat:feature/login" in caught.value.details["reason"]


async def test_a_search_is_data_and_stays_in_its_repository(
    connector: GitHubConnector, github: GitHub
) -> None:
    page = await run(connector, "search_issues", q="theme", type="issue", state="open", limit=5)
    assert 0 < len(page.items) <= 5
    assert {item.container_id for item in page.items} == {HELLO}
    assert {(item.type, item.state) for item in page.items} == {("issue", "open")}
    assert connector.rest.rate_limit
    assert connector.rest.rate_limit.limit == 30
    following = await run(
        connector, "search_issues", q="theme", type="issue", limit=5, cursor=page.next_token
    )
    assert {item.id for item in page.items}.isdisjoint(item.id for item in following.items)
    hostile = await run(connector, "search_issues", q='x" repo:hubot/robots OR "theme')
    assert {item.container_id for item in hostile.items} <= {HELLO}


@pytest.mark.parametrize("tool", ["create_issue", "add_comment", "close_issue", "write_file"])
async def test_a_missing_scope_stops_a_write_before_any_call(
    open_with: Open, github: GitHub, tool: str
) -> None:
    given = {
        "create_issue": {"title": "x"},
        "add_comment": {"number": 1, "body": "x"},
        "close_issue": {"number": 1},
        "write_file": {"path": "x", "content": "x", "message": "x"},
    }
    with pytest.raises(InsufficientScope) as caught:
        await run(open_with(granted=("read:org",)), tool, **given[tool])
    assert caught.value.details["missingScopes"] == ["public_repo"]
    assert await github.requests() == {}


async def test_what_a_fine_grained_token_lacks_is_told_by_github(open_with: Open) -> None:
    reader = open_with("github_pat_sandbox_reader")
    for tool, given, missing in (
        ("create_issue", {"title": "x"}, "issues=write"),
        (
            "create_pull_request",
            {"title": "x", "head": "feature/login", "base": "main"},
            "pull_requests=write",
        ),
        ("write_file", {"path": "x", "content": "x", "message": "x"}, "contents=write"),
    ):
        with pytest.raises(InsufficientScope) as caught:
            await run(reader, tool, **given)
        assert caught.value.details["missingScopes"] == [missing]


@pytest.mark.parametrize(
    ("tool", "given", "error"),
    [
        ("create_issue", {"repository": LEGACY, "title": "x"}, ProviderForbidden),
        ("create_issue", {"repository": "repo:1296272", "title": "x"}, ProviderNotFound),
        ("create_issue", {"repository": "repo:9999999", "title": "x"}, ProviderNotFound),
        ("create_issue", {"title": "x", "assignees": ["nobody-here"]}, ProviderRejected),
        ("create_issue", {"title": "   "}, ProviderRejected),
        ("add_comment", {"number": 13, "body": "x"}, ProviderNotFound),
        ("add_comment", {"number": 9999, "body": "x"}, ProviderNotFound),
        ("add_comment", {"number": 1, "body": "  "}, ProviderRejected),
        ("close_issue", {"number": 9999}, ProviderNotFound),
        ("create_issue", {"repository": "octocat/Hello-World", "title": "x"}, ValidationFailed),
        ("create_issue", {"repository": "org:octo-org", "title": "x"}, ValidationFailed),
        (
            "create_pull_request",
            {"title": "x", "head": branch_id(1296274, "x"), "base": "main"},
            ValidationFailed,
        ),
    ],
)
async def test_writes_that_fail(
    connector: GitHubConnector, tool: str, given: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await run(connector, tool, **given)


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("create_issue", {"title": ""}),
        ("create_issue", {"title": "x" * 257}),
        ("create_issue", {"title": "x", "body": "x" * 65_537}),
        ("create_issue", {"title": "x", "labels": "bug"}),
        ("create_issue", {"title": "x", "milestone": 1}),
        ("add_comment", {"number": 0, "body": "x"}),
        ("add_comment", {"number": "7", "body": "x"}),
        ("add_comment", {"number": 7, "body": ""}),
        ("close_issue", {"number": 7, "reason": "bored"}),
        ("read_file", {"path": ""}),
        ("write_file", {"path": "x", "content": "x", "message": "x", "sha": "abc"}),
        ("search_issues", {"q": "x", "limit": 101}),
    ],
)
async def test_arguments_that_are_none(
    connector: GitHubConnector, github: GitHub, tool: str, given: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        await run(connector, tool, **given)
    assert await github.requests() == {}


async def test_who_writes_too_much_is_told_to_wait(connector: GitHubConnector) -> None:
    async def write_on() -> None:
        # More than twice the limit: the minute may end meanwhile.
        for number in range(165):
            await run(connector, "create_issue", title=f"Issue {number}")

    with pytest.raises(RateLimited) as caught:
        await write_on()
    assert caught.value.retry_after
    assert caught.value.retry_after <= 60
    assert (await connector.items(ItemQuery(container_id=HELLO, limit=1))).items


async def test_a_write_is_sent_once_even_if_its_answer_is_lost(
    connector: GitHubConnector, github: GitHub
) -> None:
    await github.fault({"kind": "cut", "method": "POST"})
    with pytest.raises(ProviderUnavailable):
        await run(connector, "create_issue", title="Once")
    assert await github.requests() == {"POST /repositories/{id}/issues": 1}


def test_schemas_say_what_can_be_picked() -> None:
    tool = MANIFEST.tool("github_create_pull_request")
    assert tool is not None
    properties = tool.input_schema()["properties"]
    assert properties["repository"]["x-resource-picker"] == {"resource_type": "github_repo"}
    assert properties["head"]["x-resource-picker"] == {
        "resource_type": "github_branch",
        "depends_on": "repository",
    }
    writing = MANIFEST.tool("github_write_file")
    assert writing is not None
    assert writing.input_schema()["properties"]["repository"]["x-resource-picker"] == {
        "resource_type": "github_repo",
        "filter": {"writable": True},
    }


def test_the_page_names_every_tool_and_picker_with_its_scopes() -> None:
    page = (ROOT / "docs/connectors/github.md").read_text(encoding="utf-8")
    _, _, tools = page.partition("\n## Tools\n")
    rows = [line for line in tools.splitlines() if line.startswith("| `github_")]
    for kind in (*MANIFEST.tools, *MANIFEST.resource_types):
        named = [row for row in rows if f"`{kind.name}`" in row.split("|")[1]]
        assert named, f"{kind.name} is in no table"
        same = any("the same" in row for row in named)
        for scope in kind.scopes:
            assert same or any(f"`{scope}`" in row for row in named), kind.name
