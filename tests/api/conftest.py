"""The application with a second connector."""

import pytest

from tests.api.books import NO_WORKERS, Books, open_books
from tests.api.callers import ADMIN, LOCKED
from tests.api.desk import DESK_URL, Desk
from tests.api.desk import DROPINS as DESK
from tests.api.desk import new_app as new_desk
from tests.api.notes import DROPINS, NOTES_URL, NotesProvider, WithNotes
from tests.api.oauth import HOST, Host, github_settings
from tests.api.sites import APP, SitesProvider, WithSites
from tests.api.sites import DROPINS as SITES
from tests.conftest import GITHUB_SETTINGS, GitHub, Service, StartService
from tests.secrecy import SECRETS
from tests.services.sync.ledger import KEY, Ledger


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


@pytest.fixture
async def desk(start: StartService, github: GitHub) -> Desk:
    """The application with the connector of the desk, which has sites of its own."""
    provider = new_desk()
    for host in ("desk.sandbox", "acme.desk.example", "desk.corp.example"):
        github.network.add(host, provider)
    own = {"api_url": DESK_URL, "client_id": "desk-app", "client_secret": "desk-app-secret"}
    addresses = {
        "authorize_url": f"{DESK_URL}/authorize",
        "token_url": f"{DESK_URL}/token",
    }
    connectors = {"github": GITHUB_SETTINGS, "desk": {**own, **addresses}}
    service = await start(connectors=connectors, connector_paths=[DESK])
    return Desk(service, github.network.requests, provider)


@pytest.fixture
def ledger(github: GitHub) -> Ledger:
    SECRETS.note(KEY)
    provider = Ledger()
    github.network.add("ledger.sandbox", provider.app())
    return provider


@pytest.fixture
async def books(start: StartService, ledger: Ledger) -> Books:
    """The application with the connector of the ledger, working on jobs by itself."""
    return await open_books(start, ledger)


@pytest.fixture
async def idle_books(start: StartService, ledger: Ledger) -> Books:
    """The same without anybody who works: jobs stay queued."""
    return await open_books(start, ledger, jobs_broker_url=NO_WORKERS)


@pytest.fixture
async def locked_books(start: StartService, ledger: Ledger) -> Books:
    """The same, and everybody is asked who they are; its client is the platform."""
    settings = {**LOCKED, "jobs_broker_url": NO_WORKERS}
    return await open_books(start, ledger, ADMIN, **settings)
