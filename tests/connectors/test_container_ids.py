"""What can be no container of a stream is refused by its form; nobody is asked."""

import pytest

from src.connectors.base import Syncs
from src.connectors.registry import discover
from src.core.errors import ValidationFailed

REGISTRY = discover()


def check(connector_id: str, stream: str, container_id: str) -> None:
    connector_class = REGISTRY[connector_id].connector_class
    assert issubclass(connector_class, Syncs)
    connector_class.check_container(stream, container_id)


@pytest.mark.parametrize(
    ("connector_id", "stream", "container_id"),
    [
        ("confluence", "pages", "space:12"),
        ("garmin", "activities", "activities:running"),
        ("garmin", "daily", "gear"),
        ("github", "issues", "repo:1296269"),
        ("github", "repositories", "org:octo-org"),
        ("google", "events", "calendar:list:primary"),
        ("google", "files", "drive:folder:1AbC"),
        ("google", "messages", "gmail:label:INBOX"),
        ("jira", "issues", "10000"),
        ("jira", "comments", "EX"),
        ("strava", "activities", "activities"),
        ("supabase", "rows", "table:@:public:notes"),
    ],
)
def test_an_id_of_the_right_form_is_taken(
    connector_id: str, stream: str, container_id: str
) -> None:
    check(connector_id, stream, container_id)


@pytest.mark.parametrize(
    ("connector_id", "stream", "container_id"),
    [
        ("confluence", "comments", "page:12"),
        ("garmin", "activities", "activities:flying"),
        ("github", "issues", "org:octo-org"),
        ("github", "repositories", "1296269:issue:1"),
        ("google", "events", "drive:folder:1AbC"),
        ("google", "files", "drive:file:1AbC"),
        ("google", "messages", "calendar:list:primary"),
        ("jira", "issues", "EX-12"),
        ("strava", "activities", "activity:1"),
        ("supabase", "rows", "schema:@:public"),
        ("supabase", "rows", "table:abcdefghijklmnopqrst:public:notes"),
    ],
)
def test_the_id_of_something_else_is_refused(
    connector_id: str, stream: str, container_id: str
) -> None:
    with pytest.raises(ValidationFailed, match="containerIds: "):
        check(connector_id, stream, container_id)


def test_every_connector_with_streams_knows_its_containers() -> None:
    for loaded in REGISTRY.values():
        for stream in loaded.manifest.streams:
            with pytest.raises(ValidationFailed):
                check(loaded.manifest.id, stream.name, "no~such@thing")
