"""Jira's answers as they are in life: nulls, strings where documents belong, and nonsense."""

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from src.connectors.base import ConnectorContext
from src.connectors.jira.config import Config, Settings
from src.connectors.jira.connector import JiraConnector
from src.connectors.jira.manifest import MANIFEST
from src.connectors.jira.tools import TransitionIssue, transition_issue
from src.connectors.rest.authenticators import BearerAuthenticator
from src.connectors.rest.client import Address, RestClient
from src.connectors.rest.retry import Retrier
from src.core.errors import CredentialRefused, UnreadableAnswer, ValidationFailed
from src.core.outbound import Outbound
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery
from src.models.unified import Item
from tests.fakes.clock import Sleeps
from tests.fakes.tokens import Held

CLOUD = "1324a887-45db-4bf4-9e99-ef0ff456d421"
FIELDS: dict[str, Any] = {"project": {"id": "1"}}
ISSUE = {"id": "7", "key": "EX-7", "fields": FIELDS}
PERSON = {"accountId": "a", "displayName": "Ada"}
ONE = OneItemQuery(item_id="7")


def answering(*bodies: Any) -> JiraConnector:
    """The connector over a Jira that answers these bodies, one after the other."""
    left = list(bodies)
    return over(lambda _: httpx.Response(200, content=msgspec.json.encode(left.pop(0))))


def over(handler: Callable[[httpx.Request], httpx.Response]) -> JiraConnector:
    """The connector over a Jira that answers as this function does."""
    rest = RestClient(
        Outbound(httpx.MockTransport(handler)),
        Address("https://api.atlassian.com"),
        MANIFEST.dialect,
        BearerAuthenticator(Held("eyJ-x")),
        Retrier(sleep=Sleeps()),
        5,
    )
    config = Config.model_validate({"cloudId": CLOUD})
    return JiraConnector(ConnectorContext(rest, config, auth_method="oauth2", settings=Settings()))


async def item(**fields: Any) -> Item:
    return await answering({**ISSUE, "fields": {**FIELDS, **fields}}).item(ONE)


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({}, "body", ""),
        ({}, "title", ""),
        ({}, "type", "issue"),
        ({}, "status", None),
        ({"description": "plain, as some fields are"}, "body", "plain, as some fields are"),
        ({"description": {"type": "doc", "version": 1, "content": []}}, "body", ""),
        ({"description": 7}, "body", ""),
        ({"status": {"name": "Odd"}}, "state", None),
        ({"status": {"name": "Odd", "statusCategory": {"key": "undefined"}}}, "state", None),
        ({"status": {"name": "Fertig", "statusCategory": {"key": "done"}}}, "state", "closed"),
        ({"issuetype": {"name": "Epic", "hierarchyLevel": 1}}, "has_children", True),
        ({"issuetype": {"name": "Sub", "hierarchyLevel": -1}}, "has_children", False),
        ({"subtasks": [{"id": "8"}]}, "has_children", True),
        ({"reporter": None, "creator": PERSON}, "author", "Ada"),
        ({"labels": None, "subtasks": None, "components": None}, "labels", ()),
        ({"created": "2023-06-24T19:24:50.000-0730"}, "created_at", "2023-06-25T02:54:50.000Z"),
        ({"created": "2023-06-24T19:24:50.000+0000"}, "created_at", "2023-06-24T19:24:50.000Z"),
        ({"created": None}, "created_at", None),
        ({"customfield_1": {"deep": {"er": [1]}}}, "fields", {"deep": {"er": [1]}}),
        ({"customfield_1": ""}, "fields", ""),
        ({"customfield_1": 0}, "fields", 0),
        ({"something_new": {"x": [1]}}, "title", ""),
    ],
    ids=str,
)
async def test_fields_of_an_issue(fields: dict[str, Any], name: str, value: object) -> None:
    found = getattr(await item(**fields), name)
    if name == "author":
        found = found.name
    elif name == "fields":
        found = found["customfield_1"]
    assert found == value


async def test_a_field_of_the_site_never_hides_one_of_ours() -> None:
    whole = {
        **ISSUE,
        "fields": {**FIELDS, "priority": {"name": "High"}, "customfield_1": "mine"},
        "names": {"customfield_1": "priority"},
    }
    found = await answering(whole).item(ONE)
    assert found.fields["priority"] == "High"


async def test_a_field_of_the_site_that_is_a_document() -> None:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": "words"}]}
    document = {"type": "doc", "version": 1, "content": [paragraph]}
    assert (await item(customfield_1=document)).fields["customfield_1"] == "words"


async def test_a_moved_issue_says_where_it_is_now() -> None:
    found = await answering({**ISSUE, "key": "NEW-1", "fields": {"project": {"id": "2"}}}).item(ONE)
    assert (found.container_id, found.fields["key"]) == ("2", "NEW-1")


@pytest.mark.parametrize(
    "fields",
    [
        {"summary": 7},
        {"status": "Done"},
        {"labels": "a"},
        {"labels": [7]},
        {"created": "yesterday"},
        {"created": 1687634690000},
        {"resolutiondate": "2023-13-24T19:24:50.000+0000"},
        {"subtasks": [{"key": "EX-8"}]},
        {"assignee": "ada"},
    ],
    ids=str,
)
async def test_nonsense_in_an_issue_is_unreadable_and_no_crash(fields: dict[str, Any]) -> None:
    with pytest.raises(UnreadableAnswer):
        await item(**fields)
    listed = {"issues": [{**ISSUE, "fields": {**FIELDS, **fields}}]}
    with pytest.raises(UnreadableAnswer):
        await answering(listed).items(ItemQuery(container_id="1"))


@pytest.mark.parametrize(
    ("page", "following"),
    [
        ({"issues": [], "isLast": True}, None),
        ({"issues": []}, None),
        ({"issues": [], "nextPageToken": None}, None),
        # The last page may have a token all the same.
        ({"issues": [], "isLast": True, "nextPageToken": "t"}, None),
        ({"issues": [], "isLast": False, "nextPageToken": "t"}, "2.t"),
        ({"issues": [], "nextPageToken": "t"}, "2.t"),
    ],
    ids=str,
)
async def test_where_a_search_ends(page: dict[str, Any], following: str | None) -> None:
    found = await answering(page).items(ItemQuery(container_id="1"))
    assert found.next_token == following


async def test_a_token_that_comes_again_is_a_circle() -> None:
    again = {"issues": [], "nextPageToken": "t"}
    connector = answering(again, again)
    first = await connector.items(ItemQuery(container_id="1"))
    with pytest.raises(UnreadableAnswer, match="form it documents"):
        await connector.items(ItemQuery(container_id="1", token=first.next_token))


@pytest.mark.parametrize(
    ("page", "following"),
    [
        ({"comments": [{"id": "1"}], "total": 2}, "2.1"),
        ({"comments": [{"id": "1"}], "total": 1}, None),
        # Some were deleted meanwhile: an empty page is the last, whatever the total says.
        ({"comments": [], "total": 2}, None),
    ],
    ids=str,
)
async def test_where_comments_end(page: dict[str, Any], following: str | None) -> None:
    found = await answering(page).comments(CommentQuery(item_id="7"))
    assert found.next_token == following


@pytest.mark.parametrize(
    ("page", "following"),
    [
        ({"values": [{"id": "1", "key": "A", "name": "a"}], "isLast": True, "total": 9}, None),
        ({"values": [{"id": "1", "key": "A", "name": "a"}], "isLast": False, "total": 9}, "2.1"),
        ({"values": [{"id": "1", "key": "A", "name": "a"}], "total": 1}, None),
        ({"values": [{"id": "1", "key": "A", "name": "a"}]}, "2.1"),
        ({"values": []}, None),
    ],
    ids=str,
)
async def test_where_projects_end(page: dict[str, Any], following: str | None) -> None:
    found = await answering(page).containers(ContainerQuery())
    assert found.next_token == following


async def test_a_project_with_nothing_but_the_necessary() -> None:
    page = {"values": [{"id": "1", "key": "A", "name": "a", "description": None}]}
    (project,) = (await answering(page).containers(ContainerQuery())).items
    assert (project.type, project.description, project.url) == ("project", None, None)
    assert project.updated_at is None


async def test_a_site_that_the_grant_no_longer_covers() -> None:
    other = {"id": "another", "name": "Other", "scopes": ["read:jira-work"]}
    for sites in ([], [other], [{"id": CLOUD, "name": "x", "scopes": ["read:page:confluence"]}]):
        with pytest.raises(CredentialRefused, match="no longer covers"):
            await answering(PERSON, sites).identify()


async def test_a_site_comes_once_though_it_has_several_entries() -> None:
    site = {"id": CLOUD, "name": "Acme", "url": "https://acme.atlassian.net"}
    sites = [
        {**site, "scopes": ["read:page:confluence", "search:confluence"]},
        {**site, "scopes": ["read:jira-work"]},
        {**site, "scopes": ["read:issue:jira"]},
        {"id": "c", "name": "Docs only", "scopes": ["read:page:confluence"]},
        {"id": "n", "name": "No scopes"},
    ]
    selection = await answering(sites).choices()
    assert [option.value for option in selection.options] == [CLOUD]


@pytest.mark.parametrize("sites", [{}, [7], [{"name": "x"}], "x"], ids=str)
async def test_nonsense_about_sites(sites: Any) -> None:
    with pytest.raises(UnreadableAnswer):
        await answering(sites).choices()


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        ("Finish", "1"),
        ("finish", "1"),
        ("Done", None),
        ("Twice", None),
        ("Closed", "4"),
        ("Nothing", None),
        ("7", "7"),
    ],
)
async def test_a_transition_is_taken_only_if_its_name_is_one_of_a_kind(
    wanted: str, sent: str | None
) -> None:
    ways = [
        {"id": "1", "name": "Finish", "to": {"name": "Done"}},
        {"id": "2", "name": "Twice", "to": {"name": "Done"}},
        {"id": "3", "name": "Twice", "to": {"name": "Open"}},
        {"id": "4", "name": "Closed", "to": {"name": "Over"}},
    ]
    bodies: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        is_change = request.method == "POST"
        content = b"" if is_change else msgspec.json.encode({"transitions": ways})
        return httpx.Response(204 if is_change else 200, content=content)

    connector = over(handler)
    arguments = TransitionIssue(issue="EX-1", transition=wanted)
    if sent is None:
        with pytest.raises(ValidationFailed, match=r"Finish \(1\), Twice \(2\)"):
            await transition_issue(connector, arguments)
        return
    assert (await transition_issue(connector, arguments)).id == "EX-1"
    assert msgspec.json.decode(bodies[-1]) == {"transition": {"id": sent}}
