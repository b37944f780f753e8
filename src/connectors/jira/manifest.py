"""Jira as data. Sources: developer.atlassian.com/cloud/jira/platform and docs.atlassian.com."""

from __future__ import annotations

from pydantic import SecretStr

from src.connectors.app_limits import AppLimit
from src.connectors.atlassian.oauth import API_URL, OFFLINE
from src.connectors.atlassian.refusals import rate_limit
from src.connectors.atlassian.sites import CLOUD_ID
from src.connectors.atlassian.ways import BY_CONSENT, BY_SITE_TOKEN, by_scoped_token
from src.connectors.grade import Grade
from src.connectors.jira.config import Config, Settings, site_of_server
from src.connectors.jira.ids import ISSUE, NUMBER, PROJECT
from src.connectors.jira.pickers import BOARD_SCOPES, READ, RESOURCE_TYPES
from src.connectors.jira.refusals import classify
from src.connectors.jira.tools import TOOLS, WRITE
from src.connectors.jira.webhooks import HOOKS, SPEC
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Deletions,
    KeyField,
    Manifest,
    ScopeRules,
    Stream,
    UpdatedSince,
)
from src.connectors.rest.client import Dialect
from src.core.oauth import OAuth2App
from src.models.record import RecordKind

PAT = "pat"
USER = "read:jira-user"
COMMENTS = "comments"


MANIFEST = Manifest(
    id="jira",
    version="0.1.0",
    name="Jira",
    description="Projects, issues and their comments, in Jira Cloud and Jira Data Center.",
    category="planning",
    grade=Grade.GOLD,
    docs_url="https://developer.atlassian.com/cloud/jira/platform/rest/v3/",
    api_url=API_URL,
    auth_methods=(
        BY_CONSENT,
        BY_SITE_TOKEN,
        by_scoped_token(f"{READ} and {USER}; {WRITE} to write"),
        AuthMethod(
            id=PAT,
            kind=AuthKind.API_KEY,
            label="Personal access token (Data Center)",
            site=site_of_server,
            fields=(
                KeyField(
                    name="apiKey",
                    label="Personal access token",
                    secret=True,
                    help="Profile → Personal Access Tokens → Create token.",
                ),
                KeyField(
                    name="config.serverUrl",
                    label="Server",
                    secret=False,
                    help="The base address, such as https://jira.acme.com or …/jira.",
                ),
            ),
        ),
    ),
    scopes=ScopeRules(
        default=(READ, USER, WRITE, OFFLINE),
        always=(USER, OFFLINE),
        optional=(*BOARD_SCOPES, HOOKS),
        by_capability={
            "containers": (READ,),
            "items": (READ,),
            "comments": (READ,),
            "resources": (READ,),
            "tools": (READ, WRITE),
            "sync": (READ,),
            "webhooks": SPEC.scopes,
        },
    ),
    resource_types=RESOURCE_TYPES,
    tools=TOOLS,
    streams=(
        Stream(
            name="issues",
            incremental=True,
            deletions=Deletions.SWEEP,
            checkpoint=UpdatedSince,
            scopes=(READ,),
        ),
        Stream(
            name=COMMENTS,
            kind=RecordKind.COMMENT,
            incremental=True,
            deletions=Deletions.SWEEP,
            checkpoint=UpdatedSince,
            scopes=(READ,),
        ),
    ),
    webhooks=SPEC,
    # Atlassian, "Rate limiting": Tier 1, one pool for an app over all of its sites.
    app_limit=AppLimit(points_per_hour=65_000, reserve=6_500),
    config_model=Config,
    settings_model=Settings,
    dialect=Dialect(
        headers={"Accept": "application/json"},
        path_patterns={
            "cloud": CLOUD_ID,
            "project": PROJECT,
            "issue": ISSUE,
            "comment": NUMBER,
        },
        classify=classify,
        rate_limit=rate_limit,
    ),
    sandbox="src.sandbox.jira.app:create_app",
    sandbox_app=OAuth2App("sandbox-jira-3lo-app", SecretStr("sandbox-jira-3lo-secret")),
)
