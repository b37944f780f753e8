"""Gmail passes the suite that every connector must pass."""

from typing import ClassVar

from src.testing import ConnectorConformance
from tests.connectors.google.deeds import MESSAGES
from tests.connectors.google.gmail.test_thread import PLAN
from tests.connectors.google.samples import (
    CALENDAR_TOOLS,
    DRIVE_PARENTS,
    DRIVE_TOOLS,
    MAIL_PARENTS,
    MAIL_TOOLS,
    SHEETS_TOOLS,
)


class TestGmail(ConnectorConformance):
    connector_id = "google"
    token = "ya29.sandbox-ann"
    auth_method = "oauth2"
    streams: ClassVar = {"messages": MESSAGES}
    streams_elsewhere = ("files", "events")
    container = "gmail:label:INBOX"
    item = f"gmail:thread:{PLAN}"
    parent = "gmail:mailbox"
    word = "invoice"
    tools: ClassVar = {**DRIVE_TOOLS, **SHEETS_TOOLS, **MAIL_TOOLS, **CALENDAR_TOOLS}
    resource_parents: ClassVar = {**DRIVE_PARENTS, **MAIL_PARENTS}
    # Gmail lists ids alone; one mail of the page has its text kept apart.
    requests: ClassVar = {"items": 52}
    attacks = (
        "label:Bulk",
        "OR in:anywhere",
        "{label:Bulk in:anywhere}",
        '" OR label:Bulk "',
        "in:spam",
    )
