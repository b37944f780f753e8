"""The application with a second connector."""

import pytest

from tests.api.notes import DROPINS, NOTES_URL, NotesProvider, WithNotes
from tests.api.oauth import HOST, Host, github_settings
from tests.api.sites import APP, SitesProvider, WithSites
from tests.api.sites import DROPINS as SITES
from tests.conftest import GITHUB_SETTINGS, GitHub, Service, StartService


@pytest.fixture
def notes() -> NotesProvider:
    return NotesProvider()


@pytest.fixture
async def notes_service(start: StartService, github: GitHub, notes: NotesProvider) -> Service:
    """The application in open mode, with the connector of the notes dropped in."""
    github.network = WithNotes(notes, github.network)
    urls = {"github": GITHUB_SETTINGS, "notes": {"api_url": NOTES_URL}}
    return await start(connectors=urls, connector_paths=[DROPINS])


@pytest.fixture
async def host(start: StartService, github: GitHub) -> Host:
    """The application with an OAuth app of the platform's, and a host that uses it."""
    settings = {"connectors": {"github": github_settings()}, "return_url_allowlist": [HOST]}
    return Host(await start(**settings), github)


@pytest.fixture
def sites() -> SitesProvider:
    return SitesProvider()


@pytest.fixture
async def sites_service(start: StartService, github: GitHub, sites: SitesProvider) -> Service:
    """The application with the connector of the sites, and an app of the platform's for it."""
    github.network = WithSites(sites, github.network, "sites.example", "own.example")
    connectors = {"github": github_settings(), "sites": APP}
    return await start(connectors=connectors, connector_paths=[SITES])
