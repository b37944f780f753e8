"""The application with a second connector."""

from collections.abc import AsyncIterator

import pytest

from src.bootstrap import build_container
from src.connectors.registry import ConnectorRegistry, LoadedConnector, discover
from src.connectors.rest.retry import Retrier
from src.core.outbound import Outbound
from tests.api.notes import NOTES_URL, NotesConnector, NotesProvider, WithNotes
from tests.conftest import GITHUB_URL, GitHub, Service, StartService
from tests.fakes.clock import Sleeps


@pytest.fixture
def notes() -> NotesProvider:
    return NotesProvider()


@pytest.fixture
async def notes_service(
    start: StartService, github: GitHub, notes: NotesProvider, sleeps: Sleeps
) -> AsyncIterator[Service]:
    """The application in open mode, with the connector of the notes beside GitHub's."""
    urls = {"github": GITHUB_URL, "notes": NOTES_URL}
    service = await start(connectors={name: {"api_url": url} for name, url in urls.items()})
    container = await build_container(
        service.container.settings,
        ConnectorRegistry({**discover(), "notes": LoadedConnector(NotesConnector, b"<svg/>")}),
        outbound=Outbound(WithNotes(notes, github.network)),
        retrier=Retrier(sleep=sleeps),
    )
    await container.prepare()
    service.app.state.container = container
    yield service
    await container.close()
