"""Confluence Cloud as data. Source: developer.atlassian.com/cloud/confluence/rest/v2."""

from __future__ import annotations

import re

from pydantic import AwareDatetime, BaseModel, ConfigDict, SecretStr

from src.connectors.app_limits import AppLimit
from src.connectors.atlassian.oauth import API_URL, OAUTH
from src.connectors.atlassian.refusals import rate_limit
from src.connectors.atlassian.sites import CLOUD_ID
from src.connectors.confluence import scopes
from src.connectors.confluence.config import Config, site_of
from src.connectors.confluence.ids import COLLECTIONS
from src.connectors.confluence.refusals import classify
from src.connectors.confluence.tools import TOOLS
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    KeyField,
    Manifest,
    ResourceType,
    ScopeRules,
    Stream,
)
from src.connectors.rest.client import Dialect
from src.core.oauth import OAuth2App

NUMBER = re.compile(r"[0-9]{1,19}")


class UpdatedSince(BaseModel):
    """A checkpoint: everything up to this time has been read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    updated_since: AwareDatetime


_EMAIL = KeyField(
    name="config.email", label="E-mail", secret=False, help="Of the account that made the token."
)
_CLOUD_ID = KeyField(
    name="config.cloudId",
    label="Cloud ID",
    secret=False,
    help="What https://<your site>.atlassian.net/_edge/tenant_info answers.",
)

MANIFEST = Manifest(
    id="confluence",
    version="0.1.0",
    name="Confluence",
    description="Spaces, pages, blog posts, their tree and their comments.",
    category="knowledge",
    docs_url="https://developer.atlassian.com/cloud/confluence/rest/v2/intro/",
    api_url=API_URL,
    auth_methods=(
        AuthMethod(id="oauth2", kind=AuthKind.OAUTH2, label="Sign in with Atlassian", oauth2=OAUTH),
        AuthMethod(
            id="apiToken",
            kind=AuthKind.API_KEY,
            label="API token",
            signs="basic",
            username="email",
            site=site_of,
            fields=(
                KeyField(
                    name="config.siteUrl",
                    label="Site",
                    secret=False,
                    help="Such as https://acme.atlassian.net.",
                ),
                _EMAIL,
                KeyField(
                    name="apiKey",
                    label="API token",
                    secret=True,
                    help="id.atlassian.com → Security → API tokens → Create API token.",
                ),
            ),
        ),
        AuthMethod(
            id="scopedToken",
            kind=AuthKind.API_KEY,
            label="API token with scopes",
            signs="basic",
            username="email",
            fields=(
                _CLOUD_ID,
                _EMAIL,
                KeyField(
                    name="apiKey",
                    label="API token with scopes",
                    secret=True,
                    help="id.atlassian.com → Security → API tokens → Create API token with scopes."
                    f" Scopes to read: {' '.join(scopes.READ)}.",
                ),
            ),
        ),
        AuthMethod(
            id="import",
            kind=AuthKind.IMPORT,
            label="Import a token",
            fields=(_CLOUD_ID,),
        ),
    ),
    scopes=ScopeRules(
        default=(scopes.OFFLINE, *scopes.READ),
        by_capability={
            "containers": (scopes.SPACES,),
            "items": (scopes.PAGES,),
            "comments": (scopes.COMMENTS,),
            "resources": (scopes.SPACES, scopes.PAGES, scopes.TREE),
        },
        always=(scopes.OFFLINE, scopes.ME),
        optional=(scopes.WRITE_PAGES, scopes.WRITE_COMMENTS),
    ),
    resource_types=(
        ResourceType(name="confluence_space", label="Space", scopes=(scopes.SPACES,)),
        ResourceType(
            name="confluence_page",
            label="Page",
            parent="confluence_space",
            scopes=(scopes.SPACES, scopes.PAGES, scopes.TREE),
        ),
    ),
    tools=TOOLS,
    streams=(Stream(name="pages", incremental=True, deletions=False, checkpoint=UpdatedSince),),
    # Atlassian, "Rate limiting": Tier 1, one pool for an app over all of its sites.
    app_limit=AppLimit(points_per_hour=65_000, reserve=6_500),
    config_model=Config,
    dialect=Dialect(
        headers={"Accept": "application/json"},
        path_patterns={
            "cloud": CLOUD_ID,
            "space": NUMBER,
            "collection": re.compile("|".join(COLLECTIONS.values())),
            "number": NUMBER,
            "comments": re.compile("footer-comments|inline-comments"),
            "comment": NUMBER,
        },
        classify=classify,
        rate_limit=rate_limit,
    ),
    sandbox="src.sandbox.confluence.app:create_app",
    sandbox_app=OAuth2App("sandbox-confluence-3lo-app", SecretStr("sandbox-confluence-3lo-secret")),
)
