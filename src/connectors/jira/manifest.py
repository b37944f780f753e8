"""Jira as data. Sources: developer.atlassian.com/cloud/jira/platform and docs.atlassian.com."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict, SecretStr

from src.connectors.app_limits import AppLimit
from src.connectors.atlassian.oauth import API_URL, OAUTH, OFFLINE
from src.connectors.atlassian.refusals import rate_limit
from src.connectors.atlassian.sites import CLOUD_ID
from src.connectors.jira.config import Config, Settings, site_of_cloud, site_of_server
from src.connectors.jira.ids import ISSUE, PROJECT
from src.connectors.jira.pickers import BOARD_SCOPES, READ, RESOURCE_TYPES
from src.connectors.jira.refusals import classify
from src.connectors.jira.tools import TOOLS, WRITE
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    KeyField,
    Manifest,
    ScopeRules,
    Stream,
)
from src.connectors.rest.client import Dialect
from src.core.oauth import OAuth2App

SITE_TOKEN = "apiToken"  # noqa: S105  a name
SCOPED_TOKEN = "scopedToken"  # noqa: S105  a name
PAT = "pat"
USER = "read:jira-user"
_TOKENS = "https://id.atlassian.com/manage-profile/security/api-tokens"


class UpdatedSince(BaseModel):
    """A checkpoint: everything up to this time has been read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    updated_since: AwareDatetime


_EMAIL = KeyField(
    name="config.email", label="E-mail", secret=False, help="Of the account that made the token."
)

MANIFEST = Manifest(
    id="jira",
    version="0.1.0",
    name="Jira",
    description="Projects, issues and their comments, in Jira Cloud and Jira Data Center.",
    category="planning",
    docs_url="https://developer.atlassian.com/cloud/jira/platform/rest/v3/",
    api_url=API_URL,
    auth_methods=(
        AuthMethod(id="oauth2", kind=AuthKind.OAUTH2, label="Sign in with Atlassian", oauth2=OAUTH),
        AuthMethod(
            id=SITE_TOKEN,
            kind=AuthKind.API_KEY,
            label="API token (Cloud)",
            signs="basic",
            username="email",
            site=site_of_cloud,
            fields=(
                KeyField(name="apiKey", label="API token", secret=True, help=f"Made at {_TOKENS}."),
                _EMAIL,
                KeyField(
                    name="config.siteUrl",
                    label="Site",
                    secret=False,
                    help="Such as https://acme.atlassian.net.",
                ),
            ),
        ),
        AuthMethod(
            id=SCOPED_TOKEN,
            kind=AuthKind.API_KEY,
            label="API token with scopes (Cloud)",
            signs="basic",
            username="email",
            fields=(
                KeyField(
                    name="apiKey",
                    label="API token with scopes",
                    secret=True,
                    help=f"Made at {_TOKENS} with the scopes {READ} and {USER}; {WRITE} to write.",
                ),
                _EMAIL,
                KeyField(
                    name="config.cloudId",
                    label="Cloud id",
                    secret=False,
                    help="What https://<site>.atlassian.net/_edge/tenant_info says.",
                ),
            ),
        ),
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
        optional=BOARD_SCOPES,
        by_capability={
            "containers": (READ,),
            "items": (READ,),
            "comments": (READ,),
            "resources": (READ,),
            "tools": (READ, WRITE),
        },
    ),
    resource_types=RESOURCE_TYPES,
    tools=TOOLS,
    streams=(Stream(name="issues", incremental=True, deletions=False, checkpoint=UpdatedSince),),
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
        },
        classify=classify,
        rate_limit=rate_limit,
    ),
    sandbox="src.sandbox.jira.app:create_app",
    sandbox_app=OAuth2App("sandbox-jira-3lo-app", SecretStr("sandbox-jira-3lo-secret")),
)
