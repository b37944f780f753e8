"""Google Calendar passes the suite that every connector must pass."""

from typing import ClassVar

from src.testing import ConnectorConformance
from tests.connectors.google.deeds import EVENTS
from tests.connectors.google.samples import (
    CALENDAR_TOOLS,
    DRIVE_PARENTS,
    DRIVE_TOOLS,
    MAIL_PARENTS,
    MAIL_TOOLS,
    SHEETS_TOOLS,
)


class TestCalendar(ConnectorConformance):
    connector_id = "google"
    token = "ya29.sandbox-ann"
    auth_method = "oauth2"
    streams: ClassVar = {"events": EVENTS}
    streams_elsewhere = ("files", "messages")
    container = "calendar:list:ann@example.com"
    item = "calendar:event:ann@example.com:review1"
    word = "meeting"
    tools: ClassVar = {**DRIVE_TOOLS, **SHEETS_TOOLS, **MAIL_TOOLS, **CALENDAR_TOOLS}
    resource_parents: ClassVar = {**DRIVE_PARENTS, **MAIL_PARENTS}
    limit = 1
    """An event with two comments is the one with the most."""
