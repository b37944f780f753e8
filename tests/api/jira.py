"""A host that connects Jira accounts, and the browser of its user at Atlassian."""

from typing import Any

from src.sandbox.atlassian.oauth import app_of
from src.sandbox.jira.app import create_app
from src.sandbox.kit import MemoryStore
from tests.api.atlassian import AtlassianHost, atlassian_host
from tests.api.hosts import callback_of
from tests.conftest import StartService
from tests.fakes.network import Network

SERVER_HOST = "jira.example.com"
APP = app_of("jira")
START = "/api/connectors/jira/connect"
CALLBACK = callback_of("jira")
OWN_CALLBACK = f"http://localhost:8000{CALLBACK}"


async def jira_host(start: StartService, network: Network, **settings: Any) -> AtlassianHost:
    """The application over an imitation of Atlassian, of a site of it, and of a data center."""
    imitation = create_app(MemoryStore(), **settings)
    return await atlassian_host(start, network, "jira", imitation, [SERVER_HOST])
