"""Where GitHub is: github.com, a server of one's own, or a subdomain of ghe.com."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from src.connectors.manifest import Site
from src.connectors.site_addresses import site_origin

PUBLIC = "https://github.com"
_OURS = frozenset({PUBLIC, "https://www.github.com", "https://api.github.com"})
_CLOUD = re.compile(r"[a-z0-9-]{1,63}\.ghe\.com")


class GitHubConfig(BaseModel):
    """Which GitHub a connection is for."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    base_url: str | None = Field(
        default=None,
        alias="baseUrl",
        title="Base url",
        max_length=255,
        description="Address of a GitHub Enterprise Server, like https://github.acme.com",
    )

    @field_validator("base_url")
    @classmethod
    def _check(cls, value: str | None) -> str | None:
        if value is None:
            return None
        return site_origin(value, such_as="https://github.acme.com", without="/api/v3")

    @property
    def web(self) -> str:
        """Where people look at things."""
        return PUBLIC if self.base_url is None or self.base_url in _OURS else self.base_url

    @property
    def server(self) -> str | None:
        """Host of a server of one's own."""
        return None if self.web == PUBLIC else urlsplit(self.web).netloc


def site_of(config: GitHubConfig) -> Site | None:
    """The addresses of a server of one's own; None for github.com.

    Sources: docs.github.com/enterprise-server, "Getting started with the REST API"; for ghe.com
    docs.github.com/enterprise-cloud, "About the APIs with data residency".
    """
    web, host = config.web, config.server
    if host is None:
        return None
    api = f"https://api.{host}" if _CLOUD.fullmatch(host) else f"{web}/api/v3"
    return Site(
        api_url=api,
        authorize_url=f"{web}/login/oauth/authorize",
        token_url=f"{web}/login/oauth/access_token",
        revoke_url=f"{api}/applications/{{client_id}}/token",
    )
