"""Where a database is and who reads it, and what its columns mean."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from src.connectors.manifest import Site
from src.connectors.tcp import Tls, checked_certificates
from src.models.base import Model

DEFAULT_PORT = 5432
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?")
_NAME = r"^[^\x00-\x1f]{1,63}$"


def _host(text: str) -> str:
    host = text.strip().lower()
    if _HOST.fullmatch(host) is None:
        raise ValueError("must be a host such as db.example.com, without port or user")
    return host


class Config(Model):
    """How a database is reached. The password is not here: it is the connection's key."""

    host: Annotated[str, Field(max_length=255), AfterValidator(_host)] = Field(
        description="db.example.com, or an IPv4 address."
    )
    port: int = Field(default=DEFAULT_PORT, ge=1, le=65535, description="5432 unless it was moved.")
    database: str = Field(pattern=_NAME, description="The database that is connected to.")
    user: str = Field(pattern=_NAME, description="The role that reads: see the README.")
    certificates: (
        Annotated[str, Field(max_length=65_536), AfterValidator(checked_certificates)] | None
    ) = Field(
        default=None,
        description="The authority that signed the server's certificate, in PEM form; absent ="
        " a public one.",
    )
    tls: bool = Field(
        default=True,
        description="false connects in the clear, which only a host that the operator allows may"
        " be asked for.",
    )

    @property
    def how(self) -> Tls:
        """How the server is known."""
        return Tls(certificates=self.certificates, off=not self.tls)


class Settings(Model):
    """What columns mean; anybody may change it at any time."""

    updated_column: str = Field(
        default="updated_at",
        min_length=1,
        max_length=63,
        description="The column that says when a row was changed, where a table has it: behind"
        " updatedSince, and behind incremental runs.",
    )
    title_column: str | None = Field(
        default=None, max_length=63, description="What a row is called by, where a table has it."
    )


def site_of(config: Config) -> Site:
    """The server of a configuration."""
    return Site(api_url=f"tcp://{config.host}:{config.port}")
