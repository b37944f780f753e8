"""A connector from outside our package passes the suite as it stands."""

from src.testing import ConnectorConformance
from tests.testing.library import TOKEN


class TestShelf(ConnectorConformance):
    connector_id = "shelf"
    module = "tests.testing.shelf.connector"
    token = TOKEN
    container = "shelf:1"
    item = "1:1"
    word = "whale"
    attacks = ("shelf:2", '" shelf:2 "')
