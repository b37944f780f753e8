"""Whose account it is: the same user has another one at each site."""

from __future__ import annotations

from src.connectors.atlassian.sites import account_id, find_site
from src.connectors.atlassian.ways import CloudConfig
from src.connectors.confluence.paging import Told
from src.connectors.confluence.people import to_person
from src.connectors.confluence.schemas import TenantInfo, User
from src.connectors.rest.client import RestClient
from src.core.errors import CredentialRefused
from src.models.connection import Account

_CONTEXT = "/wiki"


async def of_grant(gateway: RestClient, rest: RestClient, config: CloudConfig) -> Account:
    """By OAuth: the site is one of those that the grant covers.

    Raises:
        CredentialRefused: It is none of them any more.
    """
    user = await _user(rest)
    cloud_id = config.cloud_id or ""
    site = await find_site(gateway, "confluence", cloud_id)
    if site is None:
        raise CredentialRefused("The grant no longer covers the site of this connection.")
    return _account(cloud_id, user, site.name, site.url)


async def of_scoped_token(rest: RestClient, config: CloudConfig) -> Account:
    """By a token with scopes: only Confluence's own links tell the site's address."""
    user = await _user(rest)
    base = (user.links.base if user.links else None) or ""
    site = base.removesuffix(_CONTEXT)
    return _account(config.cloud_id or "", user, _host(site), site or None)


async def of_site(rest: RestClient, config: CloudConfig) -> Account:
    """By an API token: the site tells its id."""
    user = await _user(rest)
    tenant = await rest.get("/_edge/tenant_info", TenantInfo)
    site = config.site_url or ""
    return _account(tenant.cloud_id, user, _host(site), site)


async def _user(rest: RestClient) -> User:
    return await rest.get("/wiki/rest/api/user/current", User)


def _host(address: str) -> str:
    return address.removeprefix("https://")


def _account(cloud_id: str, user: User, site: str, url: str | None) -> Account:
    told = Told()
    told.base = f"{url}{_CONTEXT}" if url else None
    person = to_person(user, told)
    return Account(
        id=account_id(cloud_id, user.account_id),
        name=f"{person.name} @ {site}" if site else person.name,
        url=url,
        avatar_url=person.avatar_url,
    )
