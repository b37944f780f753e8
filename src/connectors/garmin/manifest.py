"""Garmin as data. Sources: developer.garmin.com, and what its own apps are seen to do."""

from __future__ import annotations

from pydantic import SecretStr

from src.connectors.garmin.belongings import PICKED_GEAR
from src.connectors.garmin.config import Config, Settings, connect_site, personal_site
from src.connectors.garmin.ids import ACTIVITIES, DAILY, DATE, GEAR, GEAR_ID, KIND, NUMBER, PROFILE
from src.connectors.garmin.oauth import API_URL, OAUTH, PERMISSIONS
from src.connectors.garmin.redeeming import FILE_RENEWAL, KEY_RENEWAL
from src.connectors.garmin.refusals import classify
from src.connectors.garmin.webhooks import spec
from src.connectors.grade import Grade
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Deletions,
    KeyField,
    Manifest,
    NoFields,
    ResourceType,
    ScopeRules,
    Stream,
    UpdatedSince,
)
from src.connectors.rest.client import Dialect
from src.core.oauth import OAuth2App

OAUTH2 = "oauth2"
PERSONAL_KEY = "personalKey"
TOKENS = "tokens"

MANIFEST = Manifest(
    id="garmin",
    version="0.1.0",
    name="Garmin Connect",
    description="Activities, daily summaries, devices and gear.",
    category="fitness",
    grade=Grade.GOLD,
    docs_url="https://developer.garmin.com/gc-developer-program/",
    api_url=API_URL,
    auth_methods=(
        AuthMethod(
            id=PERSONAL_KEY,
            kind=AuthKind.API_KEY,
            label="Personal API key",
            fields=(
                KeyField(
                    name="apiKey",
                    label="Key",
                    secret=True,
                    help="Made at https://connect.garmin.com/app/settings/personalApiToken, for"
                    " your own data and no business. It ends after at most 365 days.",
                ),
            ),
            site=personal_site,
            renewal=KEY_RENEWAL,
            at_once=2,
        ),
        AuthMethod(
            id=OAUTH2,
            kind=AuthKind.OAUTH2,
            label="Sign in with Garmin",
            oauth2=OAUTH,
            delivery="push",
        ),
        AuthMethod(
            id=TOKENS,
            kind=AuthKind.IMPORT,
            label="Token file of garth or garminconnect",
            fields=(
                KeyField(name="token", label="Token file", secret=True),
                KeyField(
                    name="config.domain",
                    label="Domain",
                    secret=False,
                    required=False,
                    help="garmin.com, or garmin.cn for accounts of China.",
                ),
            ),
            site=connect_site,
            renewal=FILE_RENEWAL,
            at_once=4,
        ),
    ),
    scopes=ScopeRules(optional=PERMISSIONS),
    resource_types=(ResourceType(name=PICKED_GEAR, label="Gear"),),
    streams=(
        Stream(
            name=ACTIVITIES,
            incremental=True,
            deletions=Deletions.SWEEP,
            checkpoint=UpdatedSince,
            auth_methods=(PERSONAL_KEY, TOKENS),
        ),
        Stream(
            name=DAILY,
            incremental=True,
            deletions=Deletions.NEVER,
            checkpoint=UpdatedSince,
            auth_methods=(PERSONAL_KEY, TOKENS),
        ),
        # Only with the setting ``syncGear``.
        Stream(
            name=GEAR,
            incremental=False,
            deletions=Deletions.SWEEP,
            checkpoint=NoFields,
            auth_methods=(TOKENS,),
        ),
    ),
    webhooks=spec(OAUTH2),
    config_model=Config,
    settings_model=Settings,
    dialect=Dialect(
        headers={"Accept": "application/json"},
        path_patterns={
            "activity": NUMBER,
            "start": DATE,
            "end": DATE,
            "profile": PROFILE,
            "gear": GEAR_ID,
            "kind": KIND,
        },
        classify=classify,
    ),
    sandbox="src.sandbox.garmin.app:create_app",
    sandbox_app=OAuth2App("3f8e1c5a-sandbox-garmin-app", SecretStr("garmin_sandbox_client_secret")),
    sandbox_consumer=OAuth2App(
        "7b0d2f64-sandbox-consumer", SecretStr("garmin_sandbox_consumer_secret")
    ),
)
