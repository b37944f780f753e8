"""Jira passes the suite that every connector must pass."""

from typing import ClassVar

from src.sandbox.atlassian.people import ACME
from src.testing import ConnectorConformance
from tests.connectors.jira.deeds import streams

ATTACKS = (
    'x" OR project = MKT OR summary ~ "theme',
    'theme") OR (project = SEC',
    "theme ORDER BY updated DESC, project",
    "project in (EX, MKT)",
    'zzz* OR project != "EX" OR text ~ zzz',
)


TOOLS = {
    "jira_create_issue": {"project": "EX", "summary": "New", "description": "One\n\nTwo"},
    "jira_update_issue": {"issue": "EX-9", "summary": "Changed"},
    "jira_add_comment": {"issue": "EX-9", "body": "Said"},
    "jira_list_transitions": {"issue": "EX-9"},
    "jira_transition_issue": {"issue": "EX-9", "transition": "31"},
    "jira_assign_issue": {"issue": "EX-9", "assignee": None},
    "jira_search_issues": {"jql": "project = EX", "limit": 5},
}


class Jira(ConnectorConformance):
    """What all of Jira's ways have in common."""

    connector_id = "jira"
    container = "10000"
    item = "10104"
    word = "theme"
    attacks = ATTACKS
    tools = TOOLS
    resource_parents: ClassVar = {"jira_issue": "10000", "jira_board": "10000"}


class TestCloudByOAuth(Jira):
    auth_method = "oauth2"
    token = "eyJ-sandbox-mia"
    config: ClassVar = {"cloudId": ACME.id}
    streams: ClassVar = streams(is_server=False)


class TestCloudByApiToken(Jira):
    graded_elsewhere = True
    auth_method = "apiToken"
    token = "ATATT-sandbox-mia"
    config: ClassVar = {"siteUrl": "https://acme.atlassian.net", "email": "mia@example.com"}
    streams_elsewhere = ("issues", "comments")


class TestDataCenter(Jira):
    auth_method = "pat"
    token = "PAT-sandbox-mia"
    config: ClassVar = {"serverUrl": "https://jira.example.com/jira"}
    streams: ClassVar = streams(is_server=True)
