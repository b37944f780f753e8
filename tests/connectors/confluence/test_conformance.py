"""Confluence passes the suite that every connector must pass."""

from typing import ClassVar

from src.sandbox.atlassian.people import ACME
from src.testing import ConnectorConformance
from tests.connectors.confluence.deeds import STREAMS


class TestConfluence(ConnectorConformance):
    connector_id = "confluence"
    token = "eyJ-sandbox-mia"
    auth_method = "oauth2"
    config: ClassVar = {"cloudId": ACME.id}
    container = "space:98305"
    item = "page:98490"
    word = "kraken"
    attacks = (
        'x" or space = "DOCS" or title ~ "x',
        'kraken") or (space = DOCS',
        'kraken\\" or space = DOCS or text ~ \\"kraken',
        "kraken OR schläft",
        'kraken" or type = page order by title asc',
    )
    streams: ClassVar = STREAMS
    resource_parents: ClassVar = {"confluence_page": "folder:98500"}
    # The second one gives all authors their names.
    requests: ClassVar = {"items": 2, "item": 2, "comments": 2}
    tools: ClassVar = {
        "confluence_create_page": {"space_id": "space:98305", "title": "New", "body": "Said"},
        "confluence_update_page": {
            "page_id": "page:98487",
            "title": "Overview",
            "body": "Changed",
            "version": 3,
        },
        "confluence_add_comment": {"page_id": "page:98487", "body": "Said"},
    }
