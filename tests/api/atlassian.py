"""Hosts that connect Jira and Confluence accounts, and the browser of their user at Atlassian."""

from collections.abc import Iterable
from typing import Any

import httpx
from starlette.types import ASGIApp

from src.sandbox.atlassian.oauth import app_of
from tests.api.hosts import OAuthHost
from tests.conftest import GITHUB_SETTINGS, StartService
from tests.fakes.network import Network

SITE_HOST = "acme.atlassian.net"


class AtlassianHost(OAuthHost):
    """With the imitation's switches."""

    @property
    def atlassian(self) -> httpx.AsyncClient:
        return self.provider

    async def requests(self) -> dict[str, int]:
        """How often each address was asked since the last look."""
        counts: dict[str, int] = (await self.atlassian.get("/_sandbox/requests")).json()
        await self.atlassian.delete("/_sandbox/requests")
        return counts

    async def fault(self, **fault: Any) -> None:
        faults = [fault] if fault else []
        (await self.atlassian.put("/_sandbox/faults", json=faults)).raise_for_status()


async def atlassian_host(
    start: StartService,
    network: Network,
    connector_id: str,
    imitation: ASGIApp,
    others: Iterable[str] = (),
) -> AtlassianHost:
    """The application over an imitation of Atlassian, of a site of it, and of other hosts."""
    url = f"http://{connector_id}.sandbox"
    for name in (f"{connector_id}.sandbox", SITE_HOST, *others):
        network.add(name, imitation)
    app = app_of(connector_id)
    settings = {
        "api_url": url,
        "authorize_url": f"{url}/authorize",
        "token_url": f"{url}/oauth/token",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }
    service = await start(connectors={"github": GITHUB_SETTINGS, connector_id: settings})
    client = httpx.AsyncClient(transport=httpx.ASGITransport(imitation), base_url=url)
    return AtlassianHost(connector_id, service, client, network, "ben")
