"""Tools: what is sent, what comes of it, and what is refused before it is sent."""

from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from src.connectors.jira.connector import JiraConnector
from src.connectors.jira.manifest import MANIFEST
from src.core.errors import ProviderNotFound, ProviderRejected, ValidationFailed
from src.models.query import CommentQuery, OneItemQuery
from src.models.unified import Item, Page
from tests.connectors.jira.conftest import BEN, EPIC, Atlassian, Open


async def run(connector: JiraConnector, name: str, **arguments: Any) -> Any:
    tool = MANIFEST.tool(name)
    assert tool is not None
    read = tool.arguments.model_validate_json(msgspec.json.encode(arguments), strict=True)
    return await tool.run(connector, read)


async def issue(connector: JiraConnector, key: str) -> Item:
    return await connector.item(OneItemQuery(item_id=key))


async def test_an_issue_is_made(either: JiraConnector) -> None:
    made = await run(
        either,
        "jira_create_issue",
        project="10000",
        summary='New "one" 日本',
        issue_type="Sub-task",
        parent="EX-2",
        description="First.\n\nSecond\nline.",
        labels=["a", "b"],
        priority="High",
        due_date="2026-12-31",
        fields={"customfield_10016": 8},
    )
    assert made.key == "EX-9001"
    assert made.url.endswith("/browse/EX-9001")
    found = await issue(either, made.id)
    assert found.title == 'New "one" 日本'
    assert (found.type, found.parent_id) == ("Sub-task", "10102")
    assert "First." in (found.body or "")
    assert "Second" in (found.body or "")
    assert found.labels == ("a", "b")
    assert (found.fields["priority"], found.fields["dueDate"]) == ("High", "2026-12-31")
    assert found.fields["Story Points"] == 8


async def test_a_text_is_a_document_in_the_cloud_and_plain_in_a_data_center(
    connector: JiraConnector, server: JiraConnector, atlassian: Atlassian
) -> None:
    for one in (connector, server):
        await run(one, "jira_create_issue", project="EX", summary="x", description="One\n\nTwo")
    cloud, plain = (
        msgspec.json.decode(request.content)["fields"]["description"]
        for request in atlassian.network.requests
    )
    assert (cloud["type"], cloud["version"], len(cloud["content"])) == ("doc", 1, 2)
    assert plain == "One\n\nTwo"


async def test_somebody_is_an_account_id_in_the_cloud_and_a_name_in_a_data_center(
    connector: JiraConnector, server: JiraConnector, atlassian: Atlassian
) -> None:
    for one, user in ((connector, BEN), (server, "ben")):
        await run(one, "jira_assign_issue", issue="EX-9", assignee=user)
        assert [person.name for person in (await issue(one, "EX-9")).assignees] == ["Ben Ruíz"]
        await run(one, "jira_assign_issue", issue="EX-9", assignee=None)
        assert (await issue(one, "EX-9")).assignees == ()
    sent = [msgspec.json.decode(one.content) for one in atlassian.network.requests if one.content]
    assert sent == [{"accountId": BEN}, {"accountId": None}, {"name": "ben"}, {"name": None}]


async def test_an_issue_is_changed_and_the_rest_stays(either: JiraConnector) -> None:
    before = await issue(either, "EX-10")
    done = await run(
        either,
        "jira_update_issue",
        issue="EX-10",
        summary="Another",
        add_labels=["new"],
        remove_labels=["ünïcode"],
    )
    assert done.id == "EX-10"
    after = await issue(either, "EX-10")
    assert after.title == "Another"
    assert after.labels == ("backend", "new")
    assert (after.body, after.status) == (before.body, before.status)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"labels": ["a"], "add_labels": ["b"]}],
    ids=["nothing", "two ways to set labels"],
)
async def test_a_change_that_is_none(
    connector: JiraConnector, atlassian: Atlassian, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ValidationFailed):
        await run(connector, "jira_update_issue", issue="EX-9", **arguments)
    assert atlassian.asked() == []


async def test_a_comment_is_said(either: JiraConnector) -> None:
    said = await run(either, "jira_add_comment", issue="EX-8", body="Hello\nthere")
    assert (said.item_id, said.author.name) == ("10108", "Mia Krystof")
    assert "Hello" in said.body
    listed = await either.comments(CommentQuery(item_id="EX-8"))
    assert listed.items[-1].id == said.id


async def test_transitions_are_listed_and_taken_by_id_name_or_status(
    either: JiraConnector, atlassian: Atlassian
) -> None:
    listed = await run(either, "jira_list_transitions", issue="EX-9")
    names = {one.name: (one.id, one.to_status) for one in listed["items"]}
    assert names == {"Start": ("21", "In Progress"), "Finish": ("31", "Done")}
    atlassian.asked()
    await run(either, "jira_transition_issue", issue="EX-9", transition="21")
    assert len(atlassian.asked()) == 1
    assert (await issue(either, "EX-9")).status == "In Progress"
    await run(either, "jira_transition_issue", issue="EX-9", transition="finish")
    assert (await issue(either, "EX-9")).state == "closed"
    await run(
        either, "jira_transition_issue", issue="EX-9", transition="to do", comment="Not done yet"
    )
    assert (await issue(either, "EX-9")).status == "To Do"
    said = await either.comments(CommentQuery(item_id="EX-9"))
    assert said.items[-1].body.strip() == "Not done yet"


async def test_a_transition_that_is_not_open(connector: JiraConnector) -> None:
    with pytest.raises(ValidationFailed, match=r"Start \(21\), Finish \(31\)"):
        await run(connector, "jira_transition_issue", issue="EX-9", transition="To Do")
    with pytest.raises(ProviderRejected):
        await run(connector, "jira_transition_issue", issue="EX-9", transition="999")


async def test_a_search_goes_over_all_projects_and_has_pages(connector: JiraConnector) -> None:
    page = await run(
        connector, "jira_search_issues", jql="summary ~ theme ORDER BY created DESC", limit=7
    )
    assert isinstance(page, Page)
    assert len(page.items) == 7
    assert page.next_token is not None
    assert page.items[0].body is None
    found = await run(
        connector, "jira_search_issues", jql="key in (EX-1, MKT-1)", include_body=True
    )
    assert {item.container_id for item in found.items} == {"10000", "10003"}
    assert all(item.body for item in found.items)


@pytest.mark.parametrize("jql", ["ORDER BY created", "nonsense ===", "nosuchfield = 1"])
async def test_a_query_that_jira_refuses(connector: JiraConnector, jql: str) -> None:
    with pytest.raises(ProviderRejected) as refused:
        await run(connector, "jira_search_issues", jql=jql)
    assert refused.value.details["message"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"project": "NOSUCH", "summary": "x"}, "project: valid project is required"),
        ({"project": "EX", "summary": "x", "issue_type": "Nope"}, "issuetype: "),
        ({"project": "EX", "summary": "x", "priority": "Nope"}, "priority: "),
        ({"project": "EX", "summary": "x", "labels": ["a b"]}, "labels: "),
        ({"project": "EX", "summary": "x", "assignee": "nobody"}, "assignee: "),
        ({"project": "EX", "summary": "x", "parent": "EX-99999"}, "parent: "),
        ({"project": "EX", "summary": "x", "fields": {"customfield_99": 1}}, "customfield_99: "),
    ],
    ids=str,
)
async def test_jira_names_the_field_that_is_wrong(
    connector: JiraConnector, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProviderRejected) as refused:
        await run(connector, "jira_create_issue", **arguments)
    assert message in refused.value.details["message"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("jira_add_comment", {"body": "x"}),
        ("jira_update_issue", {"summary": "x"}),
        ("jira_assign_issue", {"assignee": None}),
        ("jira_list_transitions", {}),
        ("jira_transition_issue", {"transition": "21"}),
    ],
)
async def test_an_issue_that_is_not_there(
    connector: JiraConnector, atlassian: Atlassian, name: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ProviderNotFound):
        await run(connector, name, issue="EX-99999", **arguments)
    atlassian.asked()
    with pytest.raises(ValidationFailed):
        await run(connector, name, issue="../../myself", **arguments)
    assert atlassian.asked() == []


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("jira_create_issue", {"project": "EX"}),
        ("jira_create_issue", {"project": "EX", "summary": ""}),
        ("jira_create_issue", {"project": "EX", "summary": "x" * 256}),
        ("jira_create_issue", {"project": "EX", "summary": "x", "due_date": "tomorrow"}),
        ("jira_create_issue", {"project": 10000, "summary": "x"}),
        ("jira_create_issue", {"project": "EX", "summary": "x", "nonsense": 1}),
        ("jira_add_comment", {"issue": "EX-1", "body": ""}),
        ("jira_add_comment", {"issue": "EX-1", "body": "x" * 32_768}),
        ("jira_assign_issue", {"issue": "EX-1"}),
        ("jira_search_issues", {"jql": ""}),
        ("jira_search_issues", {"jql": "a=1", "limit": 101}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_arguments_that_are_wrong(name: str, arguments: dict[str, Any]) -> None:
    tool = MANIFEST.tool(name)
    assert tool is not None
    with pytest.raises(ValidationError):
        tool.arguments.model_validate_json(msgspec.json.encode(arguments), strict=True)


async def test_a_change_is_sent_once(connector: JiraConnector, atlassian: Atlassian) -> None:
    await atlassian.fault({"kind": "server_error", "status": 502, "method": "POST"})
    with pytest.raises(Exception, match="outage"):
        await run(connector, "jira_add_comment", issue="EX-9", body="x")
    assert atlassian.asked() == ["POST api/3/issue/EX-9/comment"]


async def test_a_scope_that_is_missing(open_with: Open, atlassian: Atlassian) -> None:
    reader = open_with("oauth2", "eyJ-sandbox-mia-reader")
    await run(reader, "jira_search_issues", jql="project = EX")
    with pytest.raises(Exception, match="scope"):
        await run(reader, "jira_add_comment", issue=EPIC, body="x")


def test_pickers_depend_on_each_other() -> None:
    tool = MANIFEST.tool("jira_create_issue")
    assert tool is not None
    properties = tool.input_schema()["properties"]
    assert properties["project"]["x-resource-picker"] == {"resource_type": "jira_project"}
    assert properties["parent"]["x-resource-picker"] == {
        "resource_type": "jira_issue",
        "depends_on": "project",
    }
