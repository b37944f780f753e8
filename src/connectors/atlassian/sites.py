"""The sites that a grant covers: one consent may open several, and several products of each.

Source: developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps, "Make calls to the API".
"""

from __future__ import annotations

import re
from typing import Literal

from src.connectors.rest.client import RestClient
from src.connectors.rest.decoding import Fragment
from src.models.connection import Option, Selection

Product = Literal["jira", "confluence"]

CLOUD_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
"""For ``Dialect.path_patterns``: the parameter ``cloud`` of ``/ex/<product>/{cloud}``."""

FIELD = "cloudId"
"""The field of a configuration that holds the chosen site."""


class Site(Fragment, rename="camel"):
    """A product at a site: ``id`` is the site's, so that it comes once for each product."""

    id: str
    name: str
    url: str | None = None
    scopes: tuple[str, ...] = ()


async def sites(rest: RestClient, product: Product) -> list[Site]:
    """The sites with this product; the scopes tell which product an entry is about."""
    found = await rest.get("/oauth/token/accessible-resources", list[Site])
    of_product = [site for site in found if any(product in scope for scope in site.scopes)]
    return list({site.id: site for site in of_product}.values())


async def choices(rest: RestClient, product: Product) -> Selection:
    """The sites with this product, for the user to choose from."""
    options = [
        Option(value=site.id, label=site.name, url=site.url) for site in await sites(rest, product)
    ]
    return Selection(field=FIELD, options=tuple(options))


async def find_site(rest: RestClient, product: Product, cloud_id: str) -> Site | None:
    """One site, if the grant covers it still."""
    found = await sites(rest, product)
    return next((site for site in found if site.id == cloud_id), None)


def account_id(site: str, user: str) -> str:
    """Whose account it is: the same user has one at each site."""
    return f"{site}:{user}"
