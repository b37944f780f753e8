"""Confluence Cloud as data. Source: developer.atlassian.com/cloud/confluence/rest/v2."""

from __future__ import annotations

import re

from pydantic import SecretStr

from src.connectors.app_limits import AppLimit
from src.connectors.atlassian.oauth import API_URL
from src.connectors.atlassian.refusals import rate_limit
from src.connectors.atlassian.sites import CLOUD_ID
from src.connectors.atlassian.ways import (
    BY_CONSENT,
    BY_SITE_TOKEN,
    CLOUD_ID_FIELD,
    CloudConfig,
    by_scoped_token,
)
from src.connectors.confluence import scopes
from src.connectors.confluence.ids import COLLECTIONS
from src.connectors.confluence.refusals import classify
from src.connectors.confluence.tools import TOOLS
from src.connectors.grade import Grade
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Deletions,
    Manifest,
    ResourceType,
    ScopeRules,
    Stream,
    UpdatedSince,
)
from src.connectors.rest.client import Dialect
from src.core.oauth import OAuth2App
from src.models.record import RecordKind

COMMENTS = "comments"
NUMBER = re.compile(r"[0-9]{1,19}")


MANIFEST = Manifest(
    id="confluence",
    version="0.1.0",
    name="Confluence",
    description="Spaces, pages, blog posts, their tree and their comments.",
    category="knowledge",
    grade=Grade.GOLD,
    docs_url="https://developer.atlassian.com/cloud/confluence/rest/v2/intro/",
    api_url=API_URL,
    auth_methods=(
        BY_CONSENT,
        BY_SITE_TOKEN,
        by_scoped_token(f"to read {' '.join(scopes.READ)}"),
        AuthMethod(
            id="import",
            kind=AuthKind.IMPORT,
            label="Import a token",
            fields=(CLOUD_ID_FIELD,),
        ),
    ),
    scopes=ScopeRules(
        default=(scopes.OFFLINE, *scopes.READ),
        by_capability={
            "containers": (scopes.SPACES,),
            "items": (scopes.PAGES,),
            "comments": (scopes.COMMENTS,),
            "resources": (scopes.SPACES, scopes.PAGES, scopes.TREE),
            "sync": (scopes.SPACES, scopes.PAGES),
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
    streams=(
        Stream(
            name="pages",
            incremental=True,
            deletions=Deletions.SWEEP,
            checkpoint=UpdatedSince,
            scopes=(scopes.SPACES, scopes.PAGES),
        ),
        Stream(
            name=COMMENTS,
            kind=RecordKind.COMMENT,
            incremental=True,
            deletions=Deletions.SWEEP,
            checkpoint=UpdatedSince,
            scopes=(scopes.SPACES, scopes.PAGES, scopes.COMMENTS),
        ),
    ),
    # Atlassian, "Rate limiting": Tier 1, one pool for an app over all of its sites.
    app_limit=AppLimit(points_per_hour=65_000, reserve=6_500),
    config_model=CloudConfig,
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
