"""What was written for version 1 of the plugin interface passes the suite of today."""

from src.connectors.versions import FIRST_API_VERSION, OLDEST_API_VERSION
from src.testing import ConnectorConformance
from tests.testing.library import TOKEN


class TestShelfOf1(ConnectorConformance):
    connector_id = "shelf"
    module = "tests.testing.versions.one.shelf.connector"
    token = TOKEN
    container = "shelf:1"
    item = "1:1"
    word = "whale"
    attacks = ("shelf:2", '" shelf:2 "')


def test_it_is_taken_as_long_as_the_oldest_version_says_so() -> None:
    assert FIRST_API_VERSION == OLDEST_API_VERSION == 1
