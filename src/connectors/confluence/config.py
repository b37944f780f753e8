"""Where a Confluence is: a site of the cloud, by its id or its address."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from src.connectors.manifest import Site
from src.connectors.site_addresses import site_origin
from src.models.base import Model


def _site_url(text: str) -> str:
    return site_origin(text, such_as="https://acme.atlassian.net", without="/wiki")


class Config(Model):
    """One of these says where; which, depends on the way to authorize."""

    cloud_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9-]{1,64}$",
        description="A site by its id: what is chosen after consent.",
    )
    site_url: Annotated[str, AfterValidator(_site_url)] | None = Field(
        default=None, description="A site by its address."
    )
    email: str | None = Field(
        default=None,
        pattern=r"^[^\s:@]{1,128}@[^\s:@]{1,191}$",
        description="Whose API token it is.",
    )


def site_of(config: Config) -> Site | None:
    """The address of a site, for API tokens."""
    return Site(api_url=config.site_url) if config.site_url else None
