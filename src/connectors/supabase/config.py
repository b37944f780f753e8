"""Where a project is, what may be listed in it, and what its columns mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from src.connectors.manifest import Site
from src.connectors.site_addresses import site_origin
from src.models.base import Model

_OURS = re.compile(r"([a-z0-9]{8,40})\.supabase\.co")
_PUBLIC = "public"


def _project_url(text: str) -> str:
    return site_origin(text, such_as="https://<ref>.supabase.co", without="/rest/v1")


def _names(text: str) -> str:
    if any(not part.strip() for part in text.split(",")):
        raise ValueError("must be names, separated by commas")
    return text


Names = Annotated[str, Field(max_length=4_000), AfterValidator(_names)]


class Config(Model):
    """What a project key needs beside itself; accounts need nothing."""

    project_url: Annotated[str, Field(max_length=255), AfterValidator(_project_url)] | None = Field(
        default=None, description="https://<ref>.supabase.co, or the project's custom domain."
    )
    schemas: Names | None = Field(
        default=None, description="Exposed schemas, separated by commas; absent = public."
    )
    tables: Names | None = Field(
        default=None,
        description="Tables that a publishable key may read, separated by commas: notes, "
        "sales.orders. Such a key cannot list them.",
    )

    @property
    def schema_names(self) -> tuple[str, ...]:
        """The schemas that are listed."""
        named = _split(self.schemas) or [schema for schema, _ in self.table_names]
        return tuple(dict.fromkeys(named or [_PUBLIC]))

    @property
    def table_names(self) -> tuple[tuple[str, str], ...]:
        """Schema and name of each named table; the first schema is meant where none is said."""
        usual = (_split(self.schemas) or [_PUBLIC])[0]
        found = []
        for name in _split(self.tables):
            schema, dot, table = name.partition(".")
            found.append((schema, table) if dot else (usual, name))
        return tuple(dict.fromkeys(found))

    @property
    def host(self) -> str:
        """Where the project answers."""
        return urlsplit(self.project_url or "").netloc

    @property
    def ref(self) -> str | None:
        """The project's ref, which a custom domain does not tell."""
        match = _OURS.fullmatch(self.host)
        return match[1] if match else None


class TableSettings(Model):
    """What the columns of one table mean."""

    table: str = Field(min_length=1, description="Schema and name: public.orders.")
    key: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="The columns that tell its rows apart."
    )
    updated_column: str | None = Field(default=None, description="Says when a row was changed.")
    title_column: str | None = Field(default=None, description="What a row is called by.")
    search_columns: tuple[str, ...] | None = Field(
        default=None, description="Text columns that q looks in."
    )


class Settings(Model):
    """What the columns of a project's tables mean; anybody may change it at any time."""

    updated_column: str = Field(
        default="updated_at",
        min_length=1,
        max_length=63,
        description="The column behind updatedSince and sort, for tables not named below.",
    )
    tables: tuple[TableSettings, ...] = Field(
        default=(), description="Tables that differ, or whose columns cannot be read."
    )

    def of(self, schema: str, table: str) -> Columns:
        """What the columns of a table mean."""
        name = f"{schema}.{table}"
        own = next((one for one in self.tables if one.table == name), TableSettings(table=name))
        return Columns(
            key=own.key,
            updated=own.updated_column or self.updated_column,
            title=own.title_column,
            search=own.search_columns,
        )


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of one table mean; None = nobody has said."""

    key: tuple[str, ...] | None
    updated: str
    title: str | None
    search: tuple[str, ...] | None

    def key_of(self, told: tuple[str, ...]) -> tuple[str, ...]:
        """What a caller has said of the key, else what an id tells."""
        return self.key or told


def site_of_project(config: Config) -> Site | None:
    """The address of a project."""
    return Site(api_url=config.project_url) if config.project_url else None


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
