"""The application with a second connector."""

import pytest

from tests.api.notes import DROPINS, NOTES_URL, NotesProvider, WithNotes
from tests.conftest import GITHUB_URL, GitHub, Service, StartService


@pytest.fixture
def notes() -> NotesProvider:
    return NotesProvider()


@pytest.fixture
async def notes_service(start: StartService, github: GitHub, notes: NotesProvider) -> Service:
    """The application in open mode, with the connector of the notes dropped in."""
    github.network = WithNotes(notes, github.network)
    urls = {"github": {"api_url": GITHUB_URL}, "notes": {"api_url": NOTES_URL}}
    return await start(connectors=urls, connector_paths=[DROPINS])
