"""Google as data. Sources: developers.google.com/workspace and …/identity."""

from __future__ import annotations

from pydantic import SecretStr

from src.connectors.google import scopes
from src.connectors.google.calendar.ids import PATTERNS as CALENDAR_PATTERNS
from src.connectors.google.calendar.pickers import RESOURCE_TYPES as CALENDAR_RESOURCES
from src.connectors.google.calendar.reader import STREAM as EVENTS
from src.connectors.google.calendar.tools import TOOLS as CALENDAR_TOOLS
from src.connectors.google.channels import WEBHOOKS
from src.connectors.google.drive.ids import PATTERNS as DRIVE_PATTERNS
from src.connectors.google.drive.pickers import RESOURCE_TYPES as DRIVE_RESOURCES
from src.connectors.google.drive.reader import STREAM as FILES
from src.connectors.google.drive.tools import TOOLS as DRIVE_TOOLS
from src.connectors.google.gmail.ids import PATTERNS as GMAIL_PATTERNS
from src.connectors.google.gmail.pickers import RESOURCE_TYPES as GMAIL_RESOURCES
from src.connectors.google.gmail.reader import STREAM as MESSAGES
from src.connectors.google.gmail.tools import TOOLS as GMAIL_TOOLS
from src.connectors.google.gmail.units import BACKGROUND
from src.connectors.google.oauth import OAUTH
from src.connectors.google.refusals import classify
from src.connectors.google.sheets.ids import PATTERNS as SHEETS_PATTERNS
from src.connectors.google.sheets.tools import TOOLS as SHEETS_TOOLS
from src.connectors.grade import Grade
from src.connectors.manifest import AuthKind, AuthMethod, Manifest, ScopeRules
from src.connectors.rest.client import Dialect
from src.core.oauth import OAuth2App

BROWSING = (scopes.DRIVE_READ, scopes.GMAIL_READ, scopes.CALENDAR_READ)
"""One for each product; a grant may lack any of them, and browses the others."""

TOOLS = (*DRIVE_TOOLS, *SHEETS_TOOLS, *GMAIL_TOOLS, *CALENDAR_TOOLS)

MANIFEST = Manifest(
    id="google",
    version="0.1.0",
    name="Google",
    description="Files of Drive with their comments, spreadsheets, mail and calendars.",
    category="documents",
    grade=Grade.GOLD,
    docs_url="https://developers.google.com/workspace",
    api_url="https://www.googleapis.com",
    hosts={
        "identity": "https://openidconnect.googleapis.com",
        "sheets": "https://sheets.googleapis.com",
        "gmail": "https://gmail.googleapis.com",
    },
    prefixes=("drive", "sheets", "gmail", "calendar"),
    auth_methods=(
        AuthMethod(id="oauth2", kind=AuthKind.OAUTH2, label="Sign in with Google", oauth2=OAUTH),
        AuthMethod(id="import", kind=AuthKind.IMPORT, label="Import a token"),
    ),
    scopes=ScopeRules(
        default=(*scopes.IDENTITY, *BROWSING),
        always=scopes.IDENTITY,
        optional=tuple(dict.fromkeys(scope for tool in TOOLS for scope in tool.scopes)),
        by_capability=dict.fromkeys(("containers", "items", "comments", "resources"), BROWSING),
        implied=scopes.IMPLIED,
    ),
    resource_types=(*DRIVE_RESOURCES, *GMAIL_RESOURCES, *CALENDAR_RESOURCES),
    tools=TOOLS,
    streams=(FILES, MESSAGES, EVENTS),
    webhooks=WEBHOOKS,
    dialect=Dialect(
        headers={"Accept": "application/json"},
        path_patterns={
            **DRIVE_PATTERNS,
            **SHEETS_PATTERNS,
            **GMAIL_PATTERNS,
            **CALENDAR_PATTERNS,
        },
        classify=classify,
    ),
    background=BACKGROUND,
    sandbox="src.sandbox.google.app:create_app",
    sandbox_app=OAuth2App(
        "sandbox-google.apps.googleusercontent.com", SecretStr("GOCSPX-sandbox-google-secret")
    ),
)
