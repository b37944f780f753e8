"""Google passes the suite that every connector must pass, here with Drive's landmarks."""

from typing import ClassVar

from src.testing import ConnectorConformance
from tests.connectors.google.deeds import FILES
from tests.connectors.google.samples import (
    CALENDAR_TOOLS,
    DRIVE_PARENTS,
    DRIVE_TOOLS,
    MAIL_PARENTS,
    MAIL_TOOLS,
    ROOT,
    SHEETS_TOOLS,
)


class TestDrive(ConnectorConformance):
    connector_id = "google"
    token = "ya29.sandbox-ann"
    auth_method = "oauth2"
    streams: ClassVar = {"files": FILES}
    streams_elsewhere = ("messages", "events")
    tools: ClassVar = {**DRIVE_TOOLS, **SHEETS_TOOLS, **MAIL_TOOLS, **CALENDAR_TOOLS}
    resource_parents: ClassVar = {**DRIVE_PARENTS, **MAIL_PARENTS}
    container = "drive:folder:1ManyFilesFolder000000000000"
    item = "drive:file:1RoadmapDocument000000000000"
    parent = ROOT
    word = "theme"
    limit = 50
    requests: ClassVar = {
        "items": 51,
        "item": 2,
    }  # Drive gives a text only in an answer of its own.
    attacks = (
        "' or name contains 'theme",
        "\\' or fullText contains \\'theme",
        "theme') or (name contains 'theme",
        "' or '1LegalDocument00000000000000' in parents or name contains '",
        "x' or sharedWithMe = true or name = 'x",
        "' in parents or 'root' in parents or name contains '",
    )
