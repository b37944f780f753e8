"""A host that connects Confluence accounts, and the browser of its user at Atlassian."""

from src.sandbox.confluence.app import create_app
from src.sandbox.kit import MemoryStore
from tests.api.atlassian import AtlassianHost, atlassian_host
from tests.api.hosts import callback_of
from tests.conftest import StartService
from tests.fakes.network import Network

CALLBACK = callback_of("confluence")


async def confluence_host(start: StartService, network: Network) -> AtlassianHost:
    """The application over an imitation of Atlassian and of a site of it."""
    return await atlassian_host(start, network, "confluence", create_app(MemoryStore()))
