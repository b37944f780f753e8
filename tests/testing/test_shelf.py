"""A connector from outside our package passes the suite as it stands."""

from typing import Any, ClassVar

from src.testing import ConnectorConformance
from tests.testing.library import TOKEN


class TestShelf(ConnectorConformance):
    connector_id = "shelf"
    module = "tests.testing.shelf.connector"
    token = TOKEN
    container = "shelf:1"
    item = "1:1"
    word = "whale"
    resource_parents: ClassVar[dict[str, str]] = {"shelf_place": "shelf:1"}
    tools: ClassVar[dict[str, Any]] = {"shelf_write_note": {"book": "1:1", "text": "Good."}}
    attacks = ("shelf:2", '" shelf:2 "')
