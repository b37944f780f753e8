"""Where an org is, and what of it is synchronized.

An org answers at its own host, which comes with the token as ``instance_url``; people log in at
``login.salesforce.com``, in sandboxes at ``test.salesforce.com``, or at their My Domain. Sources:
help.salesforce.com, "My Domain URL Formats" and "OAuth 2.0 Web Server Flow".
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from src.connectors.homes import Home
from src.connectors.manifest import Site
from src.connectors.site_addresses import site_origin
from src.models.base import Model

LOGIN = "https://login.salesforce.com"
AUTHORIZE_PATH = "/services/oauth2/authorize"
TOKEN_PATH = "/services/oauth2/token"  # noqa: S105  a path
REVOKE_PATH = "/services/oauth2/revoke"
OBJECTS = ("Account", "Contact", "Lead", "Opportunity", "Case", "Task")
OBJECT_PATTERN = r"^[A-Za-z][A-Za-z0-9_]{0,79}$"
_SUCH_AS = "https://acme.my.salesforce.com"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_MY_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})?\.my\.salesforce\.(?:com|mil)"
ORGS = re.compile(_MY_DOMAIN)
"""Where an org's API is: at its My Domain, perhaps in a partition (``sandbox``, ``develop``).

Every org has one and is told to be there. Hosts of instances (``na123.salesforce.com``) are on
their way out, and below ``force.com`` are pages and customers' sites: neither gets a credential.
"""
LOGINS = re.compile(rf"(?:login|test)\.salesforce\.com|{_MY_DOMAIN}")
"""Where people log in, and the app's secret goes."""

TOLD = Home(field="instanceUrl", hosts=ORGS, such_as=_SUCH_AS, told_as="instance_url")
TYPED = Home(field="instanceUrl", hosts=ORGS, such_as=_SUCH_AS)


def _at(hosts: re.Pattern[str]) -> AfterValidator:
    def own_host(text: str) -> str:
        origin = site_origin(text, such_as=_SUCH_AS)
        if hosts.fullmatch(urlsplit(origin).netloc) is None:
            raise ValueError(f"must be an address such as {_SUCH_AS}")
        return origin

    return AfterValidator(own_host)


class Config(Model):
    """Which org; the token answer of OAuth fills in ``instanceUrl`` by itself."""

    instance_url: Annotated[str, _at(ORGS)] | None = Field(
        default=None, description="The org's own address, as Salesforce tells it with a token."
    )
    login_url: Annotated[str, _at(LOGINS)] | None = Field(
        default=None,
        description="Where people log in, if not at login.salesforce.com: "
        "https://test.salesforce.com or a My Domain. It needs an OAuth app of your own.",
    )


class Settings(Model):
    """What the stream of records reads when a job names no containers."""

    objects: tuple[Annotated[str, Field(pattern=OBJECT_PATTERN)], ...] = Field(
        default=OBJECTS,
        min_length=1,
        max_length=50,
        description="API names of the objects that are synchronized.",
    )


def login_site(config: Config) -> Site | None:
    """Where people log in, for those who named another host; the API stays at the org's own."""
    if config.login_url is None:
        return None
    return Site(
        api_url=config.login_url,
        authorize_url=config.login_url + AUTHORIZE_PATH,
        token_url=config.login_url + TOKEN_PATH,
        revoke_url=config.login_url + REVOKE_PATH,
    )
