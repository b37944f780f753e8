"""Salesforce as data. Sources: developer.salesforce.com and help.salesforce.com."""

from __future__ import annotations

from pydantic import SecretStr

from src.connectors.grade import Grade
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Deletions,
    KeyField,
    Manifest,
    ResourceType,
    ScopeRules,
    Stream,
    UpdatedSince,
)
from src.connectors.rest.client import Dialect
from src.core.oauth import OAuth2App

from .config import LOGIN, TOLD, TYPED, Config, Settings, login_site
from .ids import LOCATOR, OBJECT, RECORD
from .mapping import OBJECTS_TYPE, RECORDS_TYPE
from .oauth import OAUTH
from .refusals import classify, rate_limit
from .scopes import API, FULL, IDENTITY, OFFLINE, REFRESH
from .tools import TOOLS

MANIFEST = Manifest(
    id="salesforce",
    version="0.1.0",
    api_version=2,
    name="Salesforce",
    description="Objects and their records: accounts, cases, your own.",
    category="example",
    grade=Grade.GOLD,
    docs_url="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/",
    # Each org has a host of its own (`home`); here people only log in.
    api_url=LOGIN,
    auth_methods=(
        AuthMethod(
            id="oauth2",
            kind=AuthKind.OAUTH2,
            label="Sign in with Salesforce",
            oauth2=OAUTH,
            site=login_site,
            home=TOLD,
        ),
        AuthMethod(
            id="accessToken",
            kind=AuthKind.API_KEY,
            label="Access token",
            home=TYPED,
            fields=(
                KeyField(
                    name="apiKey",
                    label="Access token",
                    secret=True,
                    help="Such as `sf org display --verbose` shows; it ends with the session.",
                ),
                KeyField(
                    name="config.instanceUrl",
                    label="Instance URL",
                    secret=False,
                    help="Such as https://acme.my.salesforce.com.",
                ),
            ),
        ),
        AuthMethod(
            id="import",
            kind=AuthKind.IMPORT,
            label="Tokens of an app of yours",
            site=login_site,
            home=TOLD,
        ),
    ),
    scopes=ScopeRules(
        default=(API,),
        always=(IDENTITY, REFRESH),
        by_capability=dict.fromkeys(
            ("containers", "items", "comments", "resources", "tools", "sync"), (API,)
        ),
        implied={FULL: (API, IDENTITY), OFFLINE: (REFRESH,)},
    ),
    resource_types=(
        ResourceType(name=OBJECTS_TYPE, label="Object", scopes=(API,)),
        ResourceType(
            name=RECORDS_TYPE,
            label="Record",
            parent=OBJECTS_TYPE,
            needs_parent=True,
            scopes=(API,),
        ),
    ),
    tools=TOOLS,
    streams=(
        Stream(
            name="records",
            incremental=True,
            deletions=Deletions.FEED,
            checkpoint=UpdatedSince,
            scopes=(API,),
        ),
    ),
    config_model=Config,
    settings_model=Settings,
    dialect=Dialect(
        headers={"Accept": "application/json"},
        path_patterns={"object": OBJECT, "record": RECORD, "locator": LOCATOR},
        classify=classify,
        rate_limit=rate_limit,
    ),
    sandbox=".sandbox:create_app",
    sandbox_app=OAuth2App("sandbox-salesforce-app", SecretStr("sandbox-salesforce-secret")),
)
