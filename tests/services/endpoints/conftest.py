"""A stage for the tests of webhooks out."""

import pytest

from src.db.client import Mongo
from src.services.encryption import Encryption
from tests.conftest import TEST_KEY
from tests.services.endpoints.stage import Stage


@pytest.fixture
def encryption() -> Encryption:
    encryption = Encryption(TEST_KEY)
    encryption.adopt_root(encryption.new_root())
    return encryption


@pytest.fixture
def stage(mongo: Mongo, encryption: Encryption) -> Stage:
    return Stage(mongo, encryption)
