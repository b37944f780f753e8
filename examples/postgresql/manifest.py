"""PostgreSQL as data. Source: postgresql.org/docs, "Client Authentication"."""

from __future__ import annotations

import re

from src.connectors.grade import Grade
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Deletions,
    KeyField,
    Manifest,
    ResourceType,
    Stream,
    UpdatedSince,
)
from src.connectors.rest.client import Dialect

from .config import Config, Settings, site_of

DATABASE = "postgresql_database"
TABLE = "postgresql_table"
ROWS = "rows"
AT_ONCE = 4
"""Connections that one connection of ours has to a server at the same time: they are dear there."""

MANIFEST = Manifest(
    id="postgresql",
    version="0.1.0",
    api_version=2,
    name="PostgreSQL",
    description="Databases, schemas, tables and their rows, read-only.",
    category="example",
    grade=Grade.GOLD,
    docs_url="https://www.postgresql.org/docs/current/",
    transport="tcp",
    # Each configuration names its own server; there is none that all have.
    api_url="tcp://postgresql.invalid:5432",
    site=site_of,
    auth_methods=(
        AuthMethod(
            id="password",
            kind=AuthKind.API_KEY,
            label="Password of a read-only role",
            signs="basic",
            username="user",
            at_once=AT_ONCE,
            fields=(
                KeyField(
                    name="config.host",
                    label="Host",
                    secret=False,
                    help="db.example.com; it must be reachable from here, with TLS.",
                ),
                KeyField(name="config.port", label="Port", secret=False, required=False),
                KeyField(name="config.database", label="Database", secret=False),
                KeyField(
                    name="config.user",
                    label="Role",
                    secret=False,
                    help="One that may only read: the connector's README has the SQL to make it.",
                ),
                KeyField(name="apiKey", label="Password", secret=True),
                KeyField(
                    name="config.certificates",
                    label="Certificate authority",
                    secret=False,
                    required=False,
                    help="In PEM form, where the server's certificate is not from a public one.",
                ),
            ),
        ),
    ),
    resource_types=(
        ResourceType(name=DATABASE, label="Database"),
        ResourceType(name=TABLE, label="Table", parent=DATABASE, needs_parent=True),
    ),
    streams=(
        Stream(name=ROWS, incremental=True, deletions=Deletions.SWEEP, checkpoint=UpdatedSince),
    ),
    config_model=Config,
    settings_model=Settings,
    dialect=Dialect(path_patterns={"about": re.compile(r"[a-z]{1,20}")}),
    sandbox=".sandbox:create_app",
)
