"""Where a Jira is: a site of the cloud by its id or address, or a server of one's own."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from src.connectors.atlassian.ways import CloudConfig
from src.connectors.manifest import Site
from src.connectors.site_addresses import ORIGIN
from src.models.base import Model

_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]{1,100}){0,5}")


def _server_url(text: str) -> str:
    """An origin, and the context path that a server may have."""
    bare = text.strip().rstrip("/")
    origin = ORIGIN.match(bare)
    path = bare[origin.end() :] if origin else ""
    if origin is None or _PATH.fullmatch(path) is None or "/." in path:
        raise ValueError("must be an address such as https://jira.acme.com/jira")
    return f"{origin[0].lower()}{path}"


class Config(CloudConfig):
    """A site of the cloud, or a server; which, depends on the way to authorize."""

    server_url: Annotated[str, AfterValidator(_server_url)] | None = Field(
        default=None, description="Jira Data Center: its base address, with a context path if any."
    )


class Settings(Model):
    """What a caller may change at any time."""

    list_fields: tuple[Annotated[str, Field(pattern=r"^customfield_[0-9]{1,10}$")], ...] = Field(
        default=(),
        max_length=20,
        description="Fields of the site's own that lists hold, too, by their ids: a single issue "
        "has all of them.",
    )


def site_of_server(config: Config) -> Site | None:
    """The address of a data center."""
    return Site(api_url=config.server_url) if config.server_url else None
