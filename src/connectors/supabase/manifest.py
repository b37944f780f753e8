"""Supabase as data. Sources: supabase.com/docs/reference/api and supabase.com/docs/guides/api."""

from __future__ import annotations

import re

from pydantic import SecretStr

from src.connectors.grade import Grade
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
from src.connectors.supabase.config import Config, Settings, site_of_project
from src.connectors.supabase.ids import NAME, REF, SLUG
from src.connectors.supabase.keys import kind_of
from src.connectors.supabase.pickers import RESOURCE_TYPES
from src.connectors.supabase.refusals import classify, rate_limit
from src.connectors.supabase.scopes import DATABASE, DATABASE_WRITE, ORGANIZATIONS, PROJECTS
from src.connectors.supabase.tools import TOOLS
from src.connectors.supabase.webhooks import STREAM, spec
from src.core.oauth import (
    ANY_WORD,
    BodyFormat,
    ClientAuthentication,
    GrantedScopes,
    Meaning,
    OAuth2App,
    OAuth2Spec,
    Pkce,
    Refusal,
    Revocation,
    Step,
)

API_URL = "https://api.supabase.com"
OAUTH2 = "oauth2"
PAT = "pat"
PROJECT_KEY = "projectKey"
LEGACY_KEY = "legacyKey"


# Source: supabase.com/docs, "Build a Supabase OAuth integration". Scopes are fixed on the app; the
# token answer names none, so those that were asked for hold.
OAUTH = OAuth2Spec(
    authorize_url=f"{API_URL}/v1/oauth/authorize",
    token_url=f"{API_URL}/v1/oauth/token",
    revocation=Revocation(
        url=f"{API_URL}/v1/oauth/revoke",
        client_authentication=ClientAuthentication.BODY,
        body=BodyFormat.JSON,
        field="refresh_token",
        sends="refresh",
        hint=False,
    ),
    client_authentication=ClientAuthentication.BASIC,
    pkce=Pkce.YES,
    granted_scopes=GrantedScopes.NOWHERE,
    rotates=True,
    refusals=(
        Refusal(Meaning.CLIENT, "Invalid client credentials"),
        Refusal(Meaning.CLIENT, "invalid_client"),
        Refusal(Meaning.CLIENT, "unauthorized_client"),
        # Its words for a dead grant are documented nowhere; a 401 is about the app.
        *(Refusal(Meaning.GRANT, ANY_WORD, status, Step.REFRESH) for status in (400, 403, 404)),
        Refusal(Meaning.GRANT, "Invalid authorization code", at=Step.EXCHANGE),
    ),
)

_PROJECT = (
    KeyField(
        name="config.projectUrl",
        label="Project URL",
        secret=False,
        help="https://<ref>.supabase.co, or the project's custom domain.",
    ),
    KeyField(
        name="config.schemas",
        label="Schemas",
        secret=False,
        required=False,
        help="Exposed schemas, separated by commas; without any, public.",
    ),
    KeyField(
        name="config.tables",
        label="Tables",
        secret=False,
        required=False,
        help="For a publishable or anon key, which may not list them: notes, sales.orders.",
    ),
)

MANIFEST = Manifest(
    id="supabase",
    version="0.1.0",
    name="Supabase",
    description="Organisations, projects, schemas, tables and their rows.",
    category="databases",
    grade=Grade.GOLD,
    docs_url="https://supabase.com/docs/reference/api",
    api_url=API_URL,
    auth_methods=(
        AuthMethod(id=OAUTH2, kind=AuthKind.OAUTH2, label="Sign in with Supabase", oauth2=OAUTH),
        AuthMethod(
            id=PAT,
            kind=AuthKind.API_KEY,
            label="Access token of an account",
            fields=(
                KeyField(
                    name="apiKey",
                    label="Access token",
                    secret=True,
                    help="sbp_…, from https://supabase.com/dashboard/account/tokens. One with"
                    " chosen permissions needs organizations, projects and database: read.",
                ),
            ),
        ),
        AuthMethod(
            id=PROJECT_KEY,
            kind=AuthKind.API_KEY,
            label="Secret or publishable key of a project",
            signs="header",
            header="apikey",
            site=site_of_project,
            fields=(
                KeyField(
                    name="apiKey",
                    label="Key",
                    secret=True,
                    help="sb_secret_… reads and lists everything; sb_publishable_… only what row"
                    " level security shows to anybody, of the tables named below.",
                ),
                *_PROJECT,
            ),
        ),
        AuthMethod(
            id=LEGACY_KEY,
            kind=AuthKind.API_KEY,
            label="Legacy key of a project (anon, service_role)",
            signs="header",
            header="apikey",
            also_bearer=True,
            site=site_of_project,
            fields=(
                KeyField(
                    name="apiKey",
                    label="Legacy key",
                    secret=True,
                    help="A JWT, eyJ…. Supabase ends these keys with the year 2026: make a secret"
                    " key in its place.",
                ),
                *_PROJECT,
            ),
        ),
    ),
    scopes=ScopeRules(
        default=(ORGANIZATIONS, PROJECTS, DATABASE),
        always=(ORGANIZATIONS,),
        optional=(DATABASE_WRITE,),
        by_capability={
            "containers": (ORGANIZATIONS, PROJECTS, DATABASE),
            "items": (DATABASE,),
            "resources": (ORGANIZATIONS, PROJECTS, DATABASE),
            "tools": (DATABASE,),
        },
    ),
    resource_types=RESOURCE_TYPES,
    tools=TOOLS,
    streams=(
        Stream(
            name=STREAM,
            incremental=True,
            deletions=Deletions.SWEEP,
            checkpoint=UpdatedSince,
            auth_methods=(PROJECT_KEY, LEGACY_KEY),
        ),
    ),
    webhooks=spec((PROJECT_KEY, LEGACY_KEY)),
    config_model=Config,
    settings_model=Settings,
    dialect=Dialect(
        headers={"Accept": "application/json"},
        path_patterns={"ref": REF, "slug": SLUG, "table": re.compile(NAME.pattern, re.DOTALL)},
        classify=classify,
        rate_limit=rate_limit,
        credential_kind=kind_of,
    ),
    sandbox="src.sandbox.supabase.app:create_app",
    sandbox_app=OAuth2App(
        "7f6b4c1e-5a7d-4f0e-9b6a-2f1d3c5e7a90", SecretStr("sba_sandbox_supabase_secret")
    ),
)
